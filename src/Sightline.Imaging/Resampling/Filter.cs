namespace Sightline.Imaging;

/// <summary>How output pixels are made from input pixels.</summary>
public enum Interpolation
{
    /// <summary>A triangle that widens with the reduction, so that shrinking averages instead of skipping: Pillow's <c>BILINEAR</c>, torchvision's <c>antialias=True</c>.</summary>
    Bilinear,

    /// <summary>The mean over the area that an output pixel covers: Pillow's <c>BOX</c>.</summary>
    Area,

    /// <summary>The input pixel under the output pixel's centre.</summary>
    Nearest,
}

/// <summary>
/// The fixed-point weights of one axis, computed as Pillow does (<c>precompute_coeffs</c>, <c>normalize_coeffs_8bpc</c>), so that
/// results agree with the tool most networks were trained with, to the bit, and do not depend on the vector width.
/// </summary>
internal readonly struct Filter
{
    /// <summary>Fraction bits of a weight: 255 · 2^22 plus the rounding half fits 31 bits.</summary>
    public const int Precision = 22;

    private Filter(int[] first, int[] count, int[] weights, int stride)
    {
        First = first;
        Count = count;
        Weights = weights;
        Stride = stride;
    }

    /// <summary>The first input pixel of each output pixel.</summary>
    public int[] First { get; }

    /// <summary>How many input pixels each output pixel takes.</summary>
    public int[] Count { get; }

    /// <summary>The weights, <see cref="Stride"/> for each output pixel.</summary>
    public int[] Weights { get; }

    /// <summary>Room for weights of one output pixel.</summary>
    public int Stride { get; }

    /// <summary>The first input pixel that is needed at all.</summary>
    public int Lowest => First[0];

    /// <summary>One past the last input pixel that is needed.</summary>
    public int End => First[^1] + Count[^1];

    /// <summary>Weights for the outputs <paramref name="from"/> … <paramref name="from"/> + <paramref name="length"/> − 1 of an axis.</summary>
    /// <param name="inputSize">Length of the input axis in pixels.</param>
    /// <param name="start">Where the box starts on it, in pixels.</param>
    /// <param name="end">Where the box ends.</param>
    /// <param name="outputSize">How many output pixels the whole box becomes.</param>
    /// <param name="from">The first output that is wanted.</param>
    /// <param name="length">How many outputs are wanted.</param>
    /// <param name="interpolation">Bilinear or area.</param>
    public static Filter Create(int inputSize, double start, double end, int outputSize, int from, int length, Interpolation interpolation)
    {
        double scale = (end - start) / outputSize;
        double filterScale = Math.Max(scale, 1);
        double support = (interpolation == Interpolation.Area ? 0.5 : 1.0) * filterScale;
        int stride = (int)Math.Ceiling(support) * 2 + 1;
        var first = new int[length];
        var count = new int[length];
        var weights = new int[checked(length * stride)];
        Span<double> exact = stride <= 256 ? stackalloc double[stride] : new double[stride];
        double inverse = 1 / filterScale;
        for (int i = 0; i < length; i++)
        {
            double centre = start + (from + i + 0.5) * scale;
            int lowest = Math.Clamp((int)(centre - support + 0.5), 0, inputSize - 1);
            int taps = Math.Max(1, Math.Min((int)(centre + support + 0.5), inputSize) - lowest);
            double sum = 0;
            for (int k = 0; k < taps; k++)
                sum += exact[k] = Weight((k + lowest - centre + 0.5) * inverse, interpolation);
            for (int k = 0; k < taps; k++)
            {
                double weight = sum != 0 ? exact[k] / sum : 1.0 / taps;
                weights[i * stride + k] = (int)(0.5 + weight * (1 << Precision));
            }
            first[i] = lowest;
            count[i] = taps;
        }
        return new Filter(first, count, weights, stride);
    }

    private static double Weight(double x, Interpolation interpolation) => interpolation == Interpolation.Area
        ? x is > -0.5 and <= 0.5 ? 1 : 0
        : Math.Max(0, 1 - Math.Abs(x));
}
