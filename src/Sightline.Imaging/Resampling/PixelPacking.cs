using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Imaging;

/// <summary>Three bytes a pixel to four and back, sixteen bytes at a time.</summary>
internal static class PixelPacking
{
    private static readonly Vector128<byte> drop = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
    private static readonly Vector128<byte> spread = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);

    /// <summary>Drops the fourth byte of each pixel.</summary>
    /// <param name="rgba">4 · n bytes.</param>
    /// <param name="rgb">Receives 3 · n bytes.</param>
    public static void RgbaToRgb(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        int pixels = rgba.Length / 4;
        rgb = rgb[..(3 * pixels)];
        ref byte from = ref MemoryMarshal.GetReference(rgba);
        ref byte to = ref MemoryMarshal.GetReference(rgb);
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // Each step writes 16 bytes of which 12 count; the last ones would leave the buffer.
            for (; 3 * i + 16 <= rgb.Length; i += 4)
                Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(4 * i)), drop).StoreUnsafe(ref to, (nuint)(3 * i));
        }
        for (; i < pixels; i++)
        {
            rgb[3 * i] = rgba[4 * i];
            rgb[3 * i + 1] = rgba[4 * i + 1];
            rgb[3 * i + 2] = rgba[4 * i + 2];
        }
    }

    /// <summary>Adds an opaque alpha to each pixel.</summary>
    /// <param name="rgb">3 · n bytes.</param>
    /// <param name="rgba">Receives 4 · n bytes.</param>
    public static void RgbToRgba(ReadOnlySpan<byte> rgb, Span<byte> rgba)
    {
        int pixels = rgb.Length / 3;
        rgba = rgba[..(4 * pixels)];
        ref byte from = ref MemoryMarshal.GetReference(rgb);
        ref byte to = ref MemoryMarshal.GetReference(rgba);
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<byte> opaque = Vector128.Create(0xFF000000u).AsByte();
            for (; 3 * i + 16 <= rgb.Length; i += 4)
                (Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(3 * i)), spread) | opaque).StoreUnsafe(ref to, (nuint)(4 * i));
        }
        for (; i < pixels; i++)
        {
            rgba[4 * i] = rgb[3 * i];
            rgba[4 * i + 1] = rgb[3 * i + 1];
            rgba[4 * i + 2] = rgb[3 * i + 2];
            rgba[4 * i + 3] = 255;
        }
    }
}
