using Sightline.Datasets;
using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary>Small images with known pixels, and contents that misbehave.</summary>
internal static class TestImages
{
    public static readonly float[] Mean = [0.5f, 0.4f, 0.3f];
    public static readonly float[] Std = [0.25f, 0.2f, 0.3f];

    public static Preprocessing At(int width, int height, ResizeRule rule = ResizeRule.Stretch) => new(width, height, rule, Math.Min(width, height), Mean, Std);

    public static RgbImage Random(int width, int height, long seed)
    {
        var stream = new SeedStream(99, "test-image", seed);
        var image = new RgbImage(width, height);
        // Smooth enough that resampling has something to get wrong, with some noise.
        double a = stream.Uniform(0.02, 0.2), b = stream.Uniform(0.02, 0.2);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < 3; c++)
                    image.Pixels[3 * (y * width + x) + c] = (byte)Math.Clamp(128 + 90 * Math.Sin(a * x + c) * Math.Cos(b * y - c) + stream.Uniform(-30, 30), 0, 255);
            }
        }
        return image;
    }

    public static ImageSample[] Samples(int count, int width = 32, int height = 32, int classes = 4) =>
        [.. Enumerable.Range(0, count).Select(i => new ImageSample($"image-{i:000}", i % classes, "train", null, new MemoryContent(Random(width, height, i))))];
}

/// <summary>An image in memory; counts how often it was decoded.</summary>
internal sealed class MemoryContent(RgbImage image) : ImageContent
{
    private int decodes;

    public int Decodes => decodes;

    public override byte[] ReadBytes() => image.Pixels;

    public override RgbImage Decode()
    {
        Interlocked.Increment(ref decodes);
        return image.Clone();
    }
}

/// <summary>A content that does what it is told when it is decoded.</summary>
internal sealed class ScriptedContent(Func<RgbImage> decode) : ImageContent
{
    public override byte[] ReadBytes() => [];

    public override RgbImage Decode() => decode();
}

/// <summary>A JPEG in memory, decoded as files are.</summary>
internal sealed class JpegContent(byte[] jpeg, string name) : ImageContent
{
    public override byte[] ReadBytes() => jpeg;

    public override RgbImage Decode() => ImageCodec.Decode(jpeg, name);

    public override RgbImage DecodeCrop(Func<int, int, CropBox> choose, int width, int height) => ImageCodec.DecodeCrop(jpeg, name, choose, width, height);
}
