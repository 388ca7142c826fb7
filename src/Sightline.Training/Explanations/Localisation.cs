using Sightline.Imaging;

namespace Sightline.Training.Explanations;

/// <summary>How well a map of evidence agrees with where the object is. What is below 0 speaks against the class and doesn't count.</summary>
public static class Localisation
{
    /// <summary>
    /// The pointing game: whether the cell with the most evidence is on the object. Zhang et al., "Top-down Neural Attention by Excitation
    /// Backprop", ECCV 2016 (arXiv 1608.00507); without its tolerance of 15 pixels, since the object is known by the pixel.
    /// </summary>
    /// <param name="map">The evidence.</param>
    /// <param name="truth">1 where the object is; of the same size.</param>
    /// <returns>1 or 0; where several cells have the most evidence, the share of them on the object. So an even map gets the object's
    /// share of the image.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double Pointing(Plane<float> map, Plane<byte> truth)
    {
        Require(map, truth);
        float most = Math.Max(0, map.Values.Max());
        int first = 0, hits = 0;
        for (int i = 0; i < map.Values.Length; i++)
        {
            // Where nothing speaks for the class, no place is better than another.
            if (map.Values[i] < most && most > 0)
                continue;
            first++;
            hits += truth.Values[i] != 0 ? 1 : 0;
        }
        return (double)hits / first;
    }

    /// <summary>
    /// The share of the evidence that is on the object: Wang et al., "Score-CAM", CVPR Workshops 2020 (arXiv 1910.01279), the
    /// energy-based pointing game.
    /// </summary>
    /// <param name="map">The evidence.</param>
    /// <param name="truth">1 where the object is; of the same size.</param>
    /// <returns>0–1; of a map without evidence the object's share of the image, as of an even one.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double Energy(Plane<float> map, Plane<byte> truth)
    {
        Require(map, truth);
        double all = 0, inside = 0;
        for (int i = 0; i < map.Values.Length; i++)
        {
            double evidence = Math.Max(0, map.Values[i]);
            all += evidence;
            inside += truth.Values[i] != 0 ? evidence : 0;
        }
        return all > 0 ? inside / all : Area(truth);
    }

    /// <summary>The object's share of the image: what an even map gets.</summary>
    /// <param name="truth">1 where the object is.</param>
    /// <returns>0–1.</returns>
    public static double Area(Plane<byte> truth)
    {
        ArgumentNullException.ThrowIfNull(truth);
        return (double)truth.Values.Count(v => v != 0) / truth.Values.Length;
    }

    /// <summary>A map that knows nothing but that people aim cameras at things: a normal distribution in the middle, its deviation a
    /// quarter of each side.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <returns>The map.</returns>
    public static Plane<float> Centred(int width, int height)
    {
        var map = new Plane<float>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double across = ((x + 0.5) / width - 0.5) * 4, down = ((y + 0.5) / height - 0.5) * 4;
                map[x, y] = (float)Math.Exp(-(across * across + down * down) / 2);
            }
        }
        return map;
    }

    /// <summary>An object's pixels as the network sees them: the mask goes the way of the picture, and counts where it fills at least half
    /// of a pixel.</summary>
    /// <param name="mask">1 where the object is; as large as the picture.</param>
    /// <param name="preprocessing">What turns a picture into the input.</param>
    /// <returns>The mask at the network's size; null when nothing of the object is left.</returns>
    public static Plane<byte>? Seen(Plane<byte> mask, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(preprocessing);
        var picture = new RgbImage(mask.Width, mask.Height, [.. mask.Values.SelectMany(v => Enumerable.Repeat((byte)(v != 0 ? 255 : 0), 3))]);
        // A letterbox's grey of 114 is below a half.
        RgbImage fitted = preprocessing.Fit(picture);
        var seen = new Plane<byte>(fitted.Width, fitted.Height, [.. Enumerable.Range(0, fitted.Width * fitted.Height).Select(i => (byte)(fitted.Pixels[3 * i] >= 128 ? 1 : 0))]);
        return seen.Values.AsSpan().Contains((byte)1) ? seen : null;
    }

    private static void Require(Plane<float> map, Plane<byte> truth)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(truth);
        if (map.Width != truth.Width || map.Height != truth.Height)
            throw new ArgumentException($"The map has {map.Width}×{map.Height} cells, the object's mask {truth.Width}×{truth.Height}.", nameof(truth));
    }
}
