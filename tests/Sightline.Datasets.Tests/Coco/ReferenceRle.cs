namespace Sightline.Tests;

/// <summary>Run lengths in the plainest way: pixel by pixel, no cleverness.</summary>
internal static class ReferenceRle
{
    public static List<int> Counts(byte[] rowMajor, int height, int width)
    {
        var columnMajor = new List<bool>();
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
                columnMajor.Add(rowMajor[(y * width) + x] != 0);
        }
        var counts = new List<int> { 0 };
        bool current = false;
        foreach (bool pixel in columnMajor)
        {
            if (pixel != current)
            {
                counts.Add(0);
                current = pixel;
            }
            counts[^1]++;
        }
        return counts;
    }

    public static (int X, int Y, int Width, int Height) Box(byte[] rowMajor, int width)
    {
        int[] inside = [.. Enumerable.Range(0, rowMajor.Length).Where(i => rowMajor[i] != 0)];
        if (inside.Length == 0)
            return (0, 0, 0, 0);
        int left = inside.Min(i => i % width), right = inside.Max(i => i % width), top = inside.Min(i => i / width), bottom = inside.Max(i => i / width);
        return (left, top, right - left + 1, bottom - top + 1);
    }
}
