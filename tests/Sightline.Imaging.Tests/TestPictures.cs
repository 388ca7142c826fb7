using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary>Pictures that a test in another language can compute too (Golden/make_pillow.py).</summary>
internal static class TestPictures
{
    public static RgbImage Formula(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < 3; c++, i++)
                    image.Pixels[i] = (byte)(x * (7 + 4 * c) + y * (13 - 5 * c) + ((x * y) >> 2) + ((x / 3 + y / 5) % 2 != 0 ? 97 : 0) + 61 * c);
            }
        }
        return image;
    }

    /// <summary>Smooth, so that lossy codecs stay close to it.</summary>
    public static RgbImage Smooth(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                image.Pixels[i++] = (byte)(255 * x / width);
                image.Pixels[i++] = (byte)(255 * y / height);
                image.Pixels[i++] = (byte)(128 + 100 * Math.Sin(x * 0.05) * Math.Cos(y * 0.04));
            }
        }
        return image;
    }
}
