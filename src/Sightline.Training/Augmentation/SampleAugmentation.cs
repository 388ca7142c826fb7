using Sightline.Imaging;

namespace Sightline.Training.Augmentation;

/// <summary>Turns one sample's image into the network's input. Stateless: every draw comes from seed, step name, sample index and epoch.</summary>
internal sealed class SampleAugmentation(AugmentationRecipe recipe, Preprocessing preprocessing, ulong seed)
{
    /// <summary>Whether the crop is drawn from the whole image; otherwise images are first brought to the network's size.</summary>
    internal bool CropsTheWholeImage => recipe.RandomResizedCrop is not null;

    /// <summary>The random resized crop of a sample, given the image's size.</summary>
    internal CropBox Crop(int index, int epoch, int width, int height)
    {
        var stream = new SeedStream(seed, "augmentation/random-resized-crop", index, epoch);
        return CropChoice.RandomResized(recipe.RandomResizedCrop!, ref stream, width, height);
    }

    /// <summary>Writes the input for an image that has the network's size already.</summary>
    /// <param name="image">The image; not changed.</param>
    /// <param name="index">The sample's index.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="input">Receives <c>[3, H, W] float32</c>.</param>
    internal void Write(RgbImage image, int index, int epoch, Span<float> input)
    {
        if (recipe.Pad > 0)
        {
            var stream = new SeedStream(seed, "augmentation/pad-and-crop", index, epoch);
            int dx = stream.NextInt(2 * recipe.Pad + 1) - recipe.Pad, dy = stream.NextInt(2 * recipe.Pad + 1) - recipe.Pad;
            image = PadAndCrop.Shift(image, dx, dy, recipe.PadFill);
        }
        if (Flips(index, epoch))
            image = image.FlipHorizontal();
        if (recipe.RandAugment is { } randAugment)
        {
            var stream = new SeedStream(seed, "augmentation/rand-augment", index, epoch);
            image = RandAugment.Apply(randAugment, image, ref stream);
        }
        if (recipe.ColorJitter is { } colorJitter)
        {
            var stream = new SeedStream(seed, "augmentation/color-jitter", index, epoch);
            image = ColorJitter.Apply(colorJitter, image, ref stream);
        }
        preprocessing.Normalize(image, input);
        if (recipe.RandomErasing is { } erasing)
        {
            var stream = new SeedStream(seed, "augmentation/random-erasing", index, epoch);
            RandomErasing.Apply(erasing, input, preprocessing.Width, preprocessing.Height, ref stream);
        }
    }

    private bool Flips(int index, int epoch)
    {
        if (recipe.AlternatingFlip)
            return ((new SeedStream(seed, "augmentation/alternating-flip", index).NextUInt64() >> 63) + (ulong)epoch) % 2 == 1;
        return recipe.HorizontalFlip > 0 && new SeedStream(seed, "augmentation/horizontal-flip", index, epoch).NextDouble() < recipe.HorizontalFlip;
    }
}
