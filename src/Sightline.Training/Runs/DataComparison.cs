using Sightline.Datasets;
using Sightline.Training.Checkpoints;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Holds data against what a checkpoint remembers of its own, and says in words how they differ.</summary>
/// <param name="Verb">Begins the error's code, e.g. <c>resume</c>.</param>
/// <param name="Cannot">What cannot be done with other data, one clause.</param>
/// <param name="Fix">What to do about it.</param>
internal sealed record DataComparison(string Verb, string Cannot, string Fix)
{
    private const int Told = 5;

    /// <summary>Divides a set as the run did.</summary>
    /// <param name="state">What the run's checkpoint remembers.</param>
    /// <param name="set">The set as it is now.</param>
    /// <param name="fingerprint">Its fingerprint.</param>
    /// <param name="recipe">The run's recipe.</param>
    /// <returns>The parts, without the images that the run left out.</returns>
    /// <exception cref="BadInputException">The set or the division is another; the message names how.</exception>
    public TrainingData Divided(CheckpointState state, ImageSet set, string fingerprint, Recipe recipe)
    {
        if (state.DataFingerprint != fingerprint)
        {
            throw new BadInputException($"{Verb}-data", $"{Cannot}: its data has changed: {OfSets(state, set)} (data fingerprint {state.DataFingerprint[..12]}…, now {fingerprint[..12]}…).",
                set.Root, fix: Fix);
        }
        TrainingData data = DataSplit.Of(set, recipe.Data.Split, recipe.Seed, fingerprint).Without(state.Unusable);
        if (state.SplitFingerprint != data.SplitFingerprint)
        {
            throw new BadInputException($"{Verb}-split", $"{Cannot}: the division into training, validation and test images is another: {OfSplits(state, data)} (split fingerprint {state.SplitFingerprint[..12]}…, now {data.SplitFingerprint[..12]}…).",
                set.Root, fix: Fix);
        }
        return data;
    }

    private static string OfSets(CheckpointState state, ImageSet set)
    {
        List<string> found =
        [
            .. state.Classes.Except(set.Classes).Select(c => $"class {c} is gone"),
            .. set.Classes.Except(state.Classes).Select(c => $"class {c} is new"),
        ];
        if (state.Counts is { } was)
            found.AddRange(Counts(state.Classes, was.All, set.Classes, TrainingData.CountsOf(set, set.Samples), ""));
        return Listed(found, state.Counts is null
            ? "images or labels were added, removed or changed"
            : "each class has as many images as it had, but names, labels or contents of some are others");
    }

    private static string OfSplits(CheckpointState state, TrainingData data)
    {
        List<string> found = [];
        if (state.Counts is { } was)
        {
            DataCounts now = data.Counts;
            found.AddRange(Counts(state.Classes, was.Train, data.Set.Classes, now.Train, "training "));
            found.AddRange(Counts(state.Classes, was.Validation, data.Set.Classes, now.Validation, "validation "));
            found.AddRange(Counts(state.Classes, was.Test, data.Set.Classes, now.Test, "test "));
        }
        return Listed(found, state.Counts is null ? "the rule or its seed gives other images" : "each part has as many images of each class as it had, but others");
    }

    private static IEnumerable<string> Counts(IReadOnlyList<string> classesThen, IReadOnlyList<int> then, IReadOnlyList<string> classesNow, IReadOnlyList<int> now, string of)
    {
        Dictionary<string, int> counts = classesNow.Zip(now).ToDictionary(c => c.First, c => c.Second);
        return classesThen.Zip(then).Where(c => counts.TryGetValue(c.First, out int n) && n != c.Second)
            .Select(c => $"class {c.First} had {c.Second} {of}images, has {counts[c.First]}");
    }

    private static string Listed(List<string> found, string otherwise) =>
        found.Count == 0 ? otherwise : string.Join("; ", found.Take(Told)) + (found.Count > Told ? $"; and {found.Count - Told} more" : "");
}
