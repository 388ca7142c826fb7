using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Detection;

/// <summary>
/// A head that says where objects of one class are: from a backbone's feature map to an output, from true boxes to the target of that
/// output, a loss between the two, and back from an output to boxes. How these four differ is how methods of locating differ.
/// </summary>
/// <remarks>Boxes are rows <c>[left, top, right, bottom]</c> in pixels of the image; a found box has its score, 0–1, behind them.</remarks>
public abstract class LocatingHead : nn.Module<Tensor, Tensor>
{
    /// <summary>Names the module.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="stride">Pixels of the image for each cell of the feature map.</param>
    protected LocatingHead(string name, int stride)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        Stride = stride;
    }

    /// <summary>Pixels of the image for each cell of the feature map, in both directions.</summary>
    public int Stride { get; }

    /// <summary>The loss of an output.</summary>
    /// <param name="output">What the head gave for N images.</param>
    /// <param name="truth">For each image its objects' boxes, <c>[objects, 4] float32</c>; no rows for an image without.</param>
    /// <returns>A scalar, <c>float32</c>.</returns>
    public abstract Tensor Loss(Tensor output, IReadOnlyList<Tensor> truth);

    /// <summary>The boxes that an output means.</summary>
    /// <param name="output">What the head gave for N images.</param>
    /// <returns>For each image <c>[boxes, 5] float32</c>: left, top, right, bottom, score, from the surest on; perhaps no rows.</returns>
    public abstract IReadOnlyList<Tensor> Decode(Tensor output);

    /// <summary>The cells' middles along a side, in pixels.</summary>
    /// <param name="cells">How many cells.</param>
    /// <returns><c>[cells] float32</c>.</returns>
    protected Tensor Middles(long cells) => (arange(cells, ScalarType.Float32) + 0.5f) * Stride;
}

/// <summary>A backbone with a head that locates: images <c>[N, 3, H, W] float32</c> in, the head's output out.</summary>
public sealed class Locator : nn.Module<Tensor, Tensor>
{
    private readonly Classifier backbone;
    private readonly LocatingHead head;

    /// <summary>Joins them; the classifier layer of the backbone is not used.</summary>
    /// <param name="backbone">A network that gives a feature map.</param>
    /// <param name="head">The head, made for its channels and stride.</param>
    /// <exception cref="ArgumentException"><paramref name="backbone"/> gives no feature map.</exception>
    public Locator(Classifier backbone, LocatingHead head)
        : base(nameof(Locator))
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(head);
        if (backbone is not IBackbone)
            throw new ArgumentException($"{backbone.GetName()} gives no feature map.", nameof(backbone));
        this.backbone = backbone;
        this.head = head;
        RegisterComponents();
    }

    /// <summary>The head.</summary>
    public LocatingHead Head => head;

    /// <inheritdoc/>
    public override Tensor forward(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return head.call(((IBackbone)backbone).FeatureMap(images)).MoveToOuterDisposeScope();
    }
}
