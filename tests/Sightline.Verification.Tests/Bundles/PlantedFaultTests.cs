using Sightline.Imaging;
using Sightline.Runtime;
using Sightline.Verification;

namespace Sightline.Tests;

/// <summary>Faults put into a deployment on purpose: each is caught, with its stage.</summary>
public sealed class PlantedFaultTests
{
    private static readonly PlantedNetwork Network = new();
    private static readonly Bundle Golden = PlantedBundle.Of(Network);

    [Fact]
    public void The_exported_file_itself_differs_nowhere()
    {
        using var deployment = new RuntimeDeployment(Golden.Model, "model");
        BundleReport report = BundleCheck.Run(Golden, deployment, BundleCheck.Settings(Golden, Golden.Model, "model"));
        Assert.Empty(report.Reasons);
        Assert.Null(report.First);
        Assert.Equal(0, report.Flips);
        Assert.All(report.Frames, f => Assert.Equal(0, f.LogitDistance));
        Assert.InRange(report.Settings.Count, 2, 4);
        Assert.All(report.Settings, s => Assert.InRange(s.LogitDistance, 0, 1e-5));
        Assert.Contains(Golden.Frames[0].Layers, l => l.Name == "Conv stem.conv");
        // Frames on which decisions differ tell more than frames of one class.
        Assert.True(Golden.Frames.Select(f => f.Decision).Distinct().Count() > 1);
    }

    // In the pre-processing.

    [Fact]
    public void Swapped_colours() => AtInput(Own((image, p) => Apply(Bgr(image), p)), "Its colour order is BGR where RGB is expected.");

    [Fact]
    public void Swapped_planes_that_were_normalised_before() => AtInput(Own((image, p) => Swapped(Apply(image, p))), "Its colour order is BGR where RGB is expected.");

    [Fact]
    public void Plain_resize_for_letterbox() => AtInput(Own((image, p) => Apply(image, p with { Resize = ResizeRule.Stretch })), "It is resized by plain stretching where letterbox is expected.");

    [Fact]
    public void Wrong_mean() => AtInput(Own((image, p) => Apply(image, p with { Mean = [0.485f, 0.456f, 0.406f] })), "It is normalised with mean (0.485, 0.456, 0.406) and deviation (0.2, 0.25, 0.3) where (0.5, 0.4, 0.3) and (0.2, 0.25, 0.3) are expected.");

    [Fact]
    public void Dropped_normalisation() => AtInput(Own((image, p) => Apply(image, p with { Mean = [0, 0, 0], Std = [1, 1, 1] })), "It is scaled to 0–1 and not normalised.");

    [Fact]
    public void Dropped_scaling() => AtInput(Own((image, p) => Apply(image, p with { Mean = [0, 0, 0], Std = [1 / 255f, 1 / 255f, 1 / 255f] })), "It is neither scaled nor normalised: pixels 0–255.");

    [Fact]
    public void Swapped_colours_without_normalisation() =>
        AtInput(Own((image, p) => Apply(Bgr(image), p with { Mean = [0, 0, 0], Std = [1, 1, 1] })), "Its colour order is BGR where RGB is expected, and it is scaled to 0–1 and not normalised.");

    [Fact]
    public void Transposed_layout() => AtInput(Own((image, p) => Transposed(Apply(image, p))), "Its layout is [H, W, 3] where [3, H, W] is expected.");

    [Fact]
    public void Other_interpolation()
    {
        var stretched = new PlantedNetwork { Preprocessing = Network.Preprocessing with { Resize = ResizeRule.Stretch } };
        Bundle bundle = PlantedBundle.Of(stretched);
        AtInput(bundle, new Own((image, p) => Normalised(Resize.To(image, p.Width, p.Height, Interpolation.Nearest), p)) { Preprocessing = stretched.Preprocessing }, "It is resampled by Nearest where anti-aliased bilinear is expected.");
        AtInput(bundle, new Own((image, p) => Normalised(Between(image, p.Width, p.Height), p)) { Preprocessing = stretched.Preprocessing }, "It shows the same view, resampled otherwise: another interpolation, or no anti-aliasing.");
    }

    [Fact]
    public void Another_cut() => AtInput(Own((image, p) => Apply(image.FlipHorizontal(), p)), "It shows something else: other pixels, another cut, or mirrored.");

    [Fact]
    public void Wrong_number_of_values() => AtInput(Own((image, p) => Apply(image, p)[..900]), "It has 900 numbers; [3, 16, 20] has 960.");

    [Fact]
    public void Another_decoder()
    {
        BundleReport report = BundleCheck.Run(Golden, new Own((image, p) => Apply(image, p), Fuzzy));
        Assert.Equal(BundleStage.DecodedImage, report.First!.Value.Difference.Stage);
        Assert.False(report.Passed);
        // The decoder of another version may be one step off.
        Assert.True(BundleCheck.Run(Golden, new Own((image, p) => Apply(image, p), OneStep)).Passed);
    }

    // In the file.

    [Fact]
    public void Stale_batch_normalisation() => AtLayer(Network with { RunningMean = new float[PlantedNetwork.Channels], RunningVariance = [.. Enumerable.Repeat(1f, PlantedNetwork.Channels)] }, "layer BatchNormalization stem.bn", flips: true);

    [Fact]
    public void Resize_by_other_rules() => AtLayer(Network with { ResizeCoordinates = "asymmetric" }, "layer Resize larger", flips: null);

    [Theory]
    [InlineData(8, "bfloat16")]
    [InlineData(11, "float16")]
    public void Weights_off_by_a_rounding(int bits, string kind)
    {
        _ = kind;
        BundleReport report = AtLayer(Network with { Deep = [.. Network.Deep.Select(w => Rounded(w, bits))] }, "layer Conv deep.conv", flips: false);
        // No matter of decisions: told, not judged.
        Assert.True(report.Passed);
        Assert.InRange(report.First!.Value.Difference.Distance, BundleCheck.LayerTolerance, 0.01);
    }

    [Fact]
    public void One_broken_layer() => AtLayer(Network with { Deep = [.. Network.Deep.Select(w => 4 * w)] }, "layer Conv deep.conv", flips: null);

    [Fact]
    public void Wrong_pre_processing_in_the_contract()
    {
        using var deployment = new RuntimeDeployment((Network with { Preprocessing = Network.Preprocessing with { Mean = [0, 0, 0], Std = [1, 1, 1] } }).ToOnnx(), "robot.onnx");
        AtInput(Golden, deployment, "It is scaled to 0–1 and not normalised.");
    }

    [Fact]
    public void Wrong_order_of_classes()
    {
        using var deployment = new RuntimeDeployment((Network with { Classes = [.. Network.Classes.Reverse()] }).ToOnnx(), "robot.onnx");
        BundleReport report = BundleCheck.Run(Golden, deployment);
        Assert.Equal(BundleStage.Decision, report.First!.Value.Difference.Stage);
        Assert.Equal("The logits are right: the class names stand in another order.", report.First.Value.Difference.Cause);
        Assert.False(report.Passed);
    }

    [Fact]
    public void Wrong_order_of_logits()
    {
        BundleReport report = BundleCheck.Run(Golden, new Own((image, p) => Apply(image, p)) { Logits = frame => [.. frame.Logits.Reverse()] });
        Assert.Equal((BundleStage.Logits, "They are the right ones in another order of the classes."), (report.First!.Value.Difference.Stage, report.First.Value.Difference.Cause));
        Assert.False(report.Passed);
    }

    private static void AtInput(Own deployment, string cause) => AtInput(Golden, deployment, cause);

    private static void AtInput(Bundle bundle, IDeployment deployment, string cause)
    {
        BundleReport report = BundleCheck.Run(bundle, deployment);
        Assert.All(report.Frames, f => Assert.Equal((BundleStage.InputTensor, cause), (f.First!.Stage, f.First.Cause)));
        Assert.False(report.Passed);
        Assert.Contains("the input tensor differs in 6 of 6 golden frames", report.Reasons);
    }

    private static BundleReport AtLayer(PlantedNetwork other, string place, bool? flips)
    {
        using var deployment = new RuntimeDeployment(other.ToOnnx(), "robot.onnx");
        BundleReport report = BundleCheck.Run(Golden, deployment);
        Assert.Equal((BundleStage.Layer, place, 6), (report.First!.Value.Difference.Stage, report.First.Value.Difference.Name, report.First.Value.Frames));
        if (flips is bool expected)
            Assert.Equal(expected, report.Flips > 0);
        Assert.Equal(report.Flips == 0, report.Passed);
        return report;
    }

    private static Own Own(Func<RgbImage, Preprocessing, float[]> prepare) => new(prepare);

    private static float[] Apply(RgbImage image, Preprocessing p)
    {
        float[] input = new float[p.Length];
        p.Apply(image, input);
        return input;
    }

    private static float[] Normalised(RgbImage image, Preprocessing p)
    {
        float[] input = new float[p.Length];
        p.Normalize(image, input);
        return input;
    }

    private static RgbImage Bgr(RgbImage image)
    {
        RgbImage swapped = image.Clone();
        for (int i = 0; i < swapped.Pixels.Length; i += 3)
            (swapped.Pixels[i], swapped.Pixels[i + 2]) = (swapped.Pixels[i + 2], swapped.Pixels[i]);
        return swapped;
    }

    private static float[] Swapped(float[] input)
    {
        int plane = input.Length / 3;
        return [.. input[(2 * plane)..], .. input[plane..(2 * plane)], .. input[..plane]];
    }

    private static float[] Transposed(float[] input)
    {
        int plane = input.Length / 3;
        return [.. Enumerable.Range(0, input.Length).Select(i => input[i % 3 * plane + i / 3])];
    }

    // Bilinear between the four nearest pixels, whatever the reduction: what many tools do.
    private static RgbImage Between(RgbImage image, int width, int height)
    {
        var target = new RgbImage(width, height);
        for (int i = 0; i < target.Pixels.Length; i++)
        {
            int c = i % 3;
            double x = (i / 3 % width + 0.5) * image.Width / width - 0.5, y = (i / 3 / width + 0.5) * image.Height / height - 0.5;
            int x0 = (int)x, y0 = (int)y;
            double At(int px, int py) => image.Pixels[3 * (Math.Min(py, image.Height - 1) * image.Width + Math.Min(px, image.Width - 1)) + c];
            double fx = x - x0, fy = y - y0;
            target.Pixels[i] = (byte)Math.Round((1 - fy) * ((1 - fx) * At(x0, y0) + fx * At(x0 + 1, y0)) + fy * ((1 - fx) * At(x0, y0 + 1) + fx * At(x0 + 1, y0 + 1)));
        }
        return target;
    }

    private static RgbImage Fuzzy(RgbImage image) => Moved(image, i => i % 7 == 0 ? 12 : 0);

    private static RgbImage OneStep(RgbImage image) => Moved(image, i => i % 7 == 0 ? 1 : 0);

    private static RgbImage Moved(RgbImage image, Func<int, int> by)
    {
        RgbImage moved = image.Clone();
        for (int i = 0; i < moved.Pixels.Length; i++)
            moved.Pixels[i] = (byte)Math.Min(255, moved.Pixels[i] + by(i));
        return moved;
    }

    private static float Rounded(float value, int bits)
    {
        float scale = MathF.Pow(2, bits - 1 - MathF.Floor(MathF.Log2(Math.Abs(value))));
        return MathF.Round(value * scale) / scale;
    }
}

/// <summary>A robot's own program: its own decoder and pre-processing before the right network.</summary>
internal sealed class Own(Func<RgbImage, Preprocessing, float[]> prepare, Func<RgbImage, RgbImage>? decoder = null) : IDeployment
{
    public Preprocessing Preprocessing { get; init; } = new PlantedNetwork().Preprocessing;

    public Func<GoldenFrame, float[]>? Logits { get; init; }

    public FrameOutputs Run(GoldenFrame frame, int index)
    {
        RgbImage image = ImageCodec.Decode(frame.Image, frame.Name);
        image = decoder?.Invoke(image) ?? image;
        return new FrameOutputs { Decoded = DecodedFrame.Of(image), Input = prepare(image, Preprocessing), Logits = Logits?.Invoke(frame) };
    }
}
