using Sightline.Imaging;

namespace Sightline.Datasets;

/// <summary>One labelled image of an <see cref="ImageSet"/>.</summary>
/// <param name="Name">What to call it: the path below the set's root, or <c>archive.tar.gz!train/cat/0001.jpg</c>, or <c>batch_1.bin#17</c>.</param>
/// <param name="Label">Index into <see cref="ImageSet.Classes"/>.</param>
/// <param name="Split">The split it belongs to, e.g. <c>train</c>; empty when the set has none.</param>
/// <param name="Group">The drive (sequence, place, person) it was taken in, when known: splits never cut through a group.</param>
/// <param name="Content">Where its pixels come from.</param>
public sealed record ImageSample(string Name, int Label, string Split, string? Group, ImageContent Content);

/// <summary>Where an image's pixels come from. Thread-safe: the data pipeline reads many at once.</summary>
public abstract class ImageContent
{
    /// <summary>The encoded bytes (JPEG, PNG …), or raw pixels for formats that store those; what duplicates are found by.</summary>
    /// <returns>The bytes.</returns>
    /// <exception cref="BadInputException">The bytes cannot be read.</exception>
    public abstract byte[] ReadBytes();

    /// <summary>
    /// A part of the image at another size, in one go. Encoded contents may decode only as finely as the part needs; the default
    /// decodes the whole image.
    /// </summary>
    /// <param name="choose">Given the image's width and height in pixels, chooses the part.</param>
    /// <param name="width">Output width in pixels.</param>
    /// <param name="height">Output height in pixels.</param>
    /// <returns>The part, scaled.</returns>
    /// <exception cref="BadInputException">The bytes are no usable image.</exception>
    public virtual RgbImage DecodeCrop(Func<int, int, CropBox> choose, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(choose);
        RgbImage image = Decode();
        return Resize.Crop(image, choose(image.Width, image.Height), width, height);
    }

    /// <summary>The decoded image.</summary>
    /// <returns>The image, in RGB.</returns>
    /// <exception cref="BadInputException">The bytes are no usable image.</exception>
    public abstract RgbImage Decode();

    /// <summary>Where in the decoded image the labelled object is, if the set knows.</summary>
    /// <returns>Its pixels; null where only the class is known, or the object leaves no whole pixel.</returns>
    /// <exception cref="BadInputException">The bytes are no usable image, whose size has to be known.</exception>
    public virtual ObjectPixels? FindObject() => null;

    /// <summary>What the set's fingerprint knows this image by: stable across machines, so of the stored bytes, not of decoded pixels.</summary>
    /// <returns>A SHA-256.</returns>
    /// <exception cref="BadInputException">The bytes cannot be read.</exception>
    internal virtual byte[] StoredHash() => System.Security.Cryptography.SHA256.HashData(ReadBytes());
}

/// <summary>The place of an image's labelled object.</summary>
/// <param name="Pixels">1 where the object is, else 0; as large as the decoded image.</param>
/// <param name="IsExact">Whether these are the object's own pixels; else those of its box.</param>
public sealed record ObjectPixels(Plane<byte> Pixels, bool IsExact);

/// <summary>
/// A set for image classification, whatever its format on disk: a folder per class, a CSV manifest, CIFAR batches, IDX files, these in
/// an archive, or crops of the objects of a COCO file or a Pascal VOC folder.
/// </summary>
/// <param name="Format">The recognised format in kebab-case, e.g. <c>class-folders</c>, <c>csv-manifest</c>, <c>cifar-10-binary</c>.</param>
/// <param name="Root">The file or folder it was opened from.</param>
/// <param name="Evidence">Why it was recognised as this format, one sentence.</param>
/// <param name="Classes">The class names; a label is an index into them.</param>
/// <param name="Samples">The images in a stable order.</param>
/// <param name="Problems">What was wrong with the set while its index was read (unknown labels, missing files …).</param>
public sealed partial record ImageSet(
    string Format,
    string Root,
    string Evidence,
    IReadOnlyList<string> Classes,
    IReadOnlyList<ImageSample> Samples,
    IReadOnlyList<DataProblem> Problems)
{
    /// <summary>The splits that occur, in the order train, val, test, then others by name.</summary>
    public IReadOnlyList<string> Splits =>
        [.. Samples.Select(s => s.Split).Distinct().OrderBy(s => s switch { "train" => 0, "val" => 1, "test" => 2, _ => 3 }).ThenBy(s => s, StringComparer.Ordinal)];
}

/// <summary>Something wrong with a data set, found before training.</summary>
/// <param name="Code">A stable kebab-case code, e.g. <c>duplicate-across-splits</c>.</param>
/// <param name="Path">The file (and record) that has it.</param>
/// <param name="Message">What was found and what was expected.</param>
/// <param name="Fix">What to do about it.</param>
/// <param name="Line">The 1-based line of a text file, when there is one.</param>
/// <param name="StopsTraining">Whether the gate before training stops because of it.</param>
/// <param name="Unusable">How many images or objects cannot be used because of it; the gate stops when they are more than 0.5 %.</param>
public sealed record DataProblem(string Code, string Path, string Message, string Fix, int? Line = null, bool StopsTraining = true, int Unusable = 0);
