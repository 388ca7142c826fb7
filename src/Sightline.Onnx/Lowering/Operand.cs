using Sightline.Onnx.Dimensions;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering;

/// <summary>A value of the trace while it is lowered.</summary>
internal abstract class Operand;

/// <summary>An integer or a truth value (as 0 or 1).</summary>
/// <param name="value">Its value in each trace.</param>
/// <param name="isBool">Whether it is a truth value.</param>
internal sealed class IntOperand(TracedInt value, bool isBool) : Operand
{
    /// <summary>Its value in each trace.</summary>
    public TracedInt Value => value;

    /// <summary>Whether it is a truth value.</summary>
    public bool IsBool => isBool;
}

/// <summary>A floating-point number.</summary>
/// <param name="values">Its value in each trace.</param>
internal sealed class FloatOperand(double[] values) : Operand
{
    /// <summary>Its value in each trace.</summary>
    public double[] Values => values;
}

/// <summary>A text, a device, or another literal that is passed through.</summary>
/// <param name="text">The text.</param>
internal sealed class TextOperand(string text) : Operand
{
    /// <summary>The text.</summary>
    public string Text => text;
}

/// <summary>An argument left out.</summary>
internal sealed class NoneOperand : Operand
{
    /// <summary>The only one.</summary>
    public static NoneOperand Instance { get; } = new();
}

/// <summary>A list or tuple.</summary>
/// <param name="items">Its items.</param>
internal sealed class ListOperand(IReadOnlyList<Operand> items) : Operand
{
    /// <summary>Its items.</summary>
    public IReadOnlyList<Operand> Items => items;
}

/// <summary>A tensor: the name of its present value in the graph, and what it shares storage with.</summary>
/// <remarks>
/// PyTorch tensors are places that can be written to; ONNX values are not. A write gives the tensor another <see cref="Name"/> and is
/// carried to the tensors that share its storage: see <see cref="Aliasing"/>.
/// </remarks>
internal sealed class TensorOperand : Operand
{
    /// <summary>The value's name in the graph; null for a constant that nothing used yet.</summary>
    public string? Name { get; set; }

    /// <summary>Element type.</summary>
    public required DataType Type { get; init; }

    /// <summary>Its sizes in each trace.</summary>
    public required long[][] Shapes { get; init; }

    /// <summary>Where it comes from, if it is a constant.</summary>
    public ConstantTensor? Constant { get; init; }

    /// <summary>What it is a view of, if it is one.</summary>
    public TensorView? View { get; init; }

    /// <summary>How often the storage was written to; counted at the view-free root.</summary>
    public int Version { get; set; }

    /// <summary>The root's version that <see cref="Name"/> stands for.</summary>
    public int SeenVersion { get; set; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Shapes[0].Length;

    /// <summary>The tensor that owns the storage.</summary>
    public TensorOperand Root => View is null ? this : View.Parent.Root;

    /// <summary>The size of a dimension in each trace.</summary>
    /// <param name="axis">The dimension, from 0.</param>
    /// <returns>The sizes.</returns>
    public TracedInt Size(int axis) => TracedInt.Dimension(Shapes, axis);

    /// <summary>Whether a dimension differs between traces.</summary>
    /// <param name="axis">The dimension, from 0.</param>
    /// <returns>True if so.</returns>
    public bool IsFree(int axis) => !Size(axis).IsConstant;

    /// <summary>Whether another tensor has these sizes in every trace.</summary>
    /// <param name="shapes">The sizes.</param>
    /// <returns>True if so.</returns>
    public bool HasShapes(long[][] shapes) => Shapes.Zip(shapes).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}

/// <summary>A tensor that the forward pass used and didn't compute.</summary>
/// <param name="Tensor">Its values.</param>
/// <param name="Name">The name for the graph.</param>
/// <param name="Kind">What it is in words: <c>parameter fc.weight</c>, <c>constant tensor</c>.</param>
internal sealed record ConstantTensor(Tensor Tensor, string Name, string Kind);

/// <summary>How a view comes from its parent, and how a write to it goes back.</summary>
/// <param name="Parent">The tensor that is viewed.</param>
/// <param name="Read">From the parent's name to the view's.</param>
/// <param name="Write">From the parent's and the written view's names to the parent's new one; null if it can't be written through.</param>
internal sealed record TensorView(TensorOperand Parent, Func<string, string> Read, Func<string, string, string>? Write);
