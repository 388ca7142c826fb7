using CsCheck;
using Sightline.Imaging;

namespace Sightline.Tests;

public class ResizeTests
{
    // Sizes that have broken resamplers: one pixel, prime sides, reductions to one, extreme aspects, sides at vector widths ± 1.
    private static readonly int[] nasty = [1, 2, 3, 5, 10, 11, 16, 17, 21, 22, 31, 33, 64, 85, 101];

    [Fact]
    public void FastEqualsPlainOnNastySizes()
    {
        foreach (Interpolation interpolation in (Interpolation[])[Interpolation.Bilinear, Interpolation.Area])
        {
            foreach (int w in nasty)
            {
                foreach (int ow in nasty)
                {
                    int h = nasty[(w + 7) % nasty.Length], oh = nasty[(ow + 3) % nasty.Length];
                    Same(TestPictures.Formula(w, h), new CropBox(0, 0, w, h), ow, oh, interpolation);
                }
            }
        }
    }

    [Fact]
    public void FastEqualsPlainOnRandomBoxes() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Double[0, 1].Array[4], Gen.Int[1, 50], Gen.Int[1, 50], Gen.Bool).Sample((w, h, u, ow, oh, area) =>
        {
            double bw = Math.Max(0.01, u[0] * w), bh = Math.Max(0.01, u[1] * h);
            Same(TestPictures.Formula(w, h), new CropBox(u[2] * (w - bw), u[3] * (h - bh), bw, bh), ow, oh, area ? Interpolation.Area : Interpolation.Bilinear);
        }, iter: 400);

    [Fact]
    public void OnePlainColourStays() =>
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 90], Gen.Int[1, 90], Gen.Int[1, 90], Gen.Byte, Gen.Enum<Interpolation>()).Sample((w, h, ow, oh, v, interpolation) =>
        {
            var image = new RgbImage(w, h);
            image.Fill(new Rgb(v, 255, 0));
            RgbImage result = Resize.To(image, ow, oh, interpolation);
            for (int i = 0; i < result.Pixels.Length; i += 3)
                Assert.Equal((v, 255, 0), (result.Pixels[i], result.Pixels[i + 1], result.Pixels[i + 2]));
        }, iter: 200);

    [Fact]
    public void FourByteSourcesGiveTheSame()
    {
        foreach ((int w, int h) in new[] { (1, 1), (7, 5), (33, 31), (64, 48) })
        {
            RgbImage image = TestPictures.Formula(w, h);
            byte[] rgba = new byte[4 * w * h];
            PixelPacking.RgbToRgba(image.Pixels, rgba);
            foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
            {
                RgbImage four = Resize.Window(rgba, w, h, 4, new CropBox(0, 0, w, h), 19, 23, 0, 0, 19, 23, interpolation);
                Assert.Equal(Resize.To(image, 19, 23, interpolation).Pixels, four.Pixels);
            }
        }
    }

    [Fact]
    public void PackingThereAndBackIsTheIdentity()
    {
        for (int n = 1; n < 70; n++)
        {
            byte[] rgb = [.. Enumerable.Range(0, 3 * n).Select(i => (byte)(i * 37 + 11))];
            byte[] rgba = new byte[4 * n];
            byte[] back = new byte[3 * n];
            PixelPacking.RgbToRgba(rgb, rgba);
            PixelPacking.RgbaToRgb(rgba, back);
            Assert.Equal(rgb, back);
            Assert.All(Enumerable.Range(0, n), i => Assert.Equal(255, rgba[4 * i + 3]));
        }
    }

    [Fact]
    public void BoxesOutsideAreRefused()
    {
        RgbImage image = TestPictures.Formula(10, 10);
        foreach (CropBox box in (CropBox[])[new(-1, 0, 5, 5), new(6, 0, 5, 5), new(0, 0, 0, 5), new(0, 0, double.NaN, 5), new(0, 5, 5, 5.1)])
            Assert.Throws<ArgumentOutOfRangeException>(() => Resize.Crop(image, box, 4, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Crop(0, 0, int.MaxValue, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Crop(8, 8, 3, 2));
    }

    [Fact]
    public void FlipPadAndNearestPlaneDoWhatTheySay()
    {
        RgbImage image = TestPictures.Formula(5, 4);
        Assert.Equal(image.Pixels, image.FlipHorizontal().FlipHorizontal().Pixels);
        Assert.Equal(image.Row(2)[..3].ToArray(), image.FlipHorizontal().Row(2)[12..].ToArray());
        RgbImage padded = image.Pad(2, new Rgb(9, 8, 7));
        Assert.Equal(image.Pixels, padded.Crop(2, 2, 5, 4).Pixels);
        Assert.Equal([9, 8, 7], padded.Row(7)[^3..].ToArray());
        var ids = new Plane<byte>(2, 1, [3, 200]);
        Assert.Equal([3, 3, 3, 200, 200, 200], Resize.Nearest(ids, 6, 1).Values);
    }

    private static void Same(RgbImage image, CropBox box, int width, int height, Interpolation interpolation)
    {
        byte[] expected = ReferenceResize.Crop(image, box, width, height, interpolation);
        byte[] actual = Resize.Crop(image, box, width, height, interpolation).Pixels;
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] != actual[i])
                Assert.Fail($"{image.Width}×{image.Height} {box} → {width}×{height} {interpolation}: byte {i} is {actual[i]}, not {expected[i]}");
        }
    }
}

/// <summary>The plain twin: one output value at a time, weights as written in the documentation, no vectors.</summary>
internal static class ReferenceResize
{
    public static byte[] Crop(RgbImage image, CropBox box, int width, int height, Interpolation interpolation)
    {
        byte[] rows = new byte[3 * width * image.Height];
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < 3; c++)
                    rows[3 * (y * width + x) + c] = Value(box.X, Math.Min(box.X + box.Width, image.Width), image.Width, width, x, interpolation, i => image.Pixels[3 * (y * image.Width + i) + c]);
            }
        }
        byte[] result = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < 3 * width; x++)
                result[3 * width * y + x] = Value(box.Y, Math.Min(box.Y + box.Height, image.Height), image.Height, height, y, interpolation, i => rows[3 * width * i + x]);
        }
        return result;
    }

    private static byte Value(double start, double end, int inputSize, int outputSize, int output, Interpolation interpolation, Func<int, byte> pixel)
    {
        double scale = (end - start) / outputSize;
        double widening = Math.Max(1, scale);
        double centre = start + (output + 0.5) * scale;
        double support = interpolation == Interpolation.Area ? 0.5 * widening : widening;
        var weights = new SortedDictionary<int, double>();
        int first = Math.Clamp((int)(centre - support + 0.5), 0, inputSize - 1);
        int last = Math.Max(first + 1, Math.Min((int)(centre + support + 0.5), inputSize));
        for (int i = first; i < last; i++)
        {
            double t = (i - centre + 0.5) * (1 / widening);
            weights[i] = interpolation == Interpolation.Area ? (t > -0.5 && t <= 0.5 ? 1 : 0) : Math.Max(0, 1 - Math.Abs(t));
        }
        double total = weights.Values.Sum();
        long sum = 1 << 21;
        foreach ((int i, double weight) in weights)
            sum += (long)pixel(i) * (int)((total != 0 ? weight / total : 1.0 / weights.Count) * (1 << 22) + 0.5);
        return (byte)(sum >> 22);
    }
}
