using Sightline.Datasets;
using Sightline.Training.Evaluation;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Tests;

/// <summary>A run is scored on the images it was split from, or on others that were named on purpose.</summary>
[Collection(nameof(OneAtATime))]
public sealed class EvaluationImagesTests : IDisposable
{
    private const string OneEpoch = "epochs: 1, batchSize: 32, precision: float32";
    private readonly TinyImageFolder tiny = new(perClass: 20);

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Changed_data_is_refused_unless_it_is_named()
    {
        using TrainedModel model = Trained("data.split.testFraction=0.2");
        string[] test = Names(EvaluationImages.Of(model, null, null));
        Assert.Equal(12, test.Length);
        string more = Path.Combine(tiny.Images, "crate", "more.png");
        File.Copy(Path.Combine(tiny.Images, "crate", "000.png"), more);
        BadInputException error = Assert.Throws<BadInputException>(() => EvaluationImages.Of(model, null, null));
        Assert.Equal("evaluate-data", error.Code);
        Assert.Contains("class crate had 20 images, has 21", error.Message, StringComparison.Ordinal);
        Assert.Contains("--data PATH", error.Message, StringComparison.Ordinal);
        Assert.Equal(61, EvaluationImages.Of(model, tiny.Images, null).Samples.Count);
        File.Delete(more);
        Assert.Equal(test, Names(EvaluationImages.Of(model, null, null)));
    }

    private static string[] Names((IReadOnlyList<ImageSample> Samples, string Part, string Root) images) => [.. images.Samples.Select(s => s.Name)];

    private TrainedModel Trained(params string[] set) =>
        TrainedModel.Load(TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", OneEpoch), set), tiny.PathOf("run")).Folder);
}
