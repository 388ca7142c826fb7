using Sightline.Models;
using Sightline.Models.Profiling;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Profiles count what the cards count, and the arithmetic of the roofline is right.</summary>
public sealed class ProfilingTests
{
    [Theory]
    [InlineData("cifar_mobilenet_v2", ProfilePrecision.Float32)]
    [InlineData("cifar_mobilenet_v1", ProfilePrecision.BFloat16)]
    [InlineData("cifar_resnet8", ProfilePrecision.Float32)]
    [InlineData("mlp", ProfilePrecision.Float32)]
    public void A_profile_holds_every_layer_once(string name, ProfilePrecision precision)
    {
        NetworkCard card = Networks.Find(name);
        NetworkProfile profile = Profiler.Run(card, precision: precision, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(card.Macs, profile.Macs);
        Assert.Equal(card.Parameters, profile.Parameters);
        Assert.Equal(profile.Layers.Count, profile.Layers.Select(l => l.Name).Distinct().Count());
        Assert.All(profile.Layers, l => Assert.True(l.Milliseconds >= 0 && l.Bytes > 0, l.Name));
        Assert.Equal(1, profile.ByKind().Sum(k => profile.Share(k.Milliseconds)), 1e-6);
        Assert.Equal(profile.Macs, profile.ByKind().Sum(k => k.Macs));
    }

    [Fact]
    public void Bytes_are_input_weights_and_output_once_each()
    {
        NetworkProfile full = Profiler.Run(Networks.Find("cifar_mobilenet_v1"), cancellation: TestContext.Current.CancellationToken);
        NetworkProfile half = Profiler.Run(Networks.Find("cifar_mobilenet_v1"), precision: ProfilePrecision.BFloat16, cancellation: TestContext.Current.CancellationToken);
        LayerProfile depthwise = full.Layers.First(l => l.Name == "blocks.1.0.conv_dw"), pointwise = full.Layers.First(l => l.Name == "blocks.1.0.conv_pw");
        Assert.Equal((LayerKind.Depthwise, LayerKind.Pointwise), (depthwise.Kind, pointwise.Kind));
        Assert.Equal(4 * (64 * 32 * 32 + 64 * 9 + 64 * 16 * 16), depthwise.Bytes);
        Assert.Equal(64 * 9 * 16 * 16, depthwise.Macs);
        Assert.Equal(4 * (64 * 16 * 16 + 64 * 128 + 128 * 16 * 16), pointwise.Bytes);
        Assert.Equal(depthwise.Bytes, 2 * half.Layers.First(l => l.Name == "blocks.1.0.conv_dw").Bytes);
        // A depthwise value meets nine weights, however many channels there are; a pointwise one meets all channels.
        Assert.True(depthwise.Intensity < 1 && pointwise.Intensity > 5);
    }

    [Fact]
    public void The_roof_is_the_longer_of_computing_and_moving()
    {
        var roofline = new Roofline("a machine", MacsPerSecond: 1e11, BytesPerSecond: 1e10);
        Assert.Equal(10, roofline.Ridge);
        Assert.Equal(10, roofline.LeastMilliseconds(1_000_000_000, 1_000_000), 1e-9);
        Assert.Equal(10, roofline.LeastMilliseconds(1_000_000, 100_000_000), 1e-9);
        Assert.True(roofline.IsMemoryBound(9.9) && !roofline.IsMemoryBound(10));
    }

    [Fact]
    public void A_comparison_says_which_has_less_and_which_is_faster()
    {
        static LayerProfile Layer(string name, LayerKind kind, long macs, long bytes, double ms) => new(name, kind, [1, 8, 8, 8], [1, 8, 8, 8], 0, macs, bytes, ms);
        var large = new NetworkProfile("large", 32, ProfilePrecision.Float32, 1, 5, 10, 0, [Layer("a", LayerKind.Convolution, 1_000_000_000, 10_000_000, 10)], 1);
        var small = new NetworkProfile("small", 32, ProfilePrecision.Float32, 1, 5, 20, 1,
            [Layer("a", LayerKind.Pointwise, 90_000_000, 5_000_000, 2), Layer("b", LayerKind.Depthwise, 10_000_000, 20_000_000, 14), Layer("c", LayerKind.Normalisation, 0, 20_000_000, 3)], 1);
        IReadOnlyList<string> findings = ProfileComparison.Findings(small, large, new Roofline("a machine", 1e11, 1e10));
        Assert.Equal("small has 10.0 times fewer multiply-accumulates than large and takes 2.0 times as long (20.0 against 10.0 ms).", findings[0]);
        Assert.Contains(findings, f => f.StartsWith("small: its depthwise layers do 10 % of the multiply-accumulates in 70 % of the time: 0.5 for each byte", StringComparison.Ordinal) && f.EndsWith("memory limits them.", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Contains("take 4.0 ms, 20 % of the time", StringComparison.Ordinal));
    }

    [Fact]
    public void A_machine_is_measured_once_and_a_damaged_file_anew()
    {
        string folder = Directory.CreateTempSubdirectory("roofline-").FullName;
        try
        {
            Roofline first = RooflineFile.ReadOrMeasure(folder, ProfilePrecision.Float32);
            Assert.True(first.MacsPerSecond > 1e8 && first.BytesPerSecond > 1e8);
            Assert.Equal(first, RooflineFile.ReadOrMeasure(folder, ProfilePrecision.Float32));
            File.WriteAllText(Path.Combine(folder, "roofline.json"), "{");
            Assert.NotEqual(first, RooflineFile.ReadOrMeasure(folder, ProfilePrecision.Float32));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("mobilenet_v2", 31, "network-input", "at least 32 × 32")]
    [InlineData("mlp", 33, "network-input", "32 × 32 only")]
    [InlineData("mobilenet_v2", 900_000, "profile-memory", "GB of memory")]
    [InlineData("resnet18", 60_000, "profile-memory", "GB of memory")]
    [InlineData("mobilenet_v2", 0, "profile-memory", "GB of memory")] // an image that fits by itself, and a pass that doesn't
    public void What_cannot_run_is_told_before_it_runs(string name, int side, string code, string says)
    {
        if (side == 0)
            side = (int)Math.Sqrt(ProfileMemory.Available() / 288) / 32 * 32;
        var error = Assert.Throws<BadInputException>(() => Profiler.Run(Networks.Find(name), side, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(code, error.Code);
        Assert.Contains(says, error.Message);
    }
}
