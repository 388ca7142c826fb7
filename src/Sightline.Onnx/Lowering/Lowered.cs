namespace Sightline.Onnx.Lowering;

/// <summary>What an operator was lowered to: the name of its one output, a tensor, or several tensors.</summary>
internal readonly struct Lowered
{
    private Lowered(string? name, TensorOperand? tensor, TensorOperand[]? tensors) => (Name, Tensor, Tensors) = (name, tensor, tensors);

    /// <summary>The output's name; its type and sizes are the trace's.</summary>
    public string? Name { get; }

    /// <summary>The output as a tensor: an alias, a view.</summary>
    public TensorOperand? Tensor { get; }

    /// <summary>Several outputs, or the items of the one list.</summary>
    public TensorOperand[]? Tensors { get; }

    /// <summary>From a name.</summary>
    /// <param name="name">The name.</param>
    public static implicit operator Lowered(string name) => new(name, null, null);

    /// <summary>From a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    public static implicit operator Lowered(TensorOperand tensor) => new(null, tensor, null);

    /// <summary>From several tensors.</summary>
    /// <param name="tensors">The tensors.</param>
    public static implicit operator Lowered(TensorOperand[] tensors) => new(null, null, tensors);
}
