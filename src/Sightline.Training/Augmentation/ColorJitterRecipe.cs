namespace Sightline.Training.Augmentation;

/// <summary>
/// Brightness, contrast, saturation and hue, each by a random factor and in a random order (torchvision's <c>ColorJitter</c>; the
/// operations are Pillow's to the bit).
/// </summary>
public sealed record ColorJitterRecipe
{
    /// <summary>Brightness is multiplied by a factor uniform in [max(0, 1 − b), 1 + b].</summary>
    public double Brightness { get; init; }

    /// <summary>Contrast about the mean grey is multiplied by a factor uniform in [max(0, 1 − c), 1 + c].</summary>
    public double Contrast { get; init; }

    /// <summary>Saturation is multiplied by a factor uniform in [max(0, 1 − s), 1 + s].</summary>
    public double Saturation { get; init; }

    /// <summary>Hue is turned by a share of the circle uniform in [−h, h]; at most 0.5.</summary>
    public double Hue { get; init; }

    internal IEnumerable<(string Key, string Message)> Faults()
    {
        foreach ((string key, double value) in new[] { ("brightness", Brightness), ("contrast", Contrast), ("saturation", Saturation) })
        {
            if (!(value >= 0) || double.IsInfinity(value))
                yield return (key, $"{value} is not a strength; give 0 or more.");
        }
        if (!(Hue is >= 0 and <= 0.5))
            yield return ("hue", $"{Hue} is not a share of the colour circle; give 0 to 0.5.");
    }
}
