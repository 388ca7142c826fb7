namespace Sightline.Datasets;

/// <summary>How <see cref="ImageSet.Open"/> reads a set. Every default lets the set speak for itself.</summary>
public sealed record ImageSetOptions
{
    /// <summary>The shortest side of a visible box that is taken unless something else is asked for, in pixels: one number for recipes too.</summary>
    public const double DefaultMinCropSide = 8;

    /// <summary>Take the objects of a detection set as images: <c>coco</c> or <c>voc</c>; null recognises it.</summary>
    public string? CropsOf { get; init; }

    /// <summary>Objects whose visible box has a shorter side below this are left out, in pixels.</summary>
    public double MinCropSide { get; init; } = DefaultMinCropSide;

    /// <summary>How much of its surroundings a crop shows: the box grows by this share of its sides on every side.</summary>
    public double CropMargin { get; init; } = 0.1;

    /// <summary>Whether crops are made square by showing more of the surroundings, so that resizing keeps the object's shape.</summary>
    public bool SquareCrops { get; init; } = true;

    /// <summary>Whether COCO's crowds (groups that were not told apart) count as objects.</summary>
    public bool IncludeCrowds { get; init; }

    /// <summary>Whether objects that Pascal VOC marks as difficult count.</summary>
    public bool IncludeDifficult { get; init; }

    /// <summary>Whether objects that Pascal VOC marks as truncated count.</summary>
    public bool IncludeTruncated { get; init; } = true;

    /// <summary>Objects with a larger hidden share than this are left out, 0–1, where the set knows it.</summary>
    public double MaxOcclusion { get; init; } = 0.5;

    /// <summary>Objects with a larger share outside the image than this are left out, 0–1, where the set knows it.</summary>
    public double MaxTruncation { get; init; } = 0.5;

    /// <summary>The class names in the order of their labels, for manifests and IDX files; null takes those that occur.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Other names for the splits that were found, e.g. <c>test</c> → <c>val</c>.</summary>
    public IReadOnlyDictionary<string, string>? SplitNames { get; init; }

    /// <summary>The folder that a manifest's or a COCO file's image paths start from; null for the folder of the file itself.</summary>
    public string? ImageRoot { get; init; }

    /// <summary>The manifest's column with the image's path; null finds it by its usual names.</summary>
    public string? PathColumn { get; init; }

    /// <summary>The manifest's column with the class; null finds it by its usual names.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>The manifest's column with the split; null finds it by its usual names, if there is one.</summary>
    public string? SplitColumn { get; init; }

    /// <summary>The manifest's column with the drive; null finds it by its usual names, if there is one.</summary>
    public string? GroupColumn { get; init; }

    /// <summary>Up to this many bytes a <c>.tar.gz</c> is unpacked into memory, beyond into the cache folder.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>The cache folder; null for <see cref="DataFolders.Cache"/>.</summary>
    public string? CacheFolder { get; init; }
}
