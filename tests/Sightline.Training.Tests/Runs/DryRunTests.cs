using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Tests;

/// <summary>A dry run stops at what a training would stop at, and at nothing else.</summary>
[Collection(nameof(OneAtATime))]
public sealed class DryRunTests
{
    [Theory]
    // ResNet-50's 1×1 convolutions of 1,024 and more channels are never tried in bf16: some processors end the process there.
    [InlineData("network.name=resnet50;training.precision=bf16;training.channelsLast=false;training.batchSize=2;preprocessing.width=32;preprocessing.height=32", "precision-bf16")]
    [InlineData("network.weights=nowhere.safetensors", "weights-missing")]
    public void What_stops_a_training_stops_its_dry_run(string set, string code)
    {
        using var tiny = new TinyImageFolder(perClass: 8);
        Recipe recipe = RecipeFile.Read(tiny.Recipe(), set.Split(';'));
        Assert.Equal(code, Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("run"))).Code);
        Assert.Equal(code, Assert.Throws<BadInputException>(() => DryRun.Measure(recipe)).Code);
    }

    [Fact]
    public void An_image_that_training_leaves_out_does_not_stop_it()
    {
        using var tiny = new TinyImageFolder(perClass: 70, side: 8);
        File.WriteAllBytes(Path.Combine(tiny.Images, "cone", "broken.png"), [1, 2, 3]);
        Recipe recipe = RecipeFile.Read(tiny.Recipe(), ["preprocessing.width=8", "preprocessing.height=8", "data.split.validationFraction=0"]);
        DryRunPlan plan = DryRun.Measure(recipe);
        Assert.Equal((210, 3 * 13), (plan.TrainImages, plan.Steps));
        Assert.True(plan is { StepSeconds: > 0, TotalSeconds: > 0 });
    }

    [Fact]
    public void It_can_be_interrupted()
    {
        using var tiny = new TinyImageFolder(perClass: 8);
        using var stop = new CancellationTokenSource();
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: auto"));
        // After the gate, so that it is the measuring that ends.
        var options = new RunOptions { Progress = new AtTheEnd(stop.Cancel) };
        Assert.ThrowsAny<OperationCanceledException>(() => DryRun.Measure(recipe, options, stop.Token));
    }

    private sealed class AtTheEnd(Action then) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Done == value.Total)
                then();
        }
    }
}
