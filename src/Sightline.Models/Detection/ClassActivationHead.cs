using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models.Detection;

/// <summary>
/// A classifier that is asked where it looked: Zhou, Khosla, Lapedriza, Oliva, Torralba: "Learning Deep Features for Discriminative
/// Localization", CVPR 2016 (arXiv 1512.04150). No box is used in training.
/// </summary>
/// <remarks>
/// Output: a map of logits, <c>[N, 1, h, w]</c>. A linear layer behind a mean is the mean of a 1×1 convolution (section 2), so the map
/// costs nothing. Target: whether there is an object, one number an image. Loss: binary cross-entropy of the map's mean. Boxes: what is
/// above 20 % of the map's highest value (section 3.2), one box for each connected part; the paper keeps the largest part only.
/// </remarks>
public sealed class ClassActivationHead : LocatingHead, IInitialised
{
    /// <summary>The share of the map's highest value above which a pixel belongs to an object.</summary>
    public const float Threshold = 0.2f;

    private readonly Conv2d fc;

    /// <summary>Creates the head.</summary>
    /// <param name="channels">Channels of the feature map.</param>
    /// <param name="stride">Its stride in pixels.</param>
    public ClassActivationHead(long channels, int stride)
        : base(nameof(ClassActivationHead), stride)
    {
        fc = Conv2d(channels, 1, kernel_size: 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    void IInitialised.Initialise(FirstWeights draw) => draw.Uniform(fc.weight, 1 / Math.Sqrt(fc.weight.shape[1]), "fc.weight"); // as the linear layer that it is

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => fc.call(x);

    /// <inheritdoc/>
    public override Tensor Loss(Tensor output, IReadOnlyList<Tensor> truth)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor present = tensor(truth.Select(t => t.shape[0] > 0 ? 1f : 0).ToArray());
        return functional.binary_cross_entropy_with_logits(output.mean([1, 2, 3]), present).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Decode(Tensor output)
    {
        using DisposeScope scope = NewDisposeScope();
        long height = output.shape[2] * Stride, width = output.shape[3] * Stride;
        float[] logits = output.mean([1, 2, 3]).data<float>().ToArray();
        // The bias says how frequent objects are, not where they are.
        using Tensor evidence = functional.interpolate(output - fc.bias!, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        float[] map = evidence.contiguous().data<float>().ToArray();
        int area = (int)(height * width);
        return [.. logits.Select((logit, n) => Boxes(map.AsSpan(n * area, area), (int)width, 1 / (1 + MathF.Exp(-logit))).MoveToOuterDisposeScope())];
    }

    // One box for each connected part above the threshold; its score is the image's, in proportion to the part's highest value.
    private static Tensor Boxes(ReadOnlySpan<float> map, int width, float present)
    {
        float highest = 0;
        foreach (float value in map)
            highest = Math.Max(highest, value);
        var boxes = new List<float[]>();
        bool[] seen = new bool[map.Length];
        var open = new Stack<int>();
        for (int start = 0; start < map.Length && highest > 0; start++)
        {
            if (seen[start] || map[start] < Threshold * highest)
                continue;
            (int left, int top, int right, int bottom, float peak) = (width, int.MaxValue, -1, -1, 0f);
            seen[start] = true;
            open.Push(start);
            while (open.TryPop(out int at))
            {
                (int y, int x) = Math.DivRem(at, width);
                (left, top, right, bottom, peak) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y), Math.Max(peak, map[at]));
                foreach ((int next, bool inside) in ((int, bool)[])[(at - 1, x > 0), (at + 1, x < width - 1), (at - width, y > 0), (at + width, at + width < map.Length)])
                {
                    if (inside && !seen[next] && map[next] >= Threshold * highest)
                    {
                        seen[next] = true;
                        open.Push(next);
                    }
                }
            }
            boxes.Add([left, top, right + 1, bottom + 1, present * peak / highest]);
        }
        return BoxRows.Of(boxes.OrderByDescending(b => b[4]));
    }
}
