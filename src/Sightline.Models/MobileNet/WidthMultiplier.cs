namespace Sightline.Models;

/// <summary>The width multiplier: how many channels a layer has in a narrower or wider network.</summary>
public static class WidthMultiplier
{
    private const int Multiple = 8;

    /// <summary>
    /// The nearest multiple of 8 to <paramref name="channels"/> · <paramref name="width"/>, but never more than a tenth below it. The
    /// rule of the authors' code (<c>_make_divisible</c>), which torchvision and timm share.
    /// </summary>
    /// <param name="channels">Channels at width 1.</param>
    /// <param name="width">The multiplier.</param>
    /// <returns>Channels, at least 8.</returns>
    public static int Channels(int channels, double width)
    {
        double wanted = channels * width;
        int nearest = Math.Max(Multiple, (int)(wanted + Multiple / 2.0) / Multiple * Multiple);
        return nearest < 0.9 * wanted ? nearest + Multiple : nearest;
    }
}
