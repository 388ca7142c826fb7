namespace Sightline.Training.Augmentation;

/// <summary>
/// What happens to training images before the network sees them; validation images are never changed. Steps run in this order: crop
/// (random resized crop, or resize rule then pad-and-crop), flip, RandAugment, colour jitter, normalisation, random erasing, and on
/// whole batches MixUp or CutMix. A step that is null (or zero) is off.
/// </summary>
/// <remarks>Every draw depends on the run's seed, the step's name, the sample's index and the epoch: never on threads, never on another step.</remarks>
public sealed record AugmentationRecipe
{
    /// <summary>No augmentation at all.</summary>
    public static AugmentationRecipe None { get; } = new();

    /// <summary>Pixels added on every side before a crop of the network's size is cut at random (He et al. 2015, section 4.2, use 4); 0 is off.</summary>
    public int Pad { get; init; }

    /// <summary>What the added border shows.</summary>
    public PadFill PadFill { get; init; } = PadFill.Zero;

    /// <summary>Random resized crop instead of the resize rule and <see cref="Pad"/>.</summary>
    public RandomResizedCropRecipe? RandomResizedCrop { get; init; }

    /// <summary>The probability that an image is mirrored left to right; 0 is off. Not for classes that a mirror changes (digits, arrows).</summary>
    public double HorizontalFlip { get; init; }

    /// <summary>
    /// Mirrors every image in exactly every second epoch, half of the images in the even ones (Jordan 2024, "94 % on CIFAR-10 in 3.29
    /// seconds", section 3.6): no image is seen unmirrored twice in a row. Instead of <see cref="HorizontalFlip"/>.
    /// </summary>
    public bool AlternatingFlip { get; init; }

    /// <summary>Random brightness, contrast, saturation and hue.</summary>
    public ColorJitterRecipe? ColorJitter { get; init; }

    /// <summary>A few operations drawn from a list, all at one strength.</summary>
    public RandAugmentRecipe? RandAugment { get; init; }

    /// <summary>A random rectangle is blanked.</summary>
    public RandomErasingRecipe? RandomErasing { get; init; }

    /// <summary>Pairs of images are blended, their labels too.</summary>
    public MixUpRecipe? MixUp { get; init; }

    /// <summary>A rectangle of one image is pasted into another; labels by area.</summary>
    public CutMixRecipe? CutMix { get; init; }

    /// <summary>Whether labels are mixed, so that batches carry soft targets.</summary>
    internal bool MixesLabels => MixUp is not null || CutMix is not null;

    /// <summary>What is wrong with the values: each with its key below <c>augmentation</c>, as in the recipe file.</summary>
    /// <returns>Pairs of key (e.g. <c>randomResizedCrop.scaleMin</c>) and message; empty when the recipe can be used.</returns>
    public IEnumerable<(string Key, string Message)> Faults()
    {
        if (Pad < 0)
            yield return ("pad", $"A border of {Pad} pixels is none; give 0 or more.");
        if (Pad > 0 && RandomResizedCrop is not null)
            yield return ("pad", "Pad-and-crop and randomResizedCrop both choose the crop; use one of them.");
        if (NotAProbability(HorizontalFlip))
            yield return ("horizontalFlip", $"{HorizontalFlip} is not a probability; give 0 to 1.");
        if (AlternatingFlip && HorizontalFlip > 0)
            yield return ("alternatingFlip", "horizontalFlip and alternatingFlip both decide about mirroring; use one of them.");
        IEnumerable<(string, string)> parts =
        [
            .. Under("randomResizedCrop", RandomResizedCrop?.Faults()),
            .. Under("colorJitter", ColorJitter?.Faults()),
            .. Under("randAugment", RandAugment?.Faults()),
            .. Under("randomErasing", RandomErasing?.Faults()),
            .. Under("mixUp", MixUp is null ? null : MixFaults(MixUp.Alpha, MixUp.Probability)),
            .. Under("cutMix", CutMix is null ? null : MixFaults(CutMix.Alpha, CutMix.Probability)),
        ];
        foreach ((string key, string message) in parts)
            yield return (key, message);
    }

    /// <summary>Throws when the recipe cannot be used.</summary>
    /// <exception cref="BadInputException">A value is out of range (<c>augmentation-value</c>); the message holds its key.</exception>
    public void Validate()
    {
        foreach ((string key, string message) in Faults())
            throw new BadInputException("augmentation-value", $"augmentation.{key}: {message}");
    }

    internal static bool NotAProbability(double p) => !(p is >= 0 and <= 1);

    private static IEnumerable<(string, string)> Under(string name, IEnumerable<(string Key, string Message)>? faults) =>
        (faults ?? []).Select(f => ($"{name}.{f.Key}", f.Message));

    private static IEnumerable<(string, string)> MixFaults(double alpha, double probability)
    {
        if (!(alpha > 0) || double.IsInfinity(alpha))
            yield return ("alpha", $"{alpha} is not a parameter of a Beta distribution; give a number above 0.");
        if (NotAProbability(probability))
            yield return ("probability", $"{probability} is not a probability; give 0 to 1.");
    }
}

/// <summary>What the border of pad-and-crop shows.</summary>
public enum PadFill
{
    /// <summary>Black.</summary>
    Zero,

    /// <summary>The image mirrored at its edge, without repeating the edge pixel.</summary>
    Reflect,
}
