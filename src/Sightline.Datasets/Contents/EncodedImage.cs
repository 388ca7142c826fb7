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

    /// <summary>Decodes an image file whose labels know its size. Boxes of another size of the image would cut out something else, silently.</summary>
    /// <param name="file">The file.</param>
    /// <param name="labelled">The width and height in pixels that the labels give it; 0 where they don't say.</param>
    /// <returns>The image.</returns>
    /// <exception cref="BadInputException">It is empty, no usable image, or of another size (<c>image-size-differs</c>).</exception>
    public static RgbImage Decode(TreeFile file, (int Width, int Height) labelled)
    {
        RgbImage image = Decode(file);
        return labelled is not { Width: > 0, Height: > 0 } || labelled == (image.Width, image.Height) ? image : throw new BadInputException(
            "image-size-differs", $"The labels give this image {labelled.Width}×{labelled.Height} pixels, it has {image.Width}×{image.Height}: its boxes may lie elsewhere.", file.Location,
            fix: "Take the images that were labelled, or export the labels again.");
    }

    private static byte[] Filled(TreeFile file)
    {
        byte[] bytes = file.ReadBytes();
        return bytes.Length == 0
            ? throw new BadInputException("image-empty", "The image file is empty (0 bytes).", file.Location, fix: "Copy it again from its source, or remove it.")
            : bytes;
    }
}
