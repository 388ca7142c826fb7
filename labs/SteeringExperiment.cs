using System.Globalization;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>How frames are made to count whose angle is rare.</summary>
internal enum SteeringBalance
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Each frame's squared error is divided by the smoothed density of its angle (Yang et al., "Delving into Deep Imbalanced
    /// Regression", ICML 2021, arXiv 2102.09554, section 3: label distribution smoothing).</summary>
    Weights,

    /// <summary>Frames are drawn so that each part of the range of angles comes as often as any other.</summary>
    Sampling,
}

/// <summary>
/// Steering from an image, where driving straight on is most of the data: a Donkey Car's frames, trained on two stretches and held out on
/// the third. A network with one output, squared error.
/// </summary>
/// <param name="context">Seed, progress, cancellation.</param>
/// <param name="balance">How rare angles are made to count.</param>
internal sealed class SteeringExperiment(LabContext context, SteeringBalance balance)
{
    /// <summary>Passes over as many frames as there are.</summary>
    public const int Epochs = 10;

    private const int Width = 64, Height = 48, Batch = 64, Bins = 21, Stride = 3 * Width * Height;
    private const double HighestRate = 2e-3, Bend = 0.5, Straight = 0.05;

    /// <summary>Trains and measures.</summary>
    /// <returns>The mean distance between angles: of all held-out frames, straight on, in bends, and of the mean over these parts; beside
    /// each what always driving straight on would get.</returns>
    public LabOutcome Run()
    {
        Allocator.Configure();
        Nnpack.Disable();
        (byte[] pixels, float[] angles, bool[] held) = context.Quick ? MadeUp() : DonkeyCar();
        int[] train = [.. Enumerable.Range(0, angles.Length).Where(i => !held[i])], rest = [.. Enumerable.Range(0, angles.Length).Where(i => held[i])];
        float[] weights = Weights([.. train.Select(i => angles[i])]);
        using Classifier network = Networks.Create("cifar_resnet8", 1, context.Seed);
        ChannelsLast.Apply(network);
        using ScalarGuard guard = ScalarGuard.Enter();
        using var optimiser = optim.AdamW(network.parameters(), HighestRate, weight_decay: 1e-2);
        var losses = new List<double>();
        int epochs = context.Quick ? 1 : Epochs, perEpoch = Math.Max(1, train.Length / Batch), steps = epochs * perEpoch;
        for (int epoch = 0, done = 0; epoch < epochs; epoch++)
        {
            int[] order = Order(weights, epoch);
            double sum = 0;
            for (int step = 0; step < perEpoch; step++, done++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                guard.AtBoundary();
                using DisposeScope scope = NewDisposeScope();
                int[] chosen = order[(step * Batch)..Math.Min(order.Length, (step + 1) * Batch)], batch = [.. chosen.Select(c => train[c])];
                foreach (optim.ILearningRateController group in optimiser.ParamGroups)
                    group.LearningRate = LabTraining.Rate(HighestRate, done, steps, perEpoch);
                network.train();
                optimiser.zero_grad();
                Tensor squares = (network.call(Images(pixels, batch)).flatten() - tensor(batch.Select(i => angles[i]).ToArray())).square();
                Tensor loss = (balance == SteeringBalance.Weights ? squares * tensor(chosen.Select(c => weights[c]).ToArray()) : squares).mean();
                loss.backward();
                optimiser.step();
                sum += loss.item<float>();
            }
            losses.Add(sum / perEpoch);
            context.Progress?.Report(new WorkProgress("epochs", epoch + 1, epochs, "epochs", $"loss {sum / perEpoch:0.000}"));
        }
        double[] off = Off(network, pixels, angles, rest), straightOn = [.. rest.Select(i => (double)Math.Abs(angles[i]))];
        var metrics = new Dictionary<string, double> { ["trainImages"] = train.Length, ["valImages"] = rest.Length, ["trainStraightShare"] = train.Average(i => Math.Abs(angles[i]) < Straight ? 1.0 : 0) };
        Measure(metrics, "", off, straightOn);
        Measure(metrics, "constant", straightOn, straightOn);
        Measure(metrics, "train", Off(network, pixels, angles, train), [.. train.Select(i => (double)Math.Abs(angles[i]))]);
        return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>> { ["trainLoss"] = losses }, "float32");
    }

    private static void Measure(Dictionary<string, double> metrics, string prefix, double[] off, double[] angle)
    {
        double Over(Func<double, bool> part) => off.Where((_, i) => part(angle[i])).DefaultIfEmpty(0).Average();
        (double straight, double slight, double bend) = (Over(a => a < Straight), Over(a => a >= Straight && a < Bend), Over(a => a >= Bend));
        foreach ((string name, double value) in ((string, double)[])[("AngleOff", off.Average()), ("StraightOff", straight), ("BendOff", bend), ("BalancedOff", (straight + slight + bend) / 3)])
            metrics[prefix.Length == 0 ? char.ToLowerInvariant(name[0]) + name[1..] : prefix + name] = value;
    }

    private double[] Off(Classifier network, byte[] pixels, float[] angles, int[] indices)
    {
        network.eval();
        using IDisposable noGradient = no_grad();
        var off = new List<double>();
        foreach (int[] batch in indices.Chunk(250))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            off.AddRange(network.call(Images(pixels, batch)).flatten().data<float>().ToArray().Zip(batch, (a, i) => (double)Math.Abs(Math.Clamp(a, -1, 1) - angles[i])));
        }
        return [.. off];
    }

    private static Tensor Images(byte[] pixels, int[] batch)
    {
        float[] values = new float[batch.Length * Stride];
        for (int n = 0; n < batch.Length; n++)
        {
            for (int i = 0; i < Stride; i++)
                values[n * Stride + i] = pixels[batch[n] * Stride + i] / 127.5f - 1;
        }
        return tensor(values, [batch.Length, Height, Width, 3]).permute(0, 3, 1, 2);
    }

    // One over the density of each frame's angle, smoothed by a Gaussian of one bin; their mean is 1.
    private static float[] Weights(float[] angles)
    {
        static int Bin(float angle) => Math.Clamp((int)((angle + 1) / 2 * Bins), 0, Bins - 1);
        double[] counts = new double[Bins];
        foreach (float angle in angles)
            counts[Bin(angle)]++;
        double[] smooth = [.. Enumerable.Range(0, Bins).Select(b => Enumerable.Range(0, Bins).Sum(c => counts[c] * Math.Exp(-(b - c) * (b - c) / 2.0)))];
        double[] weights = [.. angles.Select(a => 1 / smooth[Bin(a)])];
        double mean = weights.Average();
        return [.. weights.Select(w => (float)(w / mean))];
    }

    // A shuffle; or, where rare angles are drawn more often, as many draws as there are frames.
    private int[] Order(float[] weights, int epoch)
    {
        var stream = new SeedStream(context.Seed, "shuffle", 0, epoch);
        int[] order = [.. Enumerable.Range(0, weights.Length)];
        if (balance != SteeringBalance.Sampling)
        {
            stream.Shuffle<int>(order);
            return order;
        }
        double[] until = new double[weights.Length];
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
            until[i] = sum += weights[i];
        for (int i = 0; i < order.Length; i++)
        {
            int found = Array.BinarySearch(until, stream.Uniform(0, sum));
            order[i] = Math.Min(found < 0 ? ~found : found, weights.Length - 1);
        }
        return order;
    }

    // driving_log.csv: index, segment, timestamp_ms, image, angle, throttle. The last segment is held out.
    private (byte[] Pixels, float[] Angles, bool[] Held) DonkeyCar()
    {
        string folder = LabImages.SharedData("donkeycar"), log = Path.Combine(folder, "driving_log.csv");
        string[][] rows = [.. File.ReadLines(log).Skip(1).Select(line => line.Split(','))];
        if (Array.FindIndex(rows, r => r.Length != 6) is >= 0 and int bad)
            throw new BadInputException("steering-log", $"There are {rows[bad].Length} columns, expected index, segment, timestamp_ms, image, angle, throttle.", log, bad + 2);
        byte[] pixels = new byte[rows.Length * Stride];
        ParallelWork.Run(() => Parallel.For(0, rows.Length, new ParallelOptions { CancellationToken = context.Cancellation }, i =>
        {
            string file = new[] { Path.Combine(folder, rows[i][3]), Path.Combine(folder, "images", rows[i][3]) }.FirstOrDefault(File.Exists)
                ?? throw new BadInputException("image-missing", $"There is no image '{rows[i][3]}'.", log, i + 2);
            Resize.To(ImageCodec.Decode(File.ReadAllBytes(file), file), Width, Height).Pixels.CopyTo(pixels, i * Stride);
        }));
        string last = rows[^1][1];
        return (pixels, [.. rows.Select(r => float.Parse(r[4], CultureInfo.InvariantCulture))], [.. rows.Select(r => r[1] == last)]);
    }

    // A bright column that moves with the angle, for tests that the machinery runs.
    private static (byte[] Pixels, float[] Angles, bool[] Held) MadeUp()
    {
        const int count = 192;
        byte[] pixels = new byte[count * Stride];
        float[] angles = [.. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? 0 : (i % 21 - 10) / 10f)];
        for (int n = 0; n < count; n++)
        {
            int column = (int)((angles[n] + 1) / 2 * (Width - 1));
            for (int y = 0; y < Height; y++)
                pixels.AsSpan(n * Stride + 3 * (y * Width + column), 3).Fill(255);
        }
        return (pixels, angles, [.. Enumerable.Range(0, count).Select(i => i >= 128)]);
    }
}
