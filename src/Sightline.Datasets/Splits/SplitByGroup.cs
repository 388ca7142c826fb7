namespace Sightline.Datasets.Splits;

/// <summary>
/// Splits a set into <c>train</c> and <c>val</c> without cutting through a group: neighbouring frames of one drive look almost the
/// same, and a network that saw one in training has as good as seen the other. An existing <c>test</c> split is left alone.
/// </summary>
public static class SplitByGroup
{
    /// <summary>Draws whole groups until about the wanted share of the images is in <c>val</c>.</summary>
    /// <param name="set">The set. When no image has a group, images are drawn one by one, class by class.</param>
    /// <param name="valFraction">The wanted share of the images, above 0 and below 1.</param>
    /// <param name="seed">The run's seed; the stream <c>split</c> is drawn from it.</param>
    /// <returns>The same images with the splits <c>train</c> and <c>val</c> (and <c>test</c>, where it was).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    /// <exception cref="BadInputException">There are fewer than two groups, or images (<c>split-too-few-groups</c>).</exception>
    public static ImageSet Apply(ImageSet set, double valFraction, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (valFraction is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(valFraction), valFraction, "The share must lie between 0 and 1.");
        ImageSample[] free = [.. set.Samples.Where(s => s.Split != "test")];
        var random = new SeedStream(seed, "split");
        var val = new HashSet<string>(StringComparer.Ordinal);
        if (free.All(s => s.Group is null))
        {
            foreach (IGrouping<int, ImageSample> ofClass in free.GroupBy(s => s.Label).OrderBy(g => g.Key))
                Draw([.. ofClass.Select(s => (GroupOf(s), 1))], valFraction, ref random, val);
        }
        else
        {
            Draw([.. free.GroupBy(GroupOf).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Count()))], valFraction, ref random, val);
        }
        if (val.Count == 0 || free.All(s => val.Contains(GroupOf(s))))
        {
            throw new BadInputException(
                "split-too-few-groups", $"There are {free.Select(GroupOf).Distinct().Count()} groups of images, too few to put some into training and others into validation.", set.Root,
                fix: "Record at least two drives, or split by hand.");
        }
        return Assign(set, val);
    }

    /// <summary>Puts the named groups into <c>val</c>.</summary>
    /// <param name="set">The set.</param>
    /// <param name="valGroups">The groups, e.g. <c>drive-04</c>.</param>
    /// <returns>The same images with the splits <c>train</c> and <c>val</c> (and <c>test</c>, where it was).</returns>
    /// <exception cref="BadInputException">A group does not exist (<c>split-unknown-group</c>), or all are named (<c>split-too-few-groups</c>).</exception>
    public static ImageSet Apply(ImageSet set, IReadOnlyCollection<string> valGroups)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(valGroups);
        var groups = set.Samples.Where(s => s.Split != "test" && s.Group is not null).Select(s => s.Group!).ToHashSet(StringComparer.Ordinal);
        foreach (string name in valGroups)
        {
            if (groups.Contains(name))
                continue;
            string? nearest = NearestName.Find(name, groups);
            throw new BadInputException(
                "split-unknown-group", $"There is no group '{name}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}", set.Root,
                fix: groups.Count == 0 ? "This set has no groups." : $"The groups are: {string.Join(", ", groups.Order(StringComparer.Ordinal).Take(20))}.");
        }
        var val = valGroups.ToHashSet(StringComparer.Ordinal);
        if (val.Count == 0 || set.Samples.Where(s => s.Split != "test").All(s => val.Contains(GroupOf(s))))
            throw new BadInputException("split-too-few-groups", "The named groups leave nothing for training, or nothing for validation.", set.Root, fix: "Name some of the groups, not all.");
        return Assign(set, val);
    }

    // An image without a group stands for itself; the prefix keeps it apart from a group of the same name.
    private static string GroupOf(ImageSample sample) => sample.Group ?? "\0" + sample.Name;

    private static void Draw((string Name, int Images)[] groups, double fraction, ref SeedStream random, HashSet<string> val)
    {
        random.Shuffle<(string, int)>(groups);
        double wanted = fraction * groups.Sum(g => g.Images);
        int drawn = 0, count = 0;
        foreach ((string name, int images) in groups)
        {
            // Each group that brings the share nearer to the wanted one is taken; the first always, the last of all never.
            bool nearer = Math.Abs(drawn + images - wanted) < Math.Abs(drawn - wanted);
            if (groups.Length < 2 || count == groups.Length - 1 || (!nearer && count > 0))
                continue;
            val.Add(name);
            drawn += images;
            count++;
        }
    }

    private static ImageSet Assign(ImageSet set, HashSet<string> val) => new(
        set.Format, set.Root, set.Evidence, set.Classes,
        [.. set.Samples.Select(s => s.Split == "test" ? s : s with { Split = val.Contains(GroupOf(s)) ? "val" : "train" })],
        // What was wrong with the old splits is no longer.
        [.. SplitCheck.PassOver(set).Problems.Where(p => p.Code is not ("class-names-differ" or "splits-overlap"))]);
}
