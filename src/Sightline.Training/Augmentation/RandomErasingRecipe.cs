namespace Sightline.Training.Augmentation;

/// <summary>
/// Random erasing (Zhong, Zheng, Kang, Li, Yang 2020): with some probability a rectangle of random area and aspect is blanked, after
/// normalisation (so that 0 is the data's mean colour); parameters and retries as torchvision's <c>RandomErasing</c>.
/// </summary>
public sealed record RandomErasingRecipe
{
    /// <summary>The probability that an image is erased in.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>The least share of the image's area.</summary>
    public double ScaleMin { get; init; } = 0.02;

    /// <summary>The greatest share of the image's area.</summary>
    public double ScaleMax { get; init; } = 0.33;

    /// <summary>The least aspect; its logarithm is drawn uniformly.</summary>
    public double RatioMin { get; init; } = 0.3;

    /// <summary>The greatest aspect.</summary>
    public double RatioMax { get; init; } = 3.3;

    /// <summary>What the rectangle shows.</summary>
    public EraseFill Fill { get; init; } = EraseFill.Mean;

    internal IEnumerable<(string Key, string Message)> Faults()
    {
        if (AugmentationRecipe.NotAProbability(Probability))
            yield return ("probability", $"{Probability} is not a probability; give 0 to 1.");
        if (!(ScaleMin > 0) || !(ScaleMin <= ScaleMax) || !(ScaleMax <= 1))
            yield return ("scaleMin", $"Areas from {ScaleMin} to {ScaleMax} cannot be drawn; 0 < scaleMin ≤ scaleMax ≤ 1.");
        if (!(RatioMin > 0) || !(RatioMin <= RatioMax) || double.IsInfinity(RatioMax))
            yield return ("ratioMin", $"Aspects from {RatioMin} to {RatioMax} cannot be drawn; 0 < ratioMin ≤ ratioMax.");
    }
}

/// <summary>What an erased rectangle shows.</summary>
public enum EraseFill
{
    /// <summary>Zero after normalisation: the mean colour.</summary>
    Mean,

    /// <summary>Normal noise of deviation 1 after normalisation, for each value.</summary>
    Noise,
}
