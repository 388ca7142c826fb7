namespace Sightline.Training.Augmentation;

/// <summary>
/// A crop of random area and aspect, scaled to the network's size (Szegedy et al. 2014, section 6, "aggressive cropping"; parameters and
/// retries as torchvision's <c>RandomResizedCrop</c>).
/// </summary>
public sealed record RandomResizedCropRecipe
{
    /// <summary>The least share of the image's area.</summary>
    public double ScaleMin { get; init; } = 0.08;

    /// <summary>The greatest share of the image's area.</summary>
    public double ScaleMax { get; init; } = 1;

    /// <summary>The least aspect, width by height; its logarithm is drawn uniformly.</summary>
    public double RatioMin { get; init; } = 3.0 / 4;

    /// <summary>The greatest aspect, width by height.</summary>
    public double RatioMax { get; init; } = 4.0 / 3;

    internal IEnumerable<(string Key, string Message)> Faults()
    {
        if (!(ScaleMin > 0) || !(ScaleMin <= ScaleMax) || !(ScaleMax <= 1))
            yield return ("scaleMin", $"Areas from {ScaleMin} to {ScaleMax} cannot be drawn; 0 < scaleMin ≤ scaleMax ≤ 1.");
        if (!(RatioMin > 0) || !(RatioMin <= RatioMax) || double.IsInfinity(RatioMax))
            yield return ("ratioMin", $"Aspects from {RatioMin} to {RatioMax} cannot be drawn; 0 < ratioMin ≤ ratioMax.");
    }
}
