using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models.Detection;

/// <summary>
/// Anchors on one map: Lin, Goyal, Girshick, He, Dollár: "Focal Loss for Dense Object Detection" (RetinaNet), ICCV 2017 (arXiv
/// 1708.02002), for one class; matching and box code of Ren et al. ("Faster R-CNN", NeurIPS 2015, arXiv 1506.01497, section 3.1).
/// </summary>
/// <remarks>
/// Output: for each of a cell's A anchors a logit and four numbers that move it, <c>[N, 5 A, h, w]</c>. Target: an anchor that
/// overlaps an object by at least 0.5 is that object's, one below 0.4 is background, one between counts for neither; each object has the
/// anchors that overlap it most, whatever that is. Loss: focal over all that count, smooth L1 of the numbers over the objects' anchors
/// (turned at 1/9, weight 1), both over the number of these. Boxes: the surest anchors, moved, and of those that overlap by more than 0.5
/// the surest. Ours: one map instead of a pyramid of five, one layer instead of four in each branch.
/// </remarks>
public sealed class AnchorHead : LocatingHead, IInitialised
{
    /// <summary>An anchor that overlaps an object by as much is the object's; one that overlaps all by less than <see cref="Background"/> is background.</summary>
    public const float Foreground = 0.5f;

    /// <summary>An anchor that overlaps all objects by less than this is background.</summary>
    public const float Background = 0.4f;

    /// <summary>Of found boxes that overlap by more than this the surest stays.</summary>
    public const double Suppression = 0.5;

    /// <summary>The most boxes of an image, before suppression.</summary>
    public const int MostBoxes = 200;

    /// <summary>Focal loss: the weight of objects (α) and the exponent (γ), section 5.1.</summary>
    public const double Alpha = 0.25, Gamma = 2;

    // log(1000 / 16), as in torchvision: no box grows beyond what any image holds.
    private const double MostGrowth = 4.135166556742356;

    private readonly Conv2d conv, maps;
    private readonly float[] sides;
    private readonly (double Alpha, double Gamma) focal;

    /// <summary>Creates the head.</summary>
    /// <param name="channels">Channels of the feature map, and of the layer between.</param>
    /// <param name="stride">Its stride in pixels.</param>
    /// <param name="anchors">Width and height of each of a cell's anchors, in pixels.</param>
    /// <param name="alpha">The weight of objects in the focal loss; background has 1 − α.</param>
    /// <param name="gamma">Its exponent; with 0, and ½ for α, it is half of plain cross-entropy.</param>
    public AnchorHead(long channels, int stride, IReadOnlyList<(double Width, double Height)> anchors, double alpha = Alpha, double gamma = Gamma)
        : base(nameof(AnchorHead), stride)
    {
        ArgumentNullException.ThrowIfNull(anchors);
        ArgumentOutOfRangeException.ThrowIfZero(anchors.Count, nameof(anchors));
        ArgumentOutOfRangeException.ThrowIfNegative(gamma);
        focal = (alpha, gamma);
        sides = [.. anchors.SelectMany(a => (float[])[(float)a.Width, (float)a.Height])];
        conv = Conv2d(channels, channels, kernel_size: 3, padding: 1);
        maps = Conv2d(channels, 5 * anchors.Count, kernel_size: 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    void IInitialised.Initialise(FirstWeights draw)
    {
        // One anchor in a hundred is an object's, and anchors stay where they are (section 4.1).
        draw.Normal(maps.weight, 0.01, "maps.weight");
        maps.bias!.copy_(tensor(new[] { -MathF.Log(99), 0, 0, 0, 0 }).repeat(sides.Length / 2));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return maps.call(functional.relu(conv.call(x))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor output, IReadOnlyList<Tensor> truth)
    {
        ArgumentNullException.ThrowIfNull(truth);
        using DisposeScope scope = NewDisposeScope();
        Tensor anchors = Anchors(output.shape[2], output.shape[3]), rows = Rows(output);
        Tensor loss = zeros(1);
        long matched = 0;
        for (int n = 0; n < truth.Count; n++)
        {
            Tensor match = Match(anchors, truth[n]), counts = match.ge(-1), positive = match.ge(0);
            loss = loss + FocalLoss(rows[n][.., 0][counts], positive[counts].to(ScalarType.Float32), focal.Alpha, focal.Gamma);
            long own = positive.sum().item<long>();
            matched += own;
            if (own > 0)
            {
                Tensor code = Encode(truth[n][match[positive]], anchors[positive]);
                loss = loss + functional.smooth_l1_loss(rows[n][positive][.., 1..], code, Reduction.Sum, beta: 1.0 / 9);
            }
        }
        return (loss / Math.Max(1, matched)).squeeze().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Decode(Tensor output)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor anchors = Anchors(output.shape[2], output.shape[3]), rows = Rows(output);
        return
        [
            .. Enumerable.Range(0, (int)output.shape[0]).Select(n =>
            {
                using DisposeScope image = NewDisposeScope();
                Tensor order = rows[n][.., 0].argsort(descending: true)[..(int)Math.Min(MostBoxes, anchors.shape[0])];
                Tensor boxes = Decode(rows[n][order][.., 1..], anchors[order]), scores = rows[n][order][.., ..1].sigmoid();
                return BoxRows.Suppress(cat([boxes, scores], 1), Suppression).MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            }),
        ];
    }

    /// <summary>All anchors, cell by cell from the top left on, row by row.</summary>
    /// <param name="height">The map's height in cells.</param>
    /// <param name="width">Its width.</param>
    /// <returns><c>[h·w·A, 4] float32</c>: left, top, right, bottom in pixels; they may reach outside the image.</returns>
    public Tensor Anchors(long height, long width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor half = tensor(sides, [sides.Length / 2, 2]) / 2;
        Tensor middles = stack([Middles(width).expand(height, width), Middles(height).unsqueeze(1).expand(height, width)], 2).unsqueeze(2);
        return cat([middles - half, middles + half], 3).reshape(-1, 4).MoveToOuterDisposeScope();
    }

    /// <summary>Whose each anchor is.</summary>
    /// <param name="anchors"><c>[anchors, 4] float32</c>.</param>
    /// <param name="truth"><c>[objects, 4] float32</c>, perhaps no rows.</param>
    /// <returns><c>[anchors] int64</c>: the object's row, -1 for background, -2 where an anchor does not count.</returns>
    public static Tensor Match(Tensor anchors, Tensor truth)
    {
        ArgumentNullException.ThrowIfNull(anchors);
        ArgumentNullException.ThrowIfNull(truth);
        using DisposeScope scope = NewDisposeScope();
        if (truth.shape[0] == 0)
            return full(anchors.shape[0], -1L, ScalarType.Int64).MoveToOuterDisposeScope();
        Tensor overlap = BoxRows.IoU(anchors, truth);
        (Tensor highest, Tensor nearest) = overlap.max(1);
        Tensor match = where(highest.ge(Foreground), nearest, where(highest.lt(Background), full_like(nearest, -1), full_like(nearest, -2)));
        // An object that no anchor overlaps well keeps those that overlap it most.
        Tensor most = overlap.max(0).values, best = overlap.eq(most).bitwise_and(overlap.gt(0)).any(1);
        return where(best, nearest, match).MoveToOuterDisposeScope();
    }

    /// <summary>The numbers that move anchors onto boxes: the middles' distance in sides of the anchor, and the logarithms of the sides' ratios.</summary>
    /// <param name="boxes"><c>[M, 4] float32</c>.</param>
    /// <param name="anchors"><c>[M, 4] float32</c>.</param>
    /// <returns><c>[M, 4] float32</c>.</returns>
    public static Tensor Encode(Tensor boxes, Tensor anchors)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor middle, Tensor side) = MiddleAndSides(boxes);
        (Tensor from, Tensor of) = MiddleAndSides(anchors);
        return cat([(middle - from) / of, (side / of).log()], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Moves anchors: the inverse of <see cref="Encode"/>.</summary>
    /// <param name="code"><c>[M, 4] float32</c>.</param>
    /// <param name="anchors"><c>[M, 4] float32</c>.</param>
    /// <returns>Boxes, <c>[M, 4] float32</c>.</returns>
    public static Tensor Decode(Tensor code, Tensor anchors)
    {
        ArgumentNullException.ThrowIfNull(code);
        using DisposeScope scope = NewDisposeScope();
        (Tensor from, Tensor of) = MiddleAndSides(anchors);
        Tensor middle = from + code[.., ..2] * of, half = code[.., 2..].clamp_max(MostGrowth).exp() * of / 2;
        return cat([middle - half, middle + half], 1).MoveToOuterDisposeScope();
    }

    /// <summary>The focal loss of a binary classifier: cross-entropy, weighted down where it is right already (equation 5).</summary>
    /// <param name="logits"><c>[M] float32</c>.</param>
    /// <param name="truth"><c>[M] float32</c>, 0 or 1.</param>
    /// <param name="alpha">The weight where truth is 1; elsewhere it is 1 − α.</param>
    /// <param name="gamma">The exponent.</param>
    /// <returns>The sum, a scalar.</returns>
    public static Tensor FocalLoss(Tensor logits, Tensor truth, double alpha = Alpha, double gamma = Gamma)
    {
        ArgumentNullException.ThrowIfNull(truth);
        using DisposeScope scope = NewDisposeScope();
        Tensor probability = logits.sigmoid(), missed = truth * (1 - probability) + (1 - truth) * probability;
        Tensor weight = (truth * (2 * alpha - 1) + (1 - alpha)) * missed.pow(gamma);
        return (weight * functional.binary_cross_entropy_with_logits(logits, truth, reduction: Reduction.None)).sum().MoveToOuterDisposeScope();
    }

    // [N, 5 A, h, w] as rows in the order of the anchors: [N, h·w·A, 5].
    private static Tensor Rows(Tensor output) => output.permute(0, 2, 3, 1).reshape(output.shape[0], -1, 5);

    private static (Tensor Middle, Tensor Sides) MiddleAndSides(Tensor boxes) => ((boxes[.., ..2] + boxes[.., 2..]) / 2, boxes[.., 2..] - boxes[.., ..2]);
}
