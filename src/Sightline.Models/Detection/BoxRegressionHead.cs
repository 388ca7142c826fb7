using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models.Detection;

/// <summary>
/// One box, regressed: the single-object localiser of Sermanet et al. ("OverFeat", ICLR 2014, arXiv 1312.6229, section 4) and of the
/// localisation task of ImageNet.
/// </summary>
/// <remarks>
/// Output: five numbers, <c>[N, 5]</c>: the box's middle, width and height as shares of the image's sides, and the logit of there being an
/// object. Target: the largest object. Loss: smooth L1 (Girshick 2015, turned at 0.1) of the box where there is an object, and binary
/// cross-entropy of the logit. There is always one box, however many objects there are. Ours: without pooling the layer's sum over the
/// cells is divided by their number, so that both forms are means over the cells, with the same weights for all or with their own.
/// </remarks>
public sealed class BoxRegressionHead : LocatingHead
{
    private readonly Linear fc;
    private readonly int height, width;
    private readonly bool pooled;

    /// <summary>Creates the head for images of one size.</summary>
    /// <param name="channels">Channels of the feature map.</param>
    /// <param name="stride">Its stride in pixels.</param>
    /// <param name="height">The images' height in pixels.</param>
    /// <param name="width">Their width in pixels.</param>
    /// <param name="pooled">Whether the linear layer sees the mean over the map, as a classifier's does; else every cell of it.</param>
    public BoxRegressionHead(long channels, int stride, int height, int width, bool pooled)
        : base(nameof(BoxRegressionHead), stride)
    {
        (this.height, this.width, this.pooled) = (height, width, pooled);
        long cells = (long)((height + stride - 1) / stride) * ((width + stride - 1) / stride);
        fc = Linear(pooled ? channels : channels * cells, 5);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return fc.call(pooled ? x.mean([2, 3]) : x.flatten(1) / (x.shape[2] * x.shape[3])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor output, IReadOnlyList<Tensor> truth)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor present = tensor(truth.Select(t => t.shape[0] > 0 ? 1f : 0).ToArray());
        Tensor boxes = stack([.. truth.Select(Largest)]);
        Tensor distance = functional.smooth_l1_loss(output[.., ..4], boxes, Reduction.None, beta: 0.1).sum(1);
        Tensor box = (distance * present).sum() / present.sum().clamp_min(1);
        return (box + functional.binary_cross_entropy_with_logits(output[.., 4], present)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Decode(Tensor output)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sides = tensor(new float[] { width, height }), middle = output[.., ..2] * sides, half = output[.., 2..4].clamp_min(1e-3) * sides / 2;
        Tensor rows = cat([middle - half, middle + half, output[.., 4..].sigmoid()], 1);
        return [.. Enumerable.Range(0, (int)output.shape[0]).Select(n => rows[n..(n + 1)].clone().MoveToOuterDisposeScope())];
    }

    private Tensor Largest(Tensor boxes)
    {
        if (boxes.shape[0] == 0)
            return zeros(4);
        Tensor sides = boxes[.., 2..] - boxes[.., ..2], largest = sides.prod(1).argmax();
        Tensor shares = cat([(boxes[.., ..2] + boxes[.., 2..]) / 2, sides], 1) / tensor(new float[] { width, height, width, height });
        return shares[largest];
    }
}
