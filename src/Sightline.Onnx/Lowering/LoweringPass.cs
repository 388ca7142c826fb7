using System.Globalization;
using Sightline.Onnx.Dimensions;
using Sightline.Onnx.Tracing;
using Sightline.Onnx.Writing;
using TorchSharp;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering;

/// <summary>Turns traces into an ONNX graph, node by node in the order of execution.</summary>
internal sealed class LoweringPass
{
    private readonly Dictionary<long, Operand> values = [];
    private readonly OperatorTable operators;
    private readonly IReadOnlyList<string> inputNames;

    /// <summary>Prepares a pass.</summary>
    /// <param name="traces">The traces.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <param name="operators">The lowerings.</param>
    /// <param name="inputNames">Names of the graph's inputs.</param>
    public LoweringPass(TraceSet traces, GraphBuilder graph, OperatorTable operators, IReadOnlyList<string> inputNames)
    {
        Traces = traces;
        Graph = graph;
        Dimensions = new DimensionTable(graph, traces.Count);
        this.operators = operators;
        this.inputNames = inputNames;
    }

    /// <summary>The traces.</summary>
    public TraceSet Traces { get; }

    /// <summary>The graph.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Names of the free dimensions.</summary>
    public DimensionNames DimensionNames { get; } = new();

    /// <summary>Sizes that differ between traces.</summary>
    public DimensionTable Dimensions { get; }

    /// <summary>How many ATen operators were lowered.</summary>
    public int OperatorCount { get; private set; }

    /// <summary>Lowers everything.</summary>
    /// <returns>The outputs, up to date.</returns>
    /// <exception cref="OnnxExportException">An operator can't be lowered; the message names it and its line.</exception>
    public IReadOnlyList<TensorOperand> Run()
    {
        bool[] live = Liveness.Of(Traces.First);
        for (int i = 0; i < live.Length; i++)
        {
            if (!live[i]) continue;
            TraceNode node = Traces.First.Nodes[i];
            switch (node.Operator)
            {
                case TraceNode.Constant:
                    values[node.Outputs[0].Id] = node.Outputs[0].Shape is null ? Literal(node, i) : TensorConstant(node, i);
                    break;
                case "prim::ListConstruct" or "prim::TupleConstruct":
                    values[node.Outputs[0].Id] = new ListOperand([.. node.Inputs.Select(id => values[id])]);
                    break;
                case "prim::ListUnpack" or "prim::TupleUnpack":
                    IReadOnlyList<Operand> items = ((ListOperand)values[node.Inputs[0]]).Items;
                    for (int item = 0; item < node.Outputs.Count; item++) values[node.Outputs[item].Id] = items[item];
                    break;
                default:
                    Lower(node, i);
                    break;
            }
        }

        return [.. Traces.First.Outputs.Select(id => Refresh((TensorOperand)values[id]))];
    }

    /// <summary>A tensor's name in the graph; adds a constant to it at its first use.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <returns>The name.</returns>
    public string NameOf(TensorOperand tensor)
    {
        if (tensor.Name is null)
        {
            ConstantTensor constant = tensor.Constant ?? throw new InvalidOperationException(
                "it uses an output of an earlier operator that ONNX hasn't got (like the positions of a pooling).");
            using Tensor plain = constant.Tensor.detach().cpu().contiguous();
            tensor.Name = Graph.Initializer(constant.Name, tensor.Type, tensor.Shapes[0], plain.numel() == 0 ? default : plain.bytes);
        }

        return tensor.Name;
    }

    /// <summary>Brings a tensor up to date with writes in place.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <returns>The same tensor.</returns>
    public TensorOperand Refresh(TensorOperand tensor) => Aliasing.Refresh(tensor, NameOf);

    /// <summary>A tensor of its own.</summary>
    /// <param name="name">Its name in the graph.</param>
    /// <param name="type">Its type.</param>
    /// <param name="shapes">Its sizes in each trace.</param>
    /// <returns>The tensor.</returns>
    public TensorOperand Make(string name, DataType type, long[][] shapes)
    {
        Dimensions.Register(name, shapes);
        return new TensorOperand { Name = name, Type = type, Shapes = shapes };
    }

    /// <summary>A view of a tensor.</summary>
    /// <param name="parent">The tensor, up to date.</param>
    /// <param name="shapes">The view's sizes.</param>
    /// <param name="read">Reads it from the parent.</param>
    /// <param name="write">Writes it back; null if that can't be.</param>
    /// <returns>The view.</returns>
    public TensorOperand MakeView(TensorOperand parent, long[][] shapes, Func<string, string> read, Func<string, string, string>? write)
    {
        string name = read(NameOf(parent));
        Dimensions.Register(name, shapes);
        return new TensorOperand
        {
            Name = name,
            Type = parent.Type,
            Shapes = shapes,
            View = new TensorView(parent, read, write),
            SeenVersion = parent.Root.Version,
        };
    }

    /// <summary>The element type of a value.</summary>
    /// <param name="node">The node that makes it.</param>
    /// <param name="value">The value.</param>
    /// <returns>The type.</returns>
    public DataType TypeOf(TraceNode node, TraceValue value) =>
        ElementTypes.FromTrace(value.Type) ?? throw Traces.Error(node, $"ONNX has no elements of type {value.Type}.");

    /// <summary>The sizes of the items of the list that a node makes, from the node that takes it apart.</summary>
    /// <param name="index">The node's place.</param>
    /// <returns>For each item its sizes in each trace.</returns>
    public long[][][] ItemShapes(int index)
    {
        TraceNode node = Traces.First.Nodes[index];
        for (int i = index + 1; i < Traces.First.Nodes.Count; i++)
        {
            TraceNode unpack = Traces.First.Nodes[i];
            if (unpack.Operator == "prim::ListUnpack" && unpack.Inputs[0] == node.Outputs[0].Id)
                return [.. Enumerable.Range(0, unpack.Outputs.Count).Select(item => Traces.Shapes(i, item))];
        }

        throw Traces.Error(node, "the list of tensors that it makes is never taken apart.");
    }

    /// <summary>Sizes and strides of a node's first argument and of its output, in each trace.</summary>
    /// <param name="index">The node's place.</param>
    /// <returns>One pair a trace.</returns>
    public IEnumerable<(TraceValue From, TraceValue To)> Layouts(int index)
    {
        foreach (ModuleTrace trace in Traces.All)
        {
            TraceNode node = trace.Nodes[index];
            TraceValue from = trace.Nodes.Take(index).SelectMany(earlier => earlier.Outputs).Last(output => output.Id == node.Inputs[0]);
            yield return (from, node.Outputs[0]);
        }
    }

    private void Lower(TraceNode node, int index)
    {
        const string aten = "aten::";
        if (!node.Operator.StartsWith(aten, StringComparison.Ordinal)) throw Traces.Error(node, "there is no lowering for this kind of node.");
        string name = node.Operator[aten.Length..];
        bool inPlace = name.EndsWith('_') && !name.StartsWith("__", StringComparison.Ordinal);
        if (inPlace) name = name[..^1];
        if (name.StartsWith("special_", StringComparison.Ordinal)) name = name["special_".Length..];
        Func<OperatorCall, Lowered> lowering = operators.Find(name)
            ?? throw Traces.Error(node, "there is no lowering to ONNX for this operator.");

        var call = new OperatorCall(this, node, index, name, [.. node.Inputs.Select(id => values[id])]);
        Lowered lowered;
        try
        {
            lowered = lowering(call);
            if (inPlace)
            {
                WriteInPlace(call, node, lowered);
                OperatorCount++;
                return;
            }
        }
        catch (Exception error) when (error is InvalidOperationException or NotSupportedException or ArgumentException or InvalidCastException)
        {
            throw Traces.Error(node, error.Message);
        }

        if (lowered.Tensors is { } many)
        {
            if (node.Outputs.Count == 1) values[node.Outputs[0].Id] = new ListOperand(many);
            else for (int output = 0; output < node.Outputs.Count; output++) values[node.Outputs[output].Id] = many[output];
        }
        else
        {
            values[node.Outputs[0].Id] = lowered.Tensor ?? call.Result(lowered.Name!);
        }

        OperatorCount++;
    }

    private void WriteInPlace(OperatorCall call, TraceNode node, Lowered lowered)
    {
        TensorOperand target = call.Tensor(0);
        string value = lowered.Name ?? NameOf(lowered.Tensor ?? throw call.Error("it writes several tensors in place."));
        // Activations with inplace: true hand back what they were given where nothing changes; that is no write.
        if (!ReferenceEquals(lowered.Tensor, target))
        {
            Aliasing.Write(target, call.Cast(value, lowered.Tensor?.Type ?? call.OutputType(), target.Type), NameOf);
            Dimensions.Register(NameOf(target), target.Shapes);
        }

        values[node.Outputs[0].Id] = target;
    }

    private TensorOperand TensorConstant(TraceNode node, int index)
    {
        long id = node.Outputs[0].Id;
        DataType type = TypeOf(node, node.Outputs[0]);
        long[][] shapes = Traces.Shapes(index, 0);
        int input = Traces.First.Inputs.ToList().IndexOf(id);
        if (input >= 0) return MakeInput(inputNames[input], type, shapes);

        Tensor first = Traces.First.Constants[id];
        bool isState = Traces.First.State.TryGetValue(id, out string? name);
        foreach (ModuleTrace other in Traces.All.Skip(1))
        {
            if (!isState && !SameBits(first, other.Constants[id]))
            {
                throw Traces.Error(node, "a tensor that was made outside libtorch's operators differs between inputs: "
                    + "forward read data out of a tensor, built it in C#, or computed it on another thread.");
            }
        }

        return new TensorOperand
        {
            Type = type,
            Shapes = shapes,
            Constant = isState
                ? new ConstantTensor(first, name!, $"the parameter or buffer {name}")
                : new ConstantTensor(first, $"constant_{id}", "a constant tensor"),
        };
    }

    private TensorOperand MakeInput(string name, DataType type, long[][] shapes)
    {
        Graph.Input(name, type, DimensionNames.Describe(name, shapes));
        return Make(name, type, shapes);
    }

    private static bool SameBits(Tensor a, Tensor b)
    {
        if (!a.shape.AsSpan().SequenceEqual(b.shape)) return false;
        using Tensor plainA = a.cpu().contiguous(), plainB = b.cpu().contiguous();
        return plainA.numel() == 0 || plainA.bytes.SequenceEqual(plainB.bytes);
    }

    private Operand Literal(TraceNode node, int index)
    {
        string[] literals = [.. Traces.At(index).Select(twin => twin.Literal ?? "")];
        return node.Outputs[0].Type switch
        {
            "int" => new IntOperand(new TracedInt([.. literals.Select(text => long.Parse(text, CultureInfo.InvariantCulture))]), false),
            "bool" => new IntOperand(new TracedInt([.. literals.Select(text => long.Parse(text, CultureInfo.InvariantCulture))]), true),
            "float" => new FloatOperand([.. literals.Select(ParseFloat)]),
            "NoneType" => NoneOperand.Instance,
            _ => new TextOperand(literals[0].Trim('"')),
        };
    }

    private static double ParseFloat(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "-nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
