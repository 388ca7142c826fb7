using Sightline.Imaging;

namespace Sightline.Training.Pipeline;

/// <summary>Decoded images by index, up to a budget of bytes. Which images found room may depend on threads; what they hold does not.</summary>
internal sealed class PixelCache(int count, long budget)
{
    private readonly RgbImage?[] images = new RgbImage?[budget > 0 ? count : 0];
    private long free = budget;

    /// <summary>Whether anything more may fit.</summary>
    internal bool HasRoom => Volatile.Read(ref free) > 0;

    /// <summary>The image, when it is kept. It is shared: nobody may write to it.</summary>
    internal RgbImage? Find(int index) => images.Length == 0 ? null : Volatile.Read(ref images[index]);

    /// <summary>Keeps the image when there is room for it.</summary>
    internal void Offer(int index, RgbImage image)
    {
        if (images.Length == 0)
            return;
        if (Interlocked.Add(ref free, -image.Pixels.Length) < 0)
        {
            Interlocked.Add(ref free, image.Pixels.Length);
            return;
        }
        if (Interlocked.CompareExchange(ref images[index], image, null) is not null)
            Interlocked.Add(ref free, image.Pixels.Length);
    }
}
