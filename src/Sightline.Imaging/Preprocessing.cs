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

    /// <summary>The image is scaled to fit inside, and the rest is filled with grey (114, 114, 114).</summary>
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
public sealed record Preprocessing(int Width, int Height, ResizeRule Resize, int ShorterSide, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    /// <summary>The number of floats of one input: 3 · height · width.</summary>
    public int Length => 3 * Height * Width;

    /// <summary>Writes the network's input for <paramref name="image"/>.</summary>
    /// <param name="image">The image, of any size unless <see cref="Resize"/> is <see cref="ResizeRule.None"/>.</param>
    /// <param name="input">Receives <c>[3, H, W] float32</c>: the R plane, then G, then B, row by row.</param>
    /// <exception cref="BadInputException">The image's size does not fit and may not be changed.</exception>
    public void Apply(RgbImage image, Span<float> input) => throw new NotImplementedException();
}
