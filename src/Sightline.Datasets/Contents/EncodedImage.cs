using Sightline.Datasets.Files;
using Sightline.Imaging;

namespace Sightline.Datasets.Contents;

/// <summary>An image file, on disk or in an archive.</summary>
/// <param name="file">The file.</param>
internal sealed class EncodedImage(TreeFile file) : ImageContent
{
    /// <inheritdoc/>
    public override byte[] ReadBytes() => file.ReadBytes();

    /// <inheritdoc/>
    public override RgbImage Decode() => Decode(file);

    /// <inheritdoc/>
    public override RgbImage DecodeCrop(Func<int, int, CropBox> choose, int width, int height) =>
        ImageCodec.DecodeCrop(Filled(file), file.Location, choose, width, height);

    /// <summary>Decodes an image file.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The image.</returns>
    /// <exception cref="BadInputException">It is empty, or no usable image.</exception>
    public static RgbImage Decode(TreeFile file) => ImageCodec.Decode(Filled(file), file.Location);

    private static byte[] Filled(TreeFile file)
    {
        byte[] bytes = file.ReadBytes();
        return bytes.Length == 0
            ? throw new BadInputException("image-empty", "The image file is empty (0 bytes).", file.Location, fix: "Copy it again from its source, or remove it.")
            : bytes;
    }
}
