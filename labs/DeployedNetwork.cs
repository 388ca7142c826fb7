using System.Diagnostics;
using System.Runtime.InteropServices;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Onnx;
using Sightline.Runtime;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Verification;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Labs;

/// <summary>A trained network as a robot has it: an ONNX file with its contract, fed with images of a camera.</summary>
/// <param name="File">The ONNX file's bytes.</param>
/// <param name="Contract">Its contract.</param>
internal sealed record DeployedNetwork(byte[] File, ModelContract Contract)
{
    private const int Batch = 32;

    /// <summary>Exports a network.</summary>
    /// <param name="network">The trained network.</param>
    /// <param name="name">Its registered name.</param>
    /// <param name="images">The images that it was trained on.</param>
    /// <returns>The file with its contract.</returns>
    public static DeployedNetwork Of(Classifier network, string name, LabImages images)
    {
        (float[] mean, float[] deviation) = images.ChannelStatistics();
        var preprocessing = new Preprocessing(images.Side, images.Side, ResizeRule.Stretch, 0, mean, deviation);
        var contract = new ModelContract(ModelContract.CurrentVersion, ModelContract.ClassificationTask, name, images.Classes, preprocessing, "images", "logits", "lab", "last epoch");
        using var evaluating = new EvaluationMode(network);
        ExportedModel exported = OnnxExporter.Export(network, new ExportOptions
        {
            SampleShape = [3, images.Side, images.Side],
            Metadata = new Dictionary<string, string> { [ModelContract.MetadataKey] = contract.ToJson() },
        });
        return new DeployedNetwork(exported.Bytes, contract);
    }

    /// <summary>What the contract says.</summary>
    /// <param name="image">The camera's image.</param>
    /// <returns>The input.</returns>
    public float[] Right(RgbImage image) => Prepared(image, Contract.Preprocessing);

    /// <summary>The usual faults of a second implementation of the pre-processing.</summary>
    /// <returns>Each with its name.</returns>
    public IEnumerable<(string Name, Func<RgbImage, float[]> Prepare)> Faults()
    {
        Preprocessing p = Contract.Preprocessing;
        yield return ("bgr", image => Swapped(Right(image)));
        yield return ("notNormalised", image => Prepared(image, p with { Mean = [0, 0, 0], Std = [1, 1, 1] }));
        yield return ("notScaled", image => Prepared(image, p with { Mean = [0, 0, 0], Std = [1 / 255f, 1 / 255f, 1 / 255f] }));
        yield return ("imagenetConstants", image => Prepared(image, p with { Mean = [0.485f, 0.456f, 0.406f], Std = [0.229f, 0.224f, 0.225f] }));
        yield return ("centreCrop", image => Prepared(image, p with { Resize = ResizeRule.ShorterSideCenterCrop, ShorterSide = p.Width * 5 / 4 }));
        yield return ("nearest", image => Normalised(Resize.To(image, p.Width, p.Height, Interpolation.Nearest), p));
        yield return ("layout", image => Interleaved(Right(image)));
    }

    /// <summary>Decides on a camera's held-out images.</summary>
    /// <param name="camera">The images, of any size.</param>
    /// <param name="prepare">What makes an input of an image.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>One decision for each.</returns>
    public int[] Decisions(LabImages camera, Func<RgbImage, float[]> prepare, CancellationToken cancellation)
    {
        using ImageClassifier classifier = ImageClassifier.Open(File, Contract.Network);
        int[] decisions = new int[camera.ValidationLabels.Length];
        for (int start = 0; start < decisions.Length; start += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            int n = Math.Min(Batch, decisions.Length - start), classes = Contract.Classes.Count;
            float[] inputs = [.. Enumerable.Range(start, n).SelectMany(i => prepare(ImageOf(camera.Validation, camera, i)))], logits = new float[n * classes];
            classifier.Logits(inputs, n, logits);
            for (int i = 0; i < n; i++)
                decisions[start + i] = LogitComparison.Decision(logits.AsSpan(i * classes, classes));
        }
        return decisions;
    }

    /// <summary>Calibration images of every class alike, and all held-out images to judge.</summary>
    /// <param name="images">The images.</param>
    /// <param name="calibration">How many calibrate.</param>
    /// <returns>Both.</returns>
    public QuantisationImages Judged(LabImages images, int calibration)
    {
        LabImages few = images.Subset(calibration, int.MaxValue, 256);
        return new QuantisationImages
        {
            Calibration = [.. Enumerable.Range(0, few.TrainLabels.Length).Select(i => Right(ImageOf(few.Train, few, i)))],
            Labels = images.ValidationLabels,
            WriteInput = (i, to) => Right(ImageOf(images.Validation, images, i)).CopyTo(to),
        };
    }

    /// <summary>The trained network's own decisions, in float32.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">Images of its size.</param>
    /// <param name="preprocessing">Its pre-processing.</param>
    /// <returns>One decision for each held-out image.</returns>
    public static int[] TorchDecisions(Classifier network, LabImages images, Preprocessing preprocessing)
    {
        using var evaluating = new EvaluationMode(network);
        using IDisposable noGradient = no_grad();
        int[] decisions = new int[images.ValidationLabels.Length];
        for (int start = 0; start < decisions.Length; start += Batch)
        {
            using DisposeScope scope = NewDisposeScope();
            int n = Math.Min(Batch, decisions.Length - start);
            float[] inputs = [.. Enumerable.Range(start, n).SelectMany(i => Prepared(ImageOf(images.Validation, images, i), preprocessing))];
            Tensor logits = network.call(ChannelsLast.Of(tensor(inputs, [n, 3, images.Side, images.Side]))).contiguous();
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(logits.bytes);
            for (int i = 0; i < n; i++)
                decisions[start + i] = LogitComparison.Decision(values.Slice(i * images.Classes.Count, images.Classes.Count));
        }
        return decisions;
    }

    /// <summary>Sets what BatchNorms have gathered back to where it began, as an export of the wrong checkpoint would.</summary>
    /// <param name="network">The network.</param>
    public static void ForgetStatistics(Classifier network)
    {
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor buffer) in network.named_buffers())
        {
            if (name.EndsWith("running_mean", StringComparison.Ordinal))
                buffer.zero_();
            else if (name.EndsWith("running_var", StringComparison.Ordinal))
                buffer.fill_(1);
        }
    }

    /// <summary>The median time of one image through each of two files, in turns, on one thread.</summary>
    /// <param name="first">The first file.</param>
    /// <param name="second">The second.</param>
    /// <param name="passes">Passes of each.</param>
    /// <returns>Milliseconds.</returns>
    public static (double First, double Second) Times(byte[] first, byte[] second, int passes)
    {
        var options = new ClassifierOptions { Threads = 1 };
        using ImageClassifier a = ImageClassifier.Open(first, "float32", options), b = ImageClassifier.Open(second, "int8", options);
        float[] input = new float[a.Contract.Preprocessing.Length], logits = new float[a.Contract.Classes.Count];
        RandomInputs.Write(1, 0, input);
        double[][] times = [new double[passes], new double[passes]];
        for (int pass = -passes / 10; pass < passes; pass++)
        {
            for (int i = 0; i < 2; i++)
            {
                long start = Stopwatch.GetTimestamp();
                (i == 0 ? a : b).Logits(input, 1, logits);
                if (pass >= 0)
                    times[i][pass] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }
        return (times[0].Order().ElementAt(passes / 2), times[1].Order().ElementAt(passes / 2));
    }

    private static RgbImage ImageOf(byte[] pixels, LabImages images, int index) => new(images.Side, images.Side, pixels.AsSpan(index * images.Stride, images.Stride).ToArray());

    private static float[] Prepared(RgbImage image, Preprocessing preprocessing) => Normalised(preprocessing.Fit(image), preprocessing);

    private static float[] Normalised(RgbImage image, Preprocessing preprocessing)
    {
        float[] input = new float[preprocessing.Length];
        preprocessing.Normalize(image, input);
        return input;
    }

    private static float[] Swapped(float[] input)
    {
        int plane = input.Length / 3;
        return [.. input.AsSpan(2 * plane), .. input.AsSpan(plane, plane), .. input.AsSpan(0, plane)];
    }

    private static float[] Interleaved(float[] input)
    {
        int plane = input.Length / 3;
        return [.. Enumerable.Range(0, input.Length).Select(i => input[i % 3 * plane + i / 3])];
    }
}
