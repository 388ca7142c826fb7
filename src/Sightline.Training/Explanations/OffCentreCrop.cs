using Sightline.Imaging;

namespace Sightline.Training.Explanations;

/// <summary>
/// Crops in which the object lies anywhere, not in the middle. Where every object is in the middle of its crop, a map that always points
/// there plays the pointing game as well as any.
/// </summary>
public static class OffCentreCrop
{
    /// <summary>The margin with which a crop has to be cut, so that a window of the usual margin can lie anywhere around the object.</summary>
    /// <param name="margin">The usual margin, a share of the object's sides.</param>
    /// <returns>The wider margin.</returns>
    public static double WideMargin(double margin) => 2 * margin;

    /// <summary>Cuts a window out of a wide crop, as large as the usual crop, at a random place that leaves the whole object inside.</summary>
    /// <param name="wide">The crop, cut with <see cref="WideMargin"/>.</param>
    /// <param name="mask">1 where its object is.</param>
    /// <param name="margin">The usual margin.</param>
    /// <param name="draw">Where the place comes from.</param>
    /// <returns>The window, and its part of the mask.</returns>
    /// <exception cref="ArgumentException">The mask has another size, or shows no object.</exception>
    public static (RgbImage Picture, Plane<byte> Mask) Window(RgbImage wide, Plane<byte> mask, double margin, ref SeedStream draw)
    {
        ArgumentNullException.ThrowIfNull(wide);
        ArgumentNullException.ThrowIfNull(mask);
        (int Column, int Row)[] pixels = [.. mask.Values.Index().Where(v => v.Item != 0).Select(v => (v.Index % mask.Width, v.Index / mask.Width))];
        if (mask.Width != wide.Width || mask.Height != wide.Height || pixels.Length == 0)
            throw new ArgumentException($"A mask of {mask.Width}×{mask.Height} with {pixels.Length} pixels of the object does not go with a crop of {wide.Width}×{wide.Height}.", nameof(mask));
        double share = (1 + 2 * margin) / (1 + 2 * WideMargin(margin));
        (int left, int width) = Place(wide.Width, share, pixels.Min(p => p.Column), pixels.Max(p => p.Column), ref draw);
        (int top, int height) = Place(wide.Height, share, pixels.Min(p => p.Row), pixels.Max(p => p.Row), ref draw);
        var part = new Plane<byte>(width, height);
        for (int y = 0; y < height; y++)
            mask.Row(top + y).Slice(left, width).CopyTo(part.Row(y));
        return (wide.Crop(left, top, width, height), part);
    }

    private static (int Start, int Length) Place(int side, double share, int first, int last, ref SeedStream draw)
    {
        int length = Math.Clamp((int)Math.Round(side * share), last - first + 1, side);
        int least = Math.Max(0, last + 1 - length), most = Math.Min(first, side - length);
        return (least + draw.NextInt(most - least + 1), length);
    }
}
