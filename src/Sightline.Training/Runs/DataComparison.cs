using Sightline.Training.Checkpoints;

namespace Sightline.Training.Runs;

/// <summary>Holds opened data against what a checkpoint remembers of its own, and says in words how they differ.</summary>
internal static class DataComparison
{
    private const int Told = 5;

    /// <summary>Whether a set is the one that the run was trained on, wherever it lies.</summary>
    public static bool IsOf(CheckpointState state, string fingerprint) => state.DataFingerprint == fingerprint;

    /// <summary>Makes sure that data and split are the run's own.</summary>
    /// <param name="state">What the checkpoint remembers.</param>
    /// <param name="data">The data as it is now, without the images that the run left out.</param>
    /// <param name="verb">Begins the error's code, e.g. <c>resume</c>.</param>
    /// <param name="cannot">What cannot be done, one clause.</param>
    /// <param name="fix">What to do about it.</param>
    /// <exception cref="BadInputException">They differ; the message names how.</exception>
    public static void Require(CheckpointState state, TrainingData data, string verb, string cannot, string fix)
    {
        if (state.DataFingerprint != data.Fingerprint)
        {
            throw new BadInputException($"{verb}-data", $"{cannot}: its data has changed: {OfSets(state, data)} (data fingerprint {state.DataFingerprint[..12]}…, now {data.Fingerprint[..12]}…).",
                data.Set.Root, fix: fix);
        }
        if (state.SplitFingerprint != data.SplitFingerprint)
        {
            throw new BadInputException($"{verb}-split", $"{cannot}: the division into training, validation and test images is another: {OfSplits(state, data)} (split fingerprint {state.SplitFingerprint[..12]}…, now {data.SplitFingerprint[..12]}…).",
                data.Set.Root, fix: fix);
        }
    }

    private static string OfSets(CheckpointState state, TrainingData data)
    {
        List<string> found =
        [
            .. state.Classes.Except(data.Set.Classes).Select(c => $"class {c} is gone"),
            .. data.Set.Classes.Except(state.Classes).Select(c => $"class {c} is new"),
        ];
        if (state.Counts is { } was)
            found.AddRange(Counts(state.Classes, was.All, data.Set.Classes, data.Counts.All, ""));
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
