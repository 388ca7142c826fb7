using System.Globalization;

namespace Sightline.Datasets.Audit;

/// <summary>
/// Looks at every image of a set before a network does: what cannot be decoded, what is there twice (by decoded pixels, so that a copy
/// with other metadata is found too), which class or split lacks images. The same checks stand behind <c>sightline data info</c> and the
/// gate before training.
/// </summary>
public static class DataAudit
{
    /// <summary>The largest share of unusable images that training starts with.</summary>
    public const double MaxUnusableShare = 0.005;

    private const double MaxImbalance = 100;
    private const int SmallestSide = 4;

    /// <summary>Audits a set. Decodes every image once, on all cores.</summary>
    /// <param name="set">The set.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static DataAuditReport Run(ImageSet set, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        var facts = new ImageFacts[set.Samples.Count];
        int done = 0;
        Parallel.For(0, facts.Length, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            facts[i] = ImageFacts.Of(set.Samples[i].Content);
            int now = Interlocked.Increment(ref done);
            if (now % 256 == 0 || now == facts.Length)
                progress?.Report(new WorkProgress("looking at the images", now, facts.Length, "images"));
        });

        var problems = new ProblemList(set.Problems);
        int[] unreadable = [.. Enumerable.Range(0, facts.Length).Where(i => facts[i].Failure is not null)];
        foreach (int i in unreadable)
        {
            BadInputException failure = facts[i].Failure!;
            problems.Add(new DataProblem(
                failure.Code, failure.Path ?? set.Samples[i].Name, failure.Problem, failure.Fix ?? "Copy it again from its source, or remove it.", failure.Line, StopsTraining: false, Unusable: 1));
        }
        foreach (int i in Enumerable.Range(0, facts.Length).Where(i => facts[i].Failure is null))
            CheckPixels(set.Samples[i], facts[i], problems);

        Dictionary<string, IReadOnlyList<int>> counts = Count(set, facts);
        CheckClasses(set, counts, problems);
        CheckGroups(set, problems);
        IReadOnlyList<DuplicateGroup> duplicates = FindDuplicates(set, facts);
        foreach (DuplicateGroup group in duplicates)
            problems.Add(Describe(set, group));

        int unusable = set.Problems.Sum(p => p.Unusable) + unreadable.Length;
        (string of, double[] mean, double[] std) = Statistics(set, facts);
        ImageSizeCount[] sizes =
            [.. facts.Where(f => f.Failure is null).GroupBy(f => (f.Width, f.Height)).Select(g => new ImageSizeCount(g.Key.Width, g.Key.Height, g.Count()))
                .OrderByDescending(s => s.Images).ThenBy(s => s.Width).ThenBy(s => s.Height)];
        var report = new DataAuditReport(set, [], counts, sizes, of, mean, std, duplicates, unreadable, unusable);
        CheckShare(report, problems);
        return report with { Problems = problems.Ordered() };
    }

    private static void CheckPixels(ImageSample sample, ImageFacts facts, ProblemList problems)
    {
        if (facts.Blank && facts.Width * facts.Height > 1)
        {
            problems.Add(new DataProblem(
                "image-blank", sample.Name, $"All {facts.Width}×{facts.Height} pixels have the same colour.", "Look at the image; remove it if the camera failed.", StopsTraining: false));
        }
        if (Math.Min(facts.Width, facts.Height) < SmallestSide)
        {
            problems.Add(new DataProblem(
                "image-tiny", sample.Name, $"The image has {facts.Width}×{facts.Height} pixels, too few to show anything.", "Replace it by the full image, or remove it.", StopsTraining: false));
        }
    }

    private static Dictionary<string, IReadOnlyList<int>> Count(ImageSet set, ImageFacts[] facts)
    {
        var counts = set.Splits.ToDictionary(s => s, _ => new int[set.Classes.Count]);
        foreach ((int i, ImageSample sample) in set.Samples.Index())
        {
            if (facts[i].Failure is null)
                counts[sample.Split][sample.Label]++;
        }
        return counts.ToDictionary(c => c.Key, c => (IReadOnlyList<int>)c.Value);
    }

    private static void CheckClasses(ImageSet set, Dictionary<string, IReadOnlyList<int>> counts, ProblemList problems)
    {
        if (set.Samples.Count == 0)
        {
            problems.Add(set.Problems.FirstOrDefault() is DataProblem cause
                ? new DataProblem("data-empty", cause.Path, $"The set holds no images that can be used: {cause.Message}", cause.Fix, cause.Line)
                : new DataProblem("data-empty", set.Root, "The set holds no images.", "Check the path and the options."));
            return;
        }
        string learnt = counts.ContainsKey("train") ? "train" : counts.Keys.First();
        int[] total = [.. set.Classes.Select((_, c) => counts.Values.Sum(s => s[c]))];
        for (int c = 0; c < set.Classes.Count; c++)
        {
            string name = set.Classes[c];
            if (set.Problems.Any(p => p.Code is "class-without-images" or "class-names-differ" && p.Message.Contains($"'{name}'", StringComparison.Ordinal)))
                continue;
            if (total[c] == 0 || (counts.ContainsKey("train") && counts["train"][c] == 0))
            {
                problems.Add(new DataProblem(
                    "class-without-images", set.Root, $"The class '{name}' has no usable images{(total[c] == 0 ? "" : " to train on")}.", "Add images of it, or take the class out."));
                continue;
            }
            foreach (string split in counts.Keys.Where(s => counts[s][c] == 0))
            {
                problems.Add(new DataProblem(
                    "class-missing-in-split", set.Root, $"The split '{split}' has no images of '{name}', so it says nothing about that class.",
                    "Choose another drive or place for this split, or add images.", StopsTraining: false));
            }
        }
        int[] present = [.. Enumerable.Range(0, total.Length).Where(c => total[c] > 0)];
        if (present.Length == 1)
        {
            problems.Add(new DataProblem(
                "single-class", set.Root, $"All images are of one class, '{set.Classes[present[0]]}'; there is nothing to tell apart.",
                "Add a second class: a folder for each class, or another label in the manifest."));
        }
        int[] trained = [.. Enumerable.Range(0, set.Classes.Count).Where(c => counts[learnt][c] > 0)];
        if (trained.Length < 2)
            return;
        int most = trained.MaxBy(c => counts[learnt][c]), fewest = trained.MinBy(c => counts[learnt][c]);
        if (counts[learnt][most] > MaxImbalance * counts[learnt][fewest])
        {
            problems.Add(new DataProblem(
                "class-imbalance", set.Root, $"'{set.Classes[most]}' has {counts[learnt][most]} images, '{set.Classes[fewest]}' only {counts[learnt][fewest]}.",
                "Collect more of the rare class, and look at results per class.", StopsTraining: false));
        }
    }

    private static void CheckGroups(ImageSet set, ProblemList problems)
    {
        foreach (IGrouping<string, ImageSample> group in set.Samples.Where(s => s.Group is not null).GroupBy(s => s.Group!).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            string[] splits = [.. group.Select(s => s.Split).Distinct().Order(StringComparer.Ordinal)];
            if (splits.Length > 1)
            {
                problems.Add(new DataProblem(
                    "group-across-splits", group.First().Name, $"The group '{group.Key}' has images in the splits '{string.Join("' and '", splits)}', which are then no test of anything new.",
                    "Give all images of a drive one split, or set data.split.by to group."));
            }
        }
    }

    private static List<DuplicateGroup> FindDuplicates(ImageSet set, ImageFacts[] facts)
    {
        var groups = new List<DuplicateGroup>();
        foreach (IGrouping<UInt128, int> same in Enumerable.Range(0, facts.Length).Where(i => facts[i].Failure is null).GroupBy(i => facts[i].PixelHash).Where(g => g.Skip(1).Any()))
        {
            int[] samples = [.. same];
            groups.Add(new DuplicateGroup(
                samples, samples.Select(i => set.Samples[i].Split).Distinct().Skip(1).Any(), samples.Select(i => set.Samples[i].Label).Distinct().Skip(1).Any()));
        }
        return groups;
    }

    private static DataProblem Describe(ImageSet set, DuplicateGroup group)
    {
        ImageSample first = set.Samples[group.Samples[0]];
        ImageSample other = set.Samples[group.Samples.First(i => (!group.AcrossSplits || set.Samples[i].Split != first.Split) && (group.AcrossSplits || !group.LabelsDiffer || set.Samples[i].Label != first.Label) && i != group.Samples[0])];
        string count = group.Samples.Count == 2 ? "" : $" ({group.Samples.Count} copies in all)";
        if (group.AcrossSplits)
        {
            return new DataProblem(
                "duplicate-across-splits", first.Name, $"The same image is in '{first.Split}' and, as {other.Name}, in '{other.Split}'{count}.", "Remove it from one of the splits.");
        }
        return group.LabelsDiffer
            ? new DataProblem(
                "duplicate-labels-differ", first.Name, $"The same image is '{set.Classes[first.Label]}' here and '{set.Classes[other.Label]}' as {other.Name}{count}.", "Keep the right one.", StopsTraining: false)
            : new DataProblem("duplicate-within-split", first.Name, $"The same image is there again as {other.Name}{count}.", "Remove the copies.", StopsTraining: false);
    }

    private static (string Of, double[] Mean, double[] Std) Statistics(ImageSet set, ImageFacts[] facts)
    {
        string of = set.Samples.Where((s, i) => s.Split == "train" && facts[i].Failure is null).Any() ? "train" : "";
        ulong[] sums = new ulong[6];
        ulong pixels = 0;
        foreach ((int i, ImageFacts f) in facts.Index())
        {
            if (f.Failure is not null || (of.Length > 0 && set.Samples[i].Split != of))
                continue;
            pixels += (ulong)f.Width * (ulong)f.Height;
            for (int k = 0; k < 6; k++)
                sums[k] += f.Sums[k];
        }
        if (pixels == 0)
            return (of, [0, 0, 0], [0, 0, 0]);
        double[] mean = [.. sums[..3].Select(s => s / 255.0 / pixels)];
        return (of, mean, [.. Enumerable.Range(0, 3).Select(k => Math.Sqrt(Math.Max(0, (sums[k + 3] / (255.0 * 255.0) / pixels) - (mean[k] * mean[k]))))]);
    }

    private static void CheckShare(DataAuditReport report, ProblemList problems)
    {
        if (report.UnusableShare <= MaxUnusableShare || problems.FirstUnusable is not DataProblem first)
            return;
        int all = report.Set.Samples.Count - report.Unreadable.Count + report.Unusable;
        problems.Add(new DataProblem(
            "too-many-unusable", first.Path,
            string.Create(CultureInfo.InvariantCulture, $"{report.Unusable} of {all} images ({100 * report.UnusableShare:0.##} %) cannot be used, more than {100 * MaxUnusableShare:0.#} %; the first: {first.Message}"),
            first.Fix, first.Line));
    }
}
