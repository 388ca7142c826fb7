namespace Sightline.Datasets.Audit;

/// <summary>How many images have a size.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Images">How many images.</param>
public sealed record ImageSizeCount(int Width, int Height, int Images);

/// <summary>Images with the same pixels.</summary>
/// <param name="Samples">Their indices into the set's samples, ascending; at least two.</param>
/// <param name="AcrossSplits">Whether they lie in more than one split.</param>
/// <param name="LabelsDiffer">Whether they carry more than one label.</param>
public sealed record DuplicateGroup(IReadOnlyList<int> Samples, bool AcrossSplits, bool LabelsDiffer);

/// <summary>What <see cref="DataAudit.Run"/> found.</summary>
/// <param name="Set">The set that was audited.</param>
/// <param name="Problems">What is wrong, what stops training first.</param>
/// <param name="Counts">For each split, the number of usable images of each class, in the order of the classes.</param>
/// <param name="Sizes">The sizes of the images, the commonest first.</param>
/// <param name="StatisticsOf">The split that mean and deviation are taken over: <c>train</c> when there is one, else empty for all images.</param>
/// <param name="Mean">Mean of R, G, B over all pixels, on the scale 0–1.</param>
/// <param name="Std">Standard deviation of R, G, B over all pixels, on the scale 0–1.</param>
/// <param name="Duplicates">Images with the same size and the same decoded pixels, whatever their files.</param>
/// <param name="Unreadable">Indices of the samples that cannot be decoded, ascending.</param>
/// <param name="Unusable">How many images or objects cannot be used, those that never became a sample included.</param>
public sealed record DataAuditReport(
    ImageSet Set,
    IReadOnlyList<DataProblem> Problems,
    IReadOnlyDictionary<string, IReadOnlyList<int>> Counts,
    IReadOnlyList<ImageSizeCount> Sizes,
    string StatisticsOf,
    IReadOnlyList<double> Mean,
    IReadOnlyList<double> Std,
    IReadOnlyList<DuplicateGroup> Duplicates,
    IReadOnlyList<int> Unreadable,
    int Unusable)
{
    /// <summary>Whether the gate before training stops.</summary>
    public bool StopsTraining => Problems.Any(p => p.StopsTraining);

    /// <summary>The share of images or objects that cannot be used, 0–1.</summary>
    public double UnusableShare => Unusable == 0 ? 0 : (double)Unusable / (Set.Samples.Count - Unreadable.Count + Unusable);

    /// <summary>The set without the images that cannot be decoded: what training gets.</summary>
    /// <returns>The set itself when all can be.</returns>
    public ImageSet UsableSet()
    {
        if (Unreadable.Count == 0)
            return Set;
        var without = Unreadable.ToHashSet();
        return Set with { Samples = [.. Set.Samples.Where((_, i) => !without.Contains(i))] };
    }
}
