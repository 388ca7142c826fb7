using Sightline.Datasets;
using Sightline.Datasets.Splits;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Divides a set into training, validation and test images by a recipe's rule.</summary>
public static class DataSplit
{
    /// <summary>Divides <paramref name="set"/>.</summary>
    /// <param name="set">The images.</param>
    /// <param name="recipe">The rule.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="fingerprint">The set's fingerprint.</param>
    /// <returns>The parts; each keeps the set's order.</returns>
    /// <exception cref="BadInputException">The rule does not fit the set, or nothing is left to train on.</exception>
    public static TrainingData Of(ImageSet set, SplitRecipe recipe, ulong seed, string fingerprint)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(recipe);
        bool owns = set.Splits.Contains("train") && set.Splits.Count > 1;
        bool knowsDrives = set.Samples.Count > 0 && set.Samples.All(s => s.Group is not null);
        SplitRule rule = recipe.By != SplitRule.Auto ? recipe.By
            : recipe.ValidationGroups.Count + recipe.TestGroups.Count > 0 ? SplitRule.Group
            : owns ? SplitRule.Own
            : knowsDrives ? SplitRule.Group : SplitRule.Random;
        if (rule == SplitRule.Own && !owns)
            throw new BadInputException("split-own", "The set has no splits of its own.", set.Root, fix: "Set data.split.by to random, or to group if it knows drives.");
        if (rule == SplitRule.Group && !knowsDrives)
            throw new BadInputException("split-group", "Not every image names the drive it is from, so drives cannot be kept whole.", set.Root, fix: "Set data.split.by to random.");

        // Whoever asks for another rule passes over the set's own splits knowingly: what is wrong with them is nothing to stop for.
        if (recipe.By is SplitRule.Random or SplitRule.Group)
            set = SplitCheck.PassOver(set);

        List<ImageSample> train = [.. set.Samples], validation = [], test = [];
        string explanation = rule switch
        {
            SplitRule.Own => "the set's own splits",
            SplitRule.Group => "by drive, none cut in two",
            _ => "at random, evenly over the classes",
        };
        if (rule == SplitRule.Own)
        {
            train = [.. set.Samples.Where(s => s.Split == "train")];
            validation = [.. set.Samples.Where(s => s.Split is "val" or "valid" or "validation")];
            test = [.. set.Samples.Where(s => s.Split == "test")];
        }
        bool byDrive = rule == SplitRule.Group || (rule == SplitRule.Own && train.Count > 0 && train.All(s => s.Group is not null));
        var copies = new Lazy<Dictionary<ImageSample, int>>(() => Copies(set.Samples));
        if (test.Count == 0)
            (test, train) = Take(train, recipe.TestFraction, recipe.TestGroups, byDrive, seed, "test", set, copies);
        if (validation.Count == 0)
        {
            double share = rule == SplitRule.Own ? recipe.ValidationFraction : recipe.ValidationFraction / (1 - (recipe.TestGroups.Count > 0 ? 0 : recipe.TestFraction));
            bool own = rule == SplitRule.Own && recipe.ValidationFraction > 0;
            (validation, train) = Take(train, share, recipe.ValidationGroups, byDrive, seed, "validation", set, copies);
            explanation += own ? $"; validation: {validation.Count} of its training images, {(byDrive ? "by drive" : "evenly over the classes")}" : "";
        }
        if (copies is { IsValueCreated: true, Value.Count: > 0 })
            explanation += "; exact copies of an image kept together";
        if (recipe.Imbalance > 1)
        {
            train = LongTail(train, set.Classes.Count, recipe.Imbalance, seed);
            explanation += FormattableString.Invariant($"; training images thinned to an imbalance of {recipe.Imbalance}");
        }
        if (recipe.TrainLimit > 0 && recipe.TrainLimit < train.Count)
            train = Evenly(train, recipe.TrainLimit, seed, "limit", []).Taken;
        if (train.Count == 0)
            throw new BadInputException("split-empty", $"The split leaves no training images ({explanation}).", set.Root, fix: "Lower the fractions or name fewer drives under data.split.");
        return new TrainingData(set, train, validation, test, fingerprint, explanation);
    }

    // Class k keeps most · imbalance^(−k / (K − 1)) images, where most is the largest number for which every class has enough.
    private static List<ImageSample> LongTail(List<ImageSample> from, int classes, double imbalance, ulong seed)
    {
        double Share(int k) => Math.Pow(imbalance, -k / Math.Max(1.0, classes - 1));
        int[] counts = new int[classes];
        foreach (ImageSample sample in from)
            counts[sample.Label]++;
        double most = Enumerable.Range(0, classes).Min(k => counts[k] / Share(k));
        var kept = new HashSet<int>();
        foreach (IGrouping<int, int> ofClass in Enumerable.Range(0, from.Count).GroupBy(i => from[i].Label))
        {
            int[] indices = [.. ofClass];
            new SeedStream(seed, "split/imbalance", ofClass.Key).Shuffle<int>(indices);
            // A hair below a whole number is that number.
            kept.UnionWith(indices[..(int)(most * Share(ofClass.Key) + 1e-6)]);
        }
        return [.. from.Where((_, i) => kept.Contains(i))];
    }

    private static (List<ImageSample> Taken, List<ImageSample> Left) Take(List<ImageSample> from, double fraction, IReadOnlyList<string> groups, bool byDrive, ulong seed, string stream, ImageSet set, Lazy<Dictionary<ImageSample, int>> copies)
    {
        if (groups.Count > 0)
            return Named(from, groups, set);
        if (fraction <= 0)
            return ([], from);
        return byDrive ? Drives(from, fraction, seed, stream, set) : Evenly(from, (int)Math.Round(fraction * from.Count), seed, stream, copies.Value);
    }

    private static (List<ImageSample> Taken, List<ImageSample> Left) Named(List<ImageSample> from, IReadOnlyList<string> groups, ImageSet set)
    {
        string[] known = [.. set.Samples.Select(s => s.Group ?? "").Distinct()];
        foreach (string group in groups)
        {
            if (!known.Contains(group))
            {
                string hint = NearestName.Find(group, known) is { } nearest ? $"Did you mean '{nearest}'?" : $"Drives: {string.Join(", ", known.Take(20))}.";
                throw new BadInputException("split-group-unknown", $"There is no drive '{group}'.", set.Root, fix: hint);
            }
        }
        return ([.. from.Where(s => groups.Contains(s.Group))], [.. from.Where(s => !groups.Contains(s.Group))]);
    }

    // Whole drives, gone through in random order: each that brings the count nearer to the share. At least one, never the last one left.
    private static (List<ImageSample> Taken, List<ImageSample> Left) Drives(List<ImageSample> from, double fraction, ulong seed, string stream, ImageSet set)
    {
        var drives = from.GroupBy(s => s.Group!).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (Name: g.Key, Images: g.Count())).ToArray();
        if (drives.Length < 2)
            throw new BadInputException("split-one-drive", $"Only one drive is left to take '{stream}' from; keeping drives whole takes at least two.", set.Root, fix: "Record another drive, or set data.split.by to random and accept that its frames look alike.");
        new SeedStream(seed, "split/" + stream).Shuffle<(string, int)>(drives);
        double wanted = fraction * from.Count;
        var taken = new HashSet<string>();
        int images = 0;
        foreach ((string name, int count) in drives)
        {
            if (taken.Count < drives.Length - 1 && Math.Abs(images + count - wanted) < Math.Abs(images - wanted))
            {
                taken.Add(name);
                images += count;
            }
        }
        if (taken.Count == 0)
            taken.Add(drives.MinBy(d => d.Images).Name);
        return ([.. from.Where(s => taken.Contains(s.Group!))], [.. from.Where(s => !taken.Contains(s.Group!))]);
    }

    // Of each image that is there more than once, the number of its copies' group.
    private static Dictionary<ImageSample, int> Copies(IReadOnlyList<ImageSample> samples)
    {
        var copies = new Dictionary<ImageSample, int>(ReferenceEqualityComparer.Instance);
        foreach ((int group, IReadOnlyList<int> equal) in EqualImages.Of(samples).Index())
        {
            foreach (int i in equal)
                copies[samples[i]] = group;
        }
        return copies;
    }

    // Each class gives its share; what rounding leaves goes to the classes with the largest remainders. Copies of an image are taken
    // together or not at all: one in training and one in validation would be no validation, and no choice of the person's.
    private static (List<ImageSample> Taken, List<ImageSample> Left) Evenly(List<ImageSample> from, int count, ulong seed, string stream, Dictionary<ImageSample, int> copies)
    {
        var chosen = new HashSet<int>();
        ILookup<int, int> together = Enumerable.Range(0, from.Count).Where(i => copies.ContainsKey(from[i])).ToLookup(i => copies[from[i]]);
        int[] WithCopies(int i) => copies.TryGetValue(from[i], out int group) ? [.. together[group]] : [i];
        var classes = Enumerable.Range(0, from.Count).GroupBy(i => from[i].Label).OrderBy(g => g.Key)
            .Select(g => (Label: g.Key, Indices: g.ToArray(), Exact: (double)count * g.Count() / from.Count)).ToArray();
        var quota = classes.ToDictionary(c => c.Label, c => (int)c.Exact);
        foreach (var c in classes.OrderByDescending(c => c.Exact - (int)c.Exact).ThenBy(c => c.Label).Take(count - quota.Values.Sum()))
            quota[c.Label]++;
        foreach (var c in classes)
        {
            new SeedStream(seed, "split/" + stream, c.Label).Shuffle<int>(c.Indices);
            foreach (int i in c.Indices)
            {
                if (quota[c.Label] == 0)
                    break;
                int[] all = WithCopies(i);
                if (chosen.Contains(i) || all.GroupBy(k => from[k].Label).Any(g => g.Count() > quota[g.Key]))
                    continue;
                chosen.UnionWith(all);
                foreach (int k in all)
                    quota[from[k].Label]--;
            }
        }
        // Where no share is as large as a group of copies: the smallest group, rather than nothing.
        if (chosen.Count == 0 && count > 0 && classes.SelectMany(c => c.Indices).Select(WithCopies).MinBy(all => all.Length) is int[] least && least.Length < from.Count)
            chosen.UnionWith(least);
        return ([.. from.Where((_, i) => chosen.Contains(i))], [.. from.Where((_, i) => !chosen.Contains(i))]);
    }
}
