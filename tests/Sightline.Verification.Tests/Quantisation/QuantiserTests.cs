using Sightline.Imaging;
using Sightline.Onnx.Graph;
using Sightline.Runtime;
using Sightline.Verification;

namespace Sightline.Tests;

/// <summary>A small network in 8-bit integers.</summary>
public sealed class QuantiserTests
{
    private static readonly PlantedNetwork Network = new();
    private static readonly byte[] Model = Network.ToOnnx();
    private static readonly float[][] Inputs = [.. Enumerable.Range(0, 64).Select(Input)];

    [Theory]
    [InlineData(RangeMethod.MinMax, true, false)]
    [InlineData(RangeMethod.MinMax, false, false)]
    [InlineData(RangeMethod.Percentile, true, false)]
    [InlineData(RangeMethod.MeanSquaredError, true, false)]
    [InlineData(RangeMethod.MeanSquaredError, true, true)]
    [InlineData(RangeMethod.Entropy, true, false)]
    public void Decides_nearly_as_in_float32(RangeMethod method, bool perChannel, bool sevenBit)
    {
        QuantisedModel quantised = Quantiser.Run(Model, "planted", Images(), new QuantisationOptions { Method = method, PerChannel = perChannel, SevenBitWeights = sevenBit });
        Assert.Equal((4, 64), (quantised.Layers, quantised.Images)); // two convolutions, mean, linear
        Assert.Equal(1, quantised.AccuracyFloat); // the labels are the network's own decisions
        Assert.InRange(quantised.Flips, 0, 6);
        Assert.Equal(1 - quantised.Flips / 64.0, quantised.AccuracyQuantised, 1e-9);
        Assert.Empty(quantised.InFloat);
        OnnxFile file = OnnxFile.Parse(quantised.File);
        Assert.DoesNotContain(file.Nodes, n => n.Operator == "BatchNormalization");
        Assert.Equal(["Int8", "Int8", "Int8"], file.Initializers.Where(i => i.Name.EndsWith(".weight.quantized", StringComparison.Ordinal)).Select(i => i.ElementType));
        Assert.Equal(perChannel ? [5L, 6, 6] : [1L, 1, 1], file.Initializers.Where(i => i.Name.EndsWith(".weight.scale", StringComparison.Ordinal)).Select(i => i.Elements).Order());
        int levels = sevenBit ? 63 : 127;
        Assert.All(file.Initializers.Where(i => i.Name.EndsWith(".weight.quantized", StringComparison.Ordinal)), i => Assert.All(i.RawData.ToArray(), b => Assert.InRange((sbyte)b, -levels, levels)));
        Assert.All(Differences(quantised.File), d => Assert.InRange(d, 0, 0.1));
    }

    [Fact]
    public void Sixteen_bits_halve_the_file_and_keep_the_decisions()
    {
        QuantisedModel half = Quantiser.Half(Model, "planted", Images());
        Assert.Equal((1, 0), (half.AccuracyQuantised, half.Flips));
        OnnxFile file = OnnxFile.Parse(half.File);
        Assert.All(file.Initializers.Where(i => i.Name != "scales"), i => Assert.Equal("Float16", i.ElementType));
        Assert.Equal("Float", file.Initializers.Single(i => i.Name == "scales").ElementType);
        Assert.Equal(("Float", "Float"), (file.Inputs[0].ElementType, file.Outputs[0].ElementType));
        Assert.All(Differences(half.File), d => Assert.InRange(d, 1e-7, 1e-2));
        Assert.Equal("quantise-twice", Assert.Throws<BadInputException>(() => Quantiser.Half(Quantiser.Run(Model, "planted", Images(), new QuantisationOptions()).File, "int8", Images())).Code);
        Assert.Equal("float16-range", Assert.Throws<BadInputException>(() => Quantiser.Half((Network with { Head = [.. Network.Head.Select(h => 1e6f * h)] }).ToOnnx(), "large", Images())).Code);
    }

    [Fact]
    public void Folding_a_batch_norm_changes_nothing_but_roundings()
    {
        (OnnxFile folded, int count) = BatchNormFolding.Fold(OnnxFile.Parse(Model));
        Assert.Equal(1, count);
        Assert.All(Differences(folded.ToBytes()), d => Assert.InRange(d, 0, 1e-5));
    }

    [Fact]
    public void Biases_are_corrected_by_what_rounding_moves_on_the_average()
    {
        double[] Means(bool correct)
        {
            byte[] file = Quantiser.Run(Uneven.ToOnnx(), "uneven", Images(), new QuantisationOptions { Method = RangeMethod.MinMax, PerChannel = false, BiasCorrection = correct }).File;
            float[][] right = Logits(Model), seen = Logits(file);
            return [.. Enumerable.Range(0, 5).Select(c => right.Zip(seen, (r, s) => (double)s[c] - r[c]).Average())];
        }
        double corrected = Means(correct: true).Sum(Math.Abs), plain = Means(correct: false).Sum(Math.Abs);
        Assert.True(corrected < 0.8 * plain, $"{corrected} {plain}");
    }

    // The same function, but one channel's weights are two thousand times the others': without steps for each channel these vanish.
    private static readonly PlantedNetwork Uneven = Network with
    {
        Deep = [.. Network.Deep.Select((w, i) => i < Network.Deep.Length / PlantedNetwork.Channels ? 2000 * w : w)],
        Head = [.. Network.Head.Select((w, i) => i % PlantedNetwork.Channels == 0 ? w / 2000 : w)],
    };

    [Fact]
    public void A_layer_that_breaks_the_accuracy_goes_back_to_float32()
    {
        byte[] model = Uneven.ToOnnx();
        QuantisationImages images = Images();
        var options = new QuantisationOptions { Method = RangeMethod.MinMax, PerChannel = false, BiasCorrection = false };
        QuantisedModel coarse = Quantiser.Run(model, "uneven", images, options);
        Assert.True(coarse.AccuracyQuantised < 0.95, $"{coarse.AccuracyQuantised}");
        QuantisedModel mended = Quantiser.Run(model, "uneven", images, options with { MaxDrop = 0.02 });
        Assert.True(mended.Holds);
        Assert.InRange(mended.InFloat.Count, 1, 4);
        Assert.Equal(mended.Damage.OrderByDescending(d => d.Damage), mended.Damage);
        Assert.Equal(mended.Damage.Take(mended.InFloat.Count).Select(d => d.Layer), mended.InFloat);
        Assert.True(mended.AccuracyQuantised >= 0.98);
        // The bundle of the float32 file names it too.
        Bundle golden = PlantedBundle.Of(Uneven);
        using var deployment = new RuntimeDeployment(coarse.File, "coarse");
        Assert.NotNull(BundleCheck.Run(golden, deployment).First);
    }

    [Fact]
    public void A_search_that_is_stopped_gives_the_best_so_far()
    {
        using var stop = new CancellationTokenSource();
        var options = new QuantisationOptions { MaxDrop = 0, PerChannel = false, Method = RangeMethod.MinMax, BiasCorrection = false };
        QuantisedModel best = Quantiser.Run(Uneven.ToOnnx(), "uneven", Images(), options, new StopAt("damage of each layer", stop), stop.Token);
        Assert.True(best.Stopped);
        Assert.False(best.Holds);
        Assert.True(OnnxFile.Parse(best.File).Nodes.Count > 5);
    }

    [Fact]
    public void Bad_input_is_told()
    {
        var options = new QuantisationOptions();
        Refused("calibration-empty", Model, Images() with { Calibration = [] });
        Refused("calibration-shape", Model, Images() with { Calibration = [new float[7]] });
        Refused("calibration-judges", Model, Images() with { Labels = [] });
        Refused("calibration-value", (Network with { Head = [.. Network.Head.Select(_ => float.NaN)] }).ToOnnx(), Images());
        Refused("quantise-twice", Quantiser.Run(Model, "planted", Images(), options).File, Images());
        Refused("model-damaged", Model[..200], Images());
        static void Refused(string code, byte[] model, QuantisationImages images) =>
            Assert.Equal(code, Assert.Throws<BadInputException>(() => Quantiser.Run(model, "planted", images, new QuantisationOptions())).Code);
    }

    private static QuantisationImages Images() => new()
    {
        Calibration = Inputs,
        Labels = [.. Logits(Model).Select(l => LogitComparison.Decision(l))],
        WriteInput = (i, to) => Inputs[i].CopyTo(to),
    };

    private static float[] Input(int index)
    {
        float[] input = new float[Network.Preprocessing.Length];
        Network.Preprocessing.Apply(PlantedBundle.Picture(index), input);
        return input;
    }

    private static float[][] Logits(byte[] model)
    {
        using ImageClassifier classifier = ImageClassifier.Open(model, "model", new ClassifierOptions { Threads = 1 });
        return [.. Inputs.Select(input =>
        {
            float[] logits = new float[5];
            classifier.Logits(input, 1, logits);
            return logits;
        })];
    }

    // Of each image, the largest difference of a logit by the largest logit.
    private static IEnumerable<double> Differences(byte[] model) =>
        Logits(Model).Zip(Logits(model), (right, seen) => right.Zip(seen, (r, s) => Math.Abs((double)r - s)).Max() / right.Max(Math.Abs));

    private sealed class StopAt(string stage, CancellationTokenSource stop) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Stage == stage)
                stop.Cancel();
        }
    }
}
