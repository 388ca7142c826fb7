using System.Runtime.InteropServices;
using Sightline.Imaging;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>What is done with maps of evidence.</summary>
public static class HeatMap
{
    /// <summary>Interpolates a map to another size: bilinear between the middles of its cells, its border continued outwards.</summary>
    /// <param name="map">The map.</param>
    /// <param name="width">Width of the result, at least 1.</param>
    /// <param name="height">Height of the result, at least 1.</param>
    /// <returns>A new map; the map itself when it has the size already.</returns>
    public static Plane<float> Resize(Plane<float> map, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Width == width && map.Height == height)
            return map;
        var result = new Plane<float>(width, height);
        (int Low, int High, float Share)[] columns = [.. Enumerable.Range(0, width).Select(x => Between(x, width, map.Width))];
        for (int y = 0; y < height; y++)
        {
            (int low, int high, float share) = Between(y, height, map.Height);
            ReadOnlySpan<float> above = map.Row(low), below = map.Row(high);
            Span<float> to = result.Row(y);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float across) = columns[x];
                float first = above[left] + across * (above[right] - above[left]), second = below[left] + across * (below[right] - below[left]);
                to[x] = first + share * (second - first);
            }
        }
        return result;
    }

    /// <summary>A map's evidence for the class, largest 1: what is below 0 becomes 0.</summary>
    /// <param name="map">The map.</param>
    /// <returns>A new map; all zeros where nothing speaks for the class.</returns>
    public static Plane<float> Positive(Plane<float> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        float largest = map.Values.Max();
        return new Plane<float>(map.Width, map.Height, largest > 0 ? [.. map.Values.Select(v => Math.Max(0, v) / largest)] : new float[map.Values.Length]);
    }

    /// <summary>The cell with the most evidence; the first of equals.</summary>
    /// <param name="map">The map.</param>
    /// <returns>Its column and row.</returns>
    public static (int X, int Y) Peak(Plane<float> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        int best = 0;
        for (int i = 1; i < map.Values.Length; i++)
            best = map.Values[i] > map.Values[best] ? i : best;
        return (best % map.Width, best / map.Width);
    }

    /// <summary>Copies a tensor.</summary>
    /// <param name="map"><c>[H, W] float32</c> on the processor.</param>
    internal static Plane<float> Of(Tensor map)
    {
        using Tensor packed = map.contiguous();
        return new Plane<float>((int)map.shape[1], (int)map.shape[0], MemoryMarshal.Cast<byte, float>(packed.bytes).ToArray());
    }

    private static (int Low, int High, float Share) Between(int at, int outputs, int inputs)
    {
        double place = Math.Clamp((at + 0.5) * inputs / outputs - 0.5, 0, inputs - 1);
        int low = (int)place;
        return (low, Math.Min(low + 1, inputs - 1), (float)(place - low));
    }
}
