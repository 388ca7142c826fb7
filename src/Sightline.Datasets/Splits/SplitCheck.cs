namespace Sightline.Datasets.Splits;

/// <summary>Finds images that would silently take no part, because the split they are in is none that training knows.</summary>
public static class SplitCheck
{
    /// <summary>The code of images in a split of another name.</summary>
    public const string Unknown = "split-unknown";

    /// <summary>The code of images in no split beside others in one.</summary>
    public const string None = "split-missing";

    private static readonly string[] known = ["train", "val", "test"];

    /// <summary>A set without what is wrong with the splits it brought along, for whoever divides it by another rule.</summary>
    /// <param name="set">The set.</param>
    /// <returns>The same images; <see cref="ImageSet.Problems"/> without <see cref="Unknown"/> and <see cref="None"/>.</returns>
    public static ImageSet PassOver(ImageSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set with { Problems = [.. set.Problems.Where(p => p.Code is not (Unknown or None))] };
    }

    /// <summary>Checks the splits that a set brought along.</summary>
    /// <param name="set">The set as it was opened.</param>
    /// <returns>One problem for each split.</returns>
    internal static IEnumerable<DataProblem> Of(ImageSet set)
    {
        if (set.Splits is [""])
            yield break;
        foreach (string split in set.Splits.Except(known))
        {
            ImageSample[] inSplit = [.. set.Samples.Where(s => s.Split == split)];
            if (split.Length == 0)
            {
                // Pascal VOC leaves images out of its lists on purpose.
                yield return new DataProblem(
                    None, inSplit[0].Name, $"{inSplit.Length} of {set.Samples.Count} images are in no split, while others are; they would take no part.",
                    "Put them into train, val or test, or set data.split.by to random.", StopsTraining: set.Format != "voc-crops");
                continue;
            }
            string? meant = NearestName.Find(split, known);
            yield return new DataProblem(
                Unknown, inSplit[0].Name,
                $"{inSplit.Length} of {set.Samples.Count} images are in the split '{split}', which is none of train, val and test{(meant is null ? "" : $" (did you mean '{meant}'?)")}; they would take no part.",
                "Name the split train, val or test, or set data.split.by to random.");
        }
    }
}
