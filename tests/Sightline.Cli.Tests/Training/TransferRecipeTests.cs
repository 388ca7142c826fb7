using System.Text.Json;

namespace Sightline.Tests;

/// <summary>The shipped recipe for few images plans on a set as small as one brings.</summary>
public sealed class TransferRecipeTests
{
    [Fact]
    public void It_plans_on_a_tiny_set_from_ImageNet_weights()
    {
        using var tiny = new TinyImageFolder(perClass: 8);
        SightlineProcess plan = SightlineProcess.Run(
            "train", Repository.PathOf("recipes/transfer.yaml"), "--dry-run", "--json", "--set", $"data.path={tiny.Images}",
            "--set", "training.batchSize=4", "--set", "training.precision=float32");
        Assert.True(plan.ExitCode == 0, plan.Error);
        using JsonDocument json = JsonDocument.Parse(plan.Output);
        string recipe = json.RootElement.GetProperty("recipe").GetString()!;
        Assert.Contains("  pretrained: imagenet\n", recipe, StringComparison.Ordinal);
        Assert.Contains("  frozenEpochs: 3\n", recipe, StringComparison.Ordinal);
        Assert.Contains("  backboneRate: 0.1\n", recipe, StringComparison.Ordinal);
        // Mean and deviation are the weights' own, not the images'.
        Assert.Contains("  std: [0.003921569, 0.003921569, 0.003921569]\n", recipe, StringComparison.Ordinal);
        Assert.Equal(24, json.RootElement.GetProperty("trainImages").GetInt32() + json.RootElement.GetProperty("valImages").GetInt32());
        Assert.True(json.RootElement.GetProperty("seconds").GetDouble() > 0);

        SightlineProcess odd = SightlineProcess.Run("train", Repository.PathOf("recipes/transfer.yaml"), "--dry-run", "--set", $"data.path={tiny.Images}", "--set", "preprocessing.width=100");
        Assert.Equal(2, odd.ExitCode);
        Assert.Contains("multiples of 32", odd.Error, StringComparison.Ordinal);
    }
}
