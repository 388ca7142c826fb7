using System.Text;

namespace Sightline.Datasets.Coco;

/// <summary>Making, reading and packing run-length masks.</summary>
public sealed partial record RleMask
{
    /// <summary>The number of pixels inside the mask.</summary>
    public long Area
    {
        get
        {
            long area = 0;
            for (int i = 1; i < Counts.Count; i += 2)
                area += Counts[i];
            return area;
        }
    }

    /// <summary>Encodes a bitmap.</summary>
    /// <param name="rowMajor">height · width bytes, row by row; a pixel belongs to the mask when its byte is not 0.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <returns>The mask in its shortest form: only the first run may be empty.</returns>
    /// <exception cref="ArgumentException">The bitmap's length does not fit the size.</exception>
    public static RleMask FromBitmap(ReadOnlySpan<byte> rowMajor, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (rowMajor.Length != checked(height * width))
            throw new ArgumentException($"A bitmap of {width}×{height} has {(long)height * width} bytes, not {rowMajor.Length}.", nameof(rowMajor));
        var counts = new List<int>();
        bool inside = false;
        int run = 0;
        for (int x = 0; x < width; x++)
        {
            for (int i = x; i < rowMajor.Length; i += width)
            {
                if (rowMajor[i] != 0 != inside)
                {
                    counts.Add(run);
                    run = 0;
                    inside = !inside;
                }
                run++;
            }
        }
        counts.Add(run);
        return new RleMask(height, width, counts.ToArray());
    }

    /// <summary>Decodes to a bitmap.</summary>
    /// <returns>height · width bytes, row by row: 1 inside the mask, 0 outside.</returns>
    /// <exception cref="InvalidOperationException">The runs do not add up to height · width, or one is negative.</exception>
    public byte[] ToBitmap()
    {
        Validate();
        byte[] rowMajor = new byte[checked(Height * Width)];
        int start = 0;
        for (int k = 0; k < Counts.Count; k++)
        {
            int end = start + Counts[k];
            if (k % 2 == 1)
            {
                for (int i = start; i < end; i++)
                    rowMajor[(i % Height * Width) + (i / Height)] = 1;
            }
            start = end;
        }
        return rowMajor;
    }

    /// <summary>The smallest box around the mask, in whole pixels.</summary>
    /// <returns>Left, top, width and height; all 0 for an empty mask.</returns>
    public (int X, int Y, int Width, int Height) BoundingBox()
    {
        int left = int.MaxValue, right = -1, top = int.MaxValue, bottom = -1;
        int start = 0;
        for (int k = 0; k < Counts.Count; k++)
        {
            int end = start + Counts[k];
            if (k % 2 == 1 && end > start)
            {
                int firstColumn = start / Height, lastColumn = (end - 1) / Height;
                left = Math.Min(left, firstColumn);
                right = Math.Max(right, lastColumn);
                // A run over the foot of a column goes on at the head of the next, so it touches both edges.
                top = Math.Min(top, firstColumn == lastColumn ? start % Height : 0);
                bottom = Math.Max(bottom, firstColumn == lastColumn ? (end - 1) % Height : Height - 1);
            }
            start = end;
        }
        return right < 0 ? (0, 0, 0, 0) : (left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>
    /// COCO's compressed counts: each run as its difference to the run before the last, in groups of five bits, the sixth saying whether
    /// more follow, as printable characters from '0'. The same string as <c>rleToString</c> of pycocotools gives.
    /// </summary>
    /// <returns>ASCII text.</returns>
    public string ToCompressedString()
    {
        var text = new StringBuilder(Counts.Count * 2);
        for (int i = 0; i < Counts.Count; i++)
        {
            long x = Counts[i];
            if (i > 2)
                x -= Counts[i - 2];
            bool more = true;
            while (more)
            {
                int c = (int)(x & 0x1f);
                x >>= 5;
                more = (c & 0x10) != 0 ? x != -1 : x != 0;
                text.Append((char)((more ? c | 0x20 : c) + 48));
            }
        }
        return text.ToString();
    }

    /// <summary>Reads COCO's compressed counts, as <c>rleFrString</c> of pycocotools does.</summary>
    /// <param name="compressed">The text that <see cref="ToCompressedString"/> writes.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <returns>The mask.</returns>
    /// <exception cref="FormatException">The text is cut off, holds other characters, or its runs do not fit the size.</exception>
    public static RleMask FromCompressedString(ReadOnlySpan<char> compressed, int height, int width)
    {
        var counts = new List<int>(compressed.Length / 2);
        for (int p = 0; p < compressed.Length;)
        {
            long x = 0;
            bool more = true;
            for (int shift = 0; more; shift += 5)
            {
                if (p == compressed.Length || shift > 35)
                    throw new FormatException(p == compressed.Length ? "the compressed counts are cut off" : $"run {counts.Count} of the compressed counts is too long");
                int c = compressed[p++] - 48;
                if (c is < 0 or > 63)
                    throw new FormatException($"the compressed counts hold the character '{compressed[p - 1]}'");
                x |= (long)(c & 0x1f) << shift;
                more = (c & 0x20) != 0;
                if (!more && (c & 0x10) != 0)
                    x |= -1L << (shift + 5);
            }
            if (counts.Count > 2)
                x += counts[^2];
            if (x is < 0 or > int.MaxValue)
                throw new FormatException($"run {counts.Count} of the compressed counts is {x}");
            counts.Add((int)x);
        }
        return FromCounts(counts, height, width);
    }

    /// <summary>Wraps run lengths that come from outside, after checking them.</summary>
    /// <param name="counts">Run lengths, alternately of zeros and ones, column by column.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <returns>The mask.</returns>
    /// <exception cref="FormatException">A run is negative, or they do not add up to height · width.</exception>
    public static RleMask FromCounts(IEnumerable<int> counts, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var mask = new RleMask(height, width, counts.ToArray());
        return mask.Fault() is string fault ? throw new FormatException(fault) : mask;
    }

    /// <summary>Masks are equal when size and runs are.</summary>
    /// <param name="other">The other mask.</param>
    /// <returns>Whether they are.</returns>
    public bool Equals(RleMask? other) =>
        other is not null && Height == other.Height && Width == other.Width && Counts.SequenceEqual(other.Counts);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Height);
        hash.Add(Width);
        foreach (int count in Counts)
            hash.Add(count);
        return hash.ToHashCode();
    }

    private void Validate()
    {
        if (Fault() is string fault)
            throw new InvalidOperationException($"This mask is damaged: {fault}.");
    }

    private string? Fault()
    {
        if (Height < 1 || Width < 1 || (long)Height * Width > int.MaxValue)
            return $"a size of {Width}×{Height} pixels";
        long sum = 0;
        foreach (int count in Counts)
        {
            if (count < 0)
                return $"a run of {count} pixels";
            sum += count;
        }
        return sum == (long)Height * Width ? null : $"the runs cover {sum} pixels, the image of {Width}×{Height} has {(long)Height * Width}";
    }
}
