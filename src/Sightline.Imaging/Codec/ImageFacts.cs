namespace Sightline.Imaging;

/// <summary>The file formats that can be read.</summary>
public enum ImageFormat
{
    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>WebP.</summary>
    WebP,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>GIF.</summary>
    Gif,
}

/// <summary>What an image file's header says, read without decoding.</summary>
/// <param name="Format">The file format.</param>
/// <param name="Width">Width in pixels as shown, that is after <paramref name="Orientation"/> was applied.</param>
/// <param name="Height">Height in pixels as shown.</param>
/// <param name="Channels">1 grey, 2 grey and alpha, 3 colour (or a palette), 4 colour and alpha, or CMYK in a JPEG.</param>
/// <param name="BitDepth">Bits of one channel.</param>
/// <param name="Frames">How many frames it holds; 1 for a still image.</param>
/// <param name="Orientation">The EXIF orientation 1–8; 1 is upright. Decoding applies it.</param>
public sealed record ImageFacts(ImageFormat Format, int Width, int Height, int Channels, int BitDepth, int Frames, int Orientation);

/// <summary>How images are decoded.</summary>
public sealed record DecodeOptions
{
    /// <summary>The defaults.</summary>
    public static DecodeOptions Default { get; } = new();

    /// <summary>
    /// The largest image that is decoded, in pixels; a larger one is refused by its header, before memory is taken. The default, 2^27
    /// (134 million, 400 MB), is above any camera's frame and far below what a hostile header can claim.
    /// </summary>
    public long MaxPixels { get; init; } = 1L << 27;

    /// <summary>
    /// What lies behind transparent pixels. Null (the default) refuses images with transparent pixels: black, white and the hidden
    /// colour are all used by other tools, and give a network three different images. An alpha channel that is opaque everywhere is
    /// no obstacle.
    /// </summary>
    public Rgb? Background { get; init; }

    /// <summary>
    /// The smallest size that is still useful. A JPEG that is much larger is then decoded at 1/8 … 7/8 of its size, never below this
    /// one; quick, for thumbnails. Null decodes at full size.
    /// </summary>
    public (int Width, int Height)? AtLeast { get; init; }
}
