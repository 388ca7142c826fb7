using Sightline.Models.Detection;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>A head behind a mean over squares of cells: what a map of lower resolution costs.</summary>
internal sealed class CoarseHead : LocatingHead
{
    private readonly CentreHead head;
    private readonly long cells;

    /// <summary>Wraps a head.</summary>
    /// <param name="head">The head, made for the coarser map.</param>
    /// <param name="cells">Cells in each direction that become one.</param>
    public CoarseHead(CentreHead head, long cells)
        : base(nameof(CoarseHead), head.Stride)
    {
        (this.head, this.cells) = (head, cells);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return head.call(functional.avg_pool2d(x, cells)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor output, IReadOnlyList<Tensor> truth) => head.Loss(output, truth);

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Decode(Tensor output) => head.Decode(output);
}
