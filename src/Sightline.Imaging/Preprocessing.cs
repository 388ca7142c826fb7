namespace Sightline.Imaging;

/// <summary>How an image of any size comes to the network's size.</summary>
public enum ResizeRule
{
    /// <summary>The image has the network's size already; another size is an error.</summary>
    None,

    /// <summary>Both sides are scaled to the network's, whatever this does to the aspect.</summary>
    Stretch,

    /// <summary>The shorter side is scaled to <see cref="Preprocessing.ShorterSide"/>, then the centre is cropped.</summary>
    ShorterSideCenterCrop,

    /// <summary>The image is scaled to fit inside, centred, and the rest is filled with grey (114, 114, 114).</summary>
    Letterbox,
}

/// <summary>
/// What turns an image into a network's input, the same in training, evaluation and on the robot: resize rule, anti-aliased bilinear
/// resampling, RGB order, (x / 255 − mean) / std per channel. This record travels with every exported model.
/// </summary>
/// <param name="Width">The network's input width in pixels.</param>
/// <param name="Height">The network's input height in pixels.</param>
/// <param name="Resize">The resize rule.</param>
/// <param name="ShorterSide">For <see cref="ResizeRule.ShorterSideCenterCrop"/>: the length of the shorter side before the crop, in pixels.</param>
/// <param name="Mean">Mean of R, G, B on the scale 0–1.</param>
/// <param name="Std">Standard deviation of R, G, B on the scale 0–1.</param>
public sealed partial record Preprocessing(int Width, int Height, ResizeRule Resize, int ShorterSide, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    /// <summary>The grey around a letterboxed image.</summary>
    public static Rgb LetterboxFill => new(114, 114, 114);

    /// <summary>The number of floats of one input: 3 · height · width.</summary>
    public int Length => 3 * Height * Width;

    /// <summary>Writes the network's input for <paramref name="image"/>: <see cref="Fit"/>, then <see cref="Normalize"/>.</summary>
    /// <param name="image">The image, of any size unless <see cref="Resize"/> is <see cref="ResizeRule.None"/>.</param>
    /// <param name="input">Receives <c>[3, H, W] float32</c>: the R plane, then G, then B, row by row.</param>
    /// <exception cref="BadInputException">The image's size does not fit and may not be changed (<c>image-wrong-size</c>).</exception>
    public void Apply(RgbImage image, Span<float> input) => Normalize(Fit(image), input);

    /// <summary>Brings <paramref name="image"/> to the network's size by the resize rule.</summary>
    /// <param name="image">The image.</param>
    /// <returns>An image of <see cref="Width"/> × <see cref="Height"/>; <paramref name="image"/> itself when nothing has to change.</returns>
    /// <exception cref="BadInputException">The image's size does not fit and may not be changed (<c>image-wrong-size</c>).</exception>
    public RgbImage Fit(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        switch (Resize)
        {
            case ResizeRule.None when image.Width == Width && image.Height == Height:
                return image;
            case ResizeRule.Stretch:
                return Imaging.Resize.To(image, Width, Height);
            case ResizeRule.ShorterSideCenterCrop:
                return Imaging.Resize.ShorterSideCenterCrop(image, ShorterSide, Width, Height);
            case ResizeRule.Letterbox:
                return Imaging.Resize.Letterbox(image, Width, Height, LetterboxFill);
            default:
                throw new BadInputException(
                    "image-wrong-size",
                    $"The image has {image.Width}×{image.Height} pixels; the network takes {Width}×{Height} and its pre-processing does not resize.",
                    fix: "Give images of that size, or train with another resize rule.");
        }
    }

    /// <summary>Writes an image of the network's size as its input: (x / 255 − mean) / std, planes R, G, B.</summary>
    /// <param name="image">An image of <see cref="Width"/> × <see cref="Height"/>.</param>
    /// <param name="input">Receives <c>[3, H, W] float32</c>.</param>
    /// <exception cref="ArgumentException">The image or the buffer has another size.</exception>
    public void Normalize(RgbImage image, Span<float> input)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Width != Width || image.Height != Height)
            throw new ArgumentException($"The image has {image.Width}×{image.Height} pixels, the network takes {Width}×{Height}.", nameof(image));
        if (input.Length != Length)
            throw new ArgumentException($"The input has {input.Length} floats, the network takes {Length}.", nameof(input));
        // A byte has 256 values: a table is exact, fast, and the same whatever the vector width.
        Span<float> table = stackalloc float[3 * 256];
        for (int c = 0; c < 3; c++)
        {
            for (int v = 0; v < 256; v++)
                table[256 * c + v] = (v / 255f - Mean[c]) / Std[c];
        }
        int plane = Width * Height;
        ReadOnlySpan<byte> pixels = image.Pixels;
        ReadOnlySpan<float> reds = table[..256], greens = table.Slice(256, 256), blues = table.Slice(512, 256);
        Span<float> red = input[..plane], green = input.Slice(plane, plane), blue = input.Slice(2 * plane, plane);
        for (int i = 0, p = 0; i < red.Length; i++, p += 3)
        {
            red[i] = reds[pixels[p]];
            green[i] = greens[pixels[p + 1]];
            blue[i] = blues[pixels[p + 2]];
        }
    }

    /// <summary>Whether both say the same: sizes, rule, constants by value; the shorter side counts where the rule uses it.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True when both turn every image into the same input.</returns>
    public bool Equals(Preprocessing? other) =>
        other is not null && Width == other.Width && Height == other.Height && Resize == other.Resize
        && (Resize != ResizeRule.ShorterSideCenterCrop || ShorterSide == other.ShorterSide)
        && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Width, Height, Resize, Mean.Count > 0 ? Mean[0] : 0, Std.Count > 0 ? Std[0] : 0);
}
