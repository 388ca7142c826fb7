using Sightline.Datasets;
using Sightline.Training.Evaluation;

namespace Sightline.Training.Runs;

/// <summary>Which images a trained network is evaluated on.</summary>
public static class EvaluationImages
{
    /// <summary>A part of the run's own data, or of another set with the same classes.</summary>
    /// <param name="model">The network.</param>
    /// <param name="data">Another set; null takes the run's.</param>
    /// <param name="split">Which part; null takes the test images, else the validation images, and of another set all.</param>
    /// <returns>The images with labels in the network's order of classes, what they are called, and the set's path.</returns>
    /// <exception cref="BadInputException">The set cannot be opened, has other classes, or the part is empty.</exception>
    public static (IReadOnlyList<ImageSample> Samples, string Part, string Root) Of(TrainedModel model, string? data, string? split)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (data is null)
        {
            TrainingData own = TrainingData.Open(model.Recipe.Data, model.Recipe.Seed).Without(model.State.Unusable);
            string part = split ?? (own.Test.Count > 0 ? "test" : own.Validation.Count > 0 ? "val" : "train");
            return (own.Part(part), part, own.Set.Root);
        }
        ImageSet set = ImageSet.Open(TrainingData.Find(data, null), TrainingData.OptionsOf(model.Recipe.Data));
        int[] map = [.. set.Classes.Select(c => IndexOf(model.Classes, c, set.Root))];
        ImageSample[] samples = [.. set.Samples.Where(s => split is null or "all" || s.Split == split).Select(s => s with { Label = map[s.Label] })];
        if (samples.Length == 0)
            throw new BadInputException("split-empty", $"There are no images{(split is null ? "" : $" of split '{split}'")}; splits: {string.Join(", ", set.Splits)}.", set.Root);
        return (samples, split ?? "all", set.Root);
    }

    private static int IndexOf(IReadOnlyList<string> classes, string name, string root)
    {
        for (int i = 0; i < classes.Count; i++)
        {
            if (classes[i] == name)
                return i;
        }
        throw new BadInputException("class-unknown", $"The set has a class '{name}', which the network was not trained on ({string.Join(", ", classes.Take(20))}).", root);
    }
}
