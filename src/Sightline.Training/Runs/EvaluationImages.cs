using Sightline.Datasets;
using Sightline.Training.Evaluation;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Which images a trained network is evaluated on.</summary>
public static class EvaluationImages
{
    private static readonly DataComparison Comparison = new("evaluate", "The run's own images cannot be told",
        "Restore the data, or score what is there now as another set, on purpose: --data PATH --split all.");

    /// <summary>
    /// A part of the run's own data, split as it was trained, or of another set with the same classes. A set with the run's fingerprint is
    /// the run's own, wherever it lies.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="data">A set; null takes the run's.</param>
    /// <param name="split">Which part; null takes the first of <paramref name="preferred"/> that has images, and of another set all.</param>
    /// <param name="preferred">The parts to take, in this order; by default test, val, train.</param>
    /// <returns>The images with labels in the network's order of classes, what they are called, and the set's path.</returns>
    /// <exception cref="BadInputException">The set cannot be opened or has other classes, the run's own data has changed, or the part is empty.</exception>
    public static (IReadOnlyList<ImageSample> Samples, string Part, string Root) Of(TrainedModel model, string? data, string? split, params IReadOnlyList<string> preferred)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(preferred);
        string path = data is null
            ? TrainingData.Find(RunFolder.DataPathOf(model.Path) ?? model.Recipe.Data.Path, null, "If the run's data moved, say where it is: --data PATH.")
            : TrainingData.Find(data, null, "Give a set by --data PATH.");
        ImageSet set = ImageSet.Open(path, TrainingData.OptionsOf(model.Recipe.Data));
        string fingerprint = set.Fingerprint();
        return data is null || model.State.DataFingerprint == fingerprint ? OfOwn(model, set, fingerprint, split, preferred) : OfAnother(model, set, split);
    }

    private static (IReadOnlyList<ImageSample> Samples, string Part, string Root) OfOwn(TrainedModel model, ImageSet set, string fingerprint, string? split, IReadOnlyList<string> preferred)
    {
        TrainingData own = Comparison.Divided(model.State, set, fingerprint, model.Recipe);
        string part = split ?? (preferred.Count > 0 ? preferred : ["test", "val", "train"]).First(own.Has);
        return (own.Part(part), part, set.Root);
    }

    private static (IReadOnlyList<ImageSample> Samples, string Part, string Root) OfAnother(TrainedModel model, ImageSet set, string? split)
    {
        int[] map = [.. set.Classes.Select(c => IndexOf(model.Classes, c, set.Root))];
        ImageSample[] samples = [.. set.Samples.Where(s => split is null or "all" || s.Split == split).Select(s => s with { Label = map[s.Label] })];
        if (samples.Length == 0)
            throw new BadInputException("split-empty", $"There are no images{(split is null ? "" : $" of split '{split}'")}; {(set.Splits.Any() ? $"the set has {string.Join(", ", set.Splits)}" : "the set has no splits, so leave --split out")}.", set.Root);
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
