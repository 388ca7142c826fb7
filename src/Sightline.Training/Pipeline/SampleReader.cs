using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Training.Augmentation;

namespace Sightline.Training.Pipeline;

/// <summary>Reads one sample: from the cache or its file, cropped or resized, augmented, normalised. Thread-safe.</summary>
internal sealed class SampleReader(
    IReadOnlyList<ImageSample> samples, Preprocessing preprocessing, AugmentationRecipe recipe, ulong seed, long cacheBytes)
{
    private readonly SampleAugmentation augmentation = new(recipe, preprocessing, seed);
    private readonly PixelCache cache = new(samples.Count, cacheBytes);

    /// <summary>Writes the network's input for a sample.</summary>
    /// <param name="index">The sample's index.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="input">Receives <c>[3, H, W] float32</c>.</param>
    /// <exception cref="BadInputException">The image cannot be read; the message names the sample.</exception>
    internal void Read(int index, int epoch, Span<float> input)
    {
        try
        {
            RgbImage image = augmentation.CropsTheWholeImage ? Cropped(index, epoch) : Fitted(index);
            augmentation.Write(image, index, epoch, input);
        }
        catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException)
        {
            throw Named(e, samples[index]);
        }
    }

    /// <summary>The image at the network's size. Cached at that size, since nothing random happens before.</summary>
    private RgbImage Fitted(int index)
    {
        if (cache.Find(index) is RgbImage cached)
            return cached;
        RgbImage image = preprocessing.Fit(samples[index].Content.Decode());
        cache.Offer(index, image);
        return image;
    }

    /// <summary>
    /// The random resized crop. Photos are decoded at a reduced size where the crop allows it, so only images no larger than the
    /// network's input are cached: for them the crop of the cached image is the same, and what is cached changes no batch.
    /// </summary>
    private RgbImage Cropped(int index, int epoch)
    {
        int width = preprocessing.Width, height = preprocessing.Height;
        if (cache.Find(index) is RgbImage cached)
            return Resize.Crop(cached, augmentation.Crop(index, epoch, cached.Width, cached.Height), width, height);
        bool small = false;
        RgbImage crop = samples[index].Content.DecodeCrop(
            (w, h) =>
            {
                small = w <= width && h <= height;
                return augmentation.Crop(index, epoch, w, h);
            },
            width,
            height);
        if (small && cache.HasRoom)
            cache.Offer(index, samples[index].Content.Decode());
        return crop;
    }

    private static BadInputException Named(Exception e, ImageSample sample) => e switch
    {
        BadInputException { Path: string path } bad when path.Contains(sample.Name, StringComparison.Ordinal) => bad,
        BadInputException bad => new BadInputException(bad.Code, bad.Problem, sample.Name, bad.Line, bad.Fix, bad),
        _ => new BadInputException("image-unreadable", $"The image cannot be read: {e.Message}", sample.Name, fix: "Check the file and the disk, then resume the run.", inner: e),
    };
}
