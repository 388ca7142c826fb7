using Sightline.Onnx.Lowering.Operators;

namespace Sightline.Onnx.Lowering;

/// <summary>Every ATen operator that has a lowering, by name without <c>aten::</c> and without the underscore of writes in place.</summary>
internal sealed class OperatorTable
{
    private readonly Dictionary<string, Func<OperatorCall, Lowered>> lowerings = new(StringComparer.Ordinal);

    private OperatorTable()
    {
        Convolutions.Register(this);
        Normalisations.Register(this);
        Activations.Register(this);
        Arithmetic.Register(this);
        Comparisons.Register(this);
        MatrixProducts.Register(this);
        Pooling.Register(this);
        Reductions.Register(this);
        Reshaping.Register(this);
        Slicing.Register(this);
        Indexing.Register(this);
        Joining.Register(this);
        Creation.Register(this);
        Resizing.Register(this);
        Attention.Register(this);
    }

    /// <summary>The table.</summary>
    public static OperatorTable Default { get; } = new();

    /// <summary>The operators' names.</summary>
    public IEnumerable<string> Names => lowerings.Keys;

    /// <summary>Adds a lowering under one or more names.</summary>
    /// <param name="lowering">The lowering.</param>
    /// <param name="names">The operators.</param>
    public void Add(Func<OperatorCall, Lowered> lowering, params ReadOnlySpan<string> names)
    {
        foreach (string name in names) lowerings.Add(name, lowering);
    }

    /// <summary>Adds lowerings of operators that ONNX has under another name, with the same inputs and one output.</summary>
    /// <param name="pairs">ATen's and ONNX's names.</param>
    public void AddUnary(params ReadOnlySpan<(string Aten, string Onnx)> pairs)
    {
        foreach ((string aten, string onnx) in pairs) lowerings.Add(aten, call => call.Emit(onnx, [call.Cast(0, call.OutputType())]));
    }

    /// <summary>Looks a lowering up.</summary>
    /// <param name="name">The operator.</param>
    /// <returns>The lowering, or null.</returns>
    public Func<OperatorCall, Lowered>? Find(string name) => lowerings.GetValueOrDefault(name);
}
