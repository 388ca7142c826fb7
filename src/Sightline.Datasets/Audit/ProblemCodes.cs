namespace Sightline.Datasets.Audit;

/// <summary>The codes that an audit can report as stopping a training, and that a recipe can therefore allow.</summary>
public static class ProblemCodes
{
    /// <summary>All of them, in alphabetical order.</summary>
    public static IReadOnlyList<string> Stopping { get; } =
    [
        "archive-bomb", "archive-unsafe-path", "class-names-differ", "class-twice", "class-without-images", "data-empty", "duplicate-across-splits",
        "group-across-splits", "idx-count-differs", "idx-labels-missing", "idx-truncated", "idx-unreadable", "cifar-truncated", "image-twice", "label-outside-classes", "layout-mixed",
        "layout-not-classes", "manifest-contradicts-itself", "manifest-empty", "manifest-label-missing", "manifest-split-missing", "path-outside-set", "single-class",
        "split-missing", "split-unknown", "splits-overlap", "too-many-unusable",
    ];
}
