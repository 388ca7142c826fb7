using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary>A folder per class of small PNGs that can be told apart with effort, and a folder for what is made from them; gone when disposed.</summary>
internal sealed class TinyImageFolder : IDisposable
{
    private static readonly string[] Classes = ["cone", "crate", "person"];

    public TinyImageFolder(int perClass = 40, int side = 12, ulong seed = 7)
    {
        Root = Path.Combine(Path.GetTempPath(), "sightline-" + Guid.NewGuid().ToString("N")[..12]);
        for (int c = 0; c < Classes.Length; c++)
        {
            Directory.CreateDirectory(Path.Combine(Images, Classes[c]));
            for (int i = 0; i < perClass; i++)
                File.WriteAllBytes(Path.Combine(Images, Classes[c], $"{i:000}.png"), ImageCodec.EncodePng(Picture(c, i, side, seed)));
        }
    }

    public string Root { get; }

    public string Images => Path.Combine(Root, "images");

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Writes a recipe for the images.</summary>
    public string Recipe(string more = "", string training = "epochs: 3, batchSize: 16, precision: float32, determinism: exact, emaDecay: 0.9", string checkpointing = "everySteps: 2, signalsEverySteps: 1", string name = "recipe.yaml")
    {
        string path = PathOf(name);
        File.WriteAllText(path, $$$"""
            name: tiny
            data: {path: {{{Images}}}, split: {validationFraction: 0.2}}
            network: {name: cifar_resnet8, options: {dropout: 0.1}}
            preprocessing: {width: 12, height: 12}
            augmentation: {pad: 2, horizontalFlip: 0.5}
            optimiser: {learningRate: 0.05}
            training: {{{{training}}}}
            checkpointing: {{{{checkpointing}}}}
            {{{more}}}
            """);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    // A bright blob whose place and hue lean on the class, on noise.
    private static RgbImage Picture(int c, int index, int side, ulong seed)
    {
        var draw = new SeedStream(seed, "tiny-images", index, c);
        var image = new RgbImage(side, side);
        double cx = side * (0.3 + 0.2 * c + 0.1 * draw.NextDouble()), cy = side * (0.3 + 0.4 * draw.NextDouble());
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                double blob = Math.Exp(-((x - cx) * (x - cx) + (y - cy) * (y - cy)) / 6);
                for (int k = 0; k < 3; k++)
                    image.Pixels[3 * (y * side + x) + k] = (byte)Math.Clamp(60 + 60 * draw.NextDouble() + 120 * blob * (k == c ? 1 : 0.5), 0, 255);
            }
        }
        return image;
    }
}
