using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary>A set of images that any network learns: dark ones and bright ones, no two alike.</summary>
internal static class TwoClasses
{
    /// <summary>Writes the set, a folder for each class.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="perClass">Images of each class.</param>
    /// <returns>The folder.</returns>
    public static string Write(string folder, int perClass)
    {
        foreach ((string name, byte grey) in ((string, byte)[])[("dark", 20), ("bright", 220)])
        {
            for (int i = 0; i < perClass; i++)
            {
                var image = new RgbImage(40, 30);
                for (int p = 0; p < image.Pixels.Length; p++)
                    image.Pixels[p] = (byte)(grey + (p + i) % 11 + i / 11);
                AtomicFile.WriteBytes(Path.Combine(folder, name, $"{i}.png"), ImageCodec.EncodePng(image));
            }
        }
        return folder;
    }
}
