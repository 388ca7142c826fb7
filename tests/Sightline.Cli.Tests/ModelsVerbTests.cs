using System.Text.Json;

namespace Sightline.Tests;

/// <summary><c>sightline models show --profile</c> and <c>compare</c>: tables for people, one document for machines.</summary>
public sealed class ModelsVerbTests : IDisposable
{
    private readonly string data = Directory.CreateTempSubdirectory("models-verb-").FullName;

    public void Dispose() => Directory.Delete(data, recursive: true);

    [Fact]
    public void A_profile_is_a_row_for_each_layer()
    {
        SightlineProcess text = Run("models", "show", "cifar_mobilenet_v2", "--profile", "--threads", "1");
        Assert.True(text.ExitCode == 0, text.Error);
        Assert.Matches(@"(?m)^features\.1\.conv\.0\.0 +depthwise +32×32×32 +32×32×32 +288 +0\.29 ", text.Output);
        Assert.Contains("(between the layers)", text.Output);

        SightlineProcess run = Run("models", "show", "cifar_mobilenet_v2", "--profile", "--threads", "1", "--json");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(17_867_776, json.RootElement.GetProperty("macs").GetInt64());
        Assert.Equal(1, json.RootElement.GetProperty("kinds").EnumerateArray().Sum(k => k.GetProperty("share").GetDouble()), 0.01);
        Assert.True(json.RootElement.GetProperty("roofline").GetProperty("ridge").GetDouble() > 0);
        Assert.True(File.Exists(Path.Combine(data, "roofline.json")));
    }

    [Fact]
    public void A_network_for_grey_images_is_shown_and_timed_as_one()
    {
        Assert.Contains("input       1×32×32 only", Run("models", "show", "lenet5").Output);
        Assert.StartsWith("lenet5  1×32×32, batch 1", Run("models", "show", "lenet5", "--profile", "--threads", "1").Output);
        using JsonDocument json = JsonDocument.Parse(Run("models", "show", "lenet5", "--json").Output);
        Assert.Equal([1, 32, 32], json.RootElement.GetProperty("input").EnumerateArray().Select(v => v.GetInt32()));
    }

    [Fact]
    public void A_comparison_says_why()
    {
        SightlineProcess run = Run("models", "compare", "cifar_mobilenet_v1", "cifar_mobilenet_v1_full", "--threads", "1", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(["cifar_mobilenet_v1", "cifar_mobilenet_v1_full"], json.RootElement.GetProperty("networks").EnumerateArray().Select(n => n.GetProperty("name").GetString()!));
        Assert.StartsWith("cifar_mobilenet_v1 has 8.3 times fewer multiply-accumulates than cifar_mobilenet_v1_full and takes ", json.RootElement.GetProperty("findings")[0].GetString());
        Assert.StartsWith("machine  ", Run("models", "compare", "cifar_resnet8", "mlp", "--threads", "1").Output);
    }

    [Theory]
    [InlineData("--profile only", "models", "show", "mobilenet_v2", "--input", "64")]
    [InlineData("at least 32 × 32", "models", "show", "mobilenet_v2", "--profile", "--input", "20")]
    [InlineData("GB of memory", "models", "show", "mobilenet_v2", "--profile", "--input", "500000")]
    [InlineData("expected float32 or bf16", "models", "compare", "resnet18", "mobilenet_v2", "--precision", "int8")]
    [InlineData("1 to 1000000", "models", "show", "resnet18", "--profile", "--input", "0")]
    [InlineData("Did you mean 'mobilenet_v2'", "models", "compare", "resnet18", "mobilnet_v2")]
    public void Wrong_use_is_one_clear_line(string says, params string[] line)
    {
        SightlineProcess run = Run(line);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("sightline: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(says, run.Error);
    }

    private SightlineProcess Run(params string[] arguments) => SightlineProcess.Start("dotnet", [SightlineProcess.Assembly, .. arguments], Repository.Root,
        new Dictionary<string, string> { ["SIGHTLINE_DATA"] = data, ["OMP_NUM_THREADS"] = "1" });
}
