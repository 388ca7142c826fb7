using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Verification;

namespace Sightline.Tests;

/// <summary>A bundle of the planted network, with pictures of another shape than its input.</summary>
internal static class PlantedBundle
{
    public static Bundle Of(PlantedNetwork network, int frames = 6) => BundleMaker.Make(
        network.ToOnnx(),
        [.. Enumerable.Range(0, frames).Select(i => Candidate(network, i))],
        new ExpectedAccuracy(0.9, Interval.Wilson(180, 200), 200, "val"), "MIT");

    private static GoldenCandidate Candidate(PlantedNetwork network, int index)
    {
        byte[] bytes = index % 2 == 0 ? ImageCodec.EncodeJpeg(Picture(index)) : ImageCodec.EncodePng(Picture(index));
        return new GoldenCandidate($"drive-1/{index}", bytes, network.Logits(bytes), network.Classes[index % network.Classes.Count]);
    }

    // Shapes of all sizes in strong colours, twice as wide as high.
    public static RgbImage Picture(int index)
    {
        var stream = new SeedStream((ulong)index, "picture");
        var image = new RgbImage(96, 48);
        image.Fill(new Rgb((byte)stream.NextInt(200), (byte)stream.NextInt(200), (byte)stream.NextInt(200)));
        for (int shape = 0; shape < 40; shape++)
        {
            int width = 2 + stream.NextInt(30), height = 2 + stream.NextInt(20), x = stream.NextInt(96), y = stream.NextInt(48);
            byte[] color = [(byte)stream.NextInt(256), (byte)stream.NextInt(256), (byte)stream.NextInt(256)];
            for (int py = y; py < Math.Min(48, y + height); py++)
            {
                for (int px = x; px < Math.Min(96, x + width); px++)
                    color.CopyTo(image.Row(py)[(3 * px)..]);
            }
        }
        return image;
    }
}
