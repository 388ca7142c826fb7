using System.Runtime.InteropServices;
using Onnx;

namespace Sightline.Training.Explanations;

/// <summary>Follows, through a network's graph, which pixels each axis of each value depends on.</summary>
internal sealed class FieldGraph
{
    /// <summary>What a value depends on: for each axis the span of pixels, if the axis runs along a side of the image; and whether
    /// anything was taken over a whole side.</summary>
    /// <param name="Axes">A span for each axis that runs along the image, and along which side.</param>
    /// <param name="SeesAll">Whether the value depends on a whole side, whatever its axes say.</param>
    private sealed record Reach(Along?[] Axes, bool SeesAll)
    {
        public bool IsConstant => !SeesAll && Axes.All(a => a is null);
    }

    /// <summary>An axis along the image.</summary>
    /// <param name="Vertical">Along its height, else its width.</param>
    /// <param name="Span">What its cells see.</param>
    /// <param name="Cells">How many cells there are, as far as known: by it an axis is found again behind a change of shape.</param>
    private readonly record struct Along(bool Vertical, FieldSpan Span, long? Cells);

    private static readonly HashSet<string> Pointwise =
    [
        "Abs", "Add", "And", "Cast", "Ceil", "Clip", "Div", "Elu", "Equal", "Erf", "Exp", "Floor", "Gelu", "Greater", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Less", "Log",
        "Max", "Min", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Softplus", "Sqrt", "Sub", "Tanh", "Where", "Expand",
    ];

    private readonly Dictionary<string, Reach> reaches = [];
    private readonly Dictionary<string, TensorProto> constants;

    private FieldGraph(GraphProto graph) => constants = graph.Initializer.ToDictionary(t => t.Name);

    /// <summary>Reads the field of a graph's output.</summary>
    /// <param name="model">An ONNX file: images <c>[N, 3, H, W]</c> in, a map <c>[N, C, H, W]</c> out.</param>
    /// <param name="layer">What the map is of.</param>
    /// <returns>The field.</returns>
    public static ReceptiveField Read(byte[] model, string layer)
    {
        GraphProto graph = ModelProto.Parser.ParseFrom(model).Graph;
        var fields = new FieldGraph(graph);
        FieldSpan pixel = new(1, 1, 0);
        long[] sides = [.. graph.Input[0].Type.TensorType.Shape.Dim.Skip(2).Select(d => d.DimValue)];
        fields.reaches[graph.Input[0].Name] = new Reach([null, null, new Along(true, pixel, sides[0]), new Along(false, pixel, sides[1])], false);
        foreach (NodeProto node in graph.Node)
        {
            Reach reach = fields.Of(node, layer);
            foreach (string output in node.Output)
                fields.reaches[output] = reach;
        }
        Reach map = fields.reaches[graph.Output[0].Name];
        return map.Axes is [_, _, { } rows, { } columns]
            ? new ReceptiveField(layer, columns.Span, rows.Span, map.SeesAll)
            : throw new BadInputException("field-unknown", $"The cells of '{layer}' do not run along the image: what they see cannot be told cell by cell.");
    }

    private Reach Of(NodeProto node, string layer)
    {
        Reach[] inputs = [.. node.Input.Where(n => n.Length > 0).Select(n => reaches.GetValueOrDefault(n) ?? new Reach([], false))];
        if (inputs.All(i => i.IsConstant) || node.OpType is "Shape")
            return new Reach([], false);
        Reach first = inputs[0];
        return node.OpType switch
        {
            "Conv" => Window(node, first, Ints(node, "kernel_shape") ?? [.. constants[node.Input[1]].Dims.Skip(2)]),
            "MaxPool" or "AveragePool" => Window(node, first, Ints(node, "kernel_shape")!),
            "GlobalAveragePool" or "GlobalMaxPool" => Over(first, [2, 3], keep: true),
            "BatchNormalization" => first,
            "Concat" => Concat(inputs, (int)Int(node, "axis", 1)),
            "Pad" => Padded(node, first),
            "Reshape" => Reshaped(first, Longs(node.Input[1])) ?? throw Unknown(node, layer),
            "Slice" => Sliced(node, first, layer),
            "Transpose" => first with { Axes = [.. Ints(node, "perm")!.Select(p => first.Axes[p])] },
            "ReduceMean" or "ReduceSum" or "ReduceMax" or "ReduceMin" or "ReduceL2" or "ReduceLogSumExp" =>
                Over(first, Ints(node, "axes") ?? (node.Input.Count > 1 ? Longs(node.Input[1]) : null) ?? [.. Enumerable.Range(0, first.Axes.Length).Select(i => (long)i)], Int(node, "keepdims", 1) != 0),
            "Softmax" or "LogSoftmax" => Mixed(first, [Int(node, "axis", -1)]),
            "LayerNormalization" => Mixed(first, [.. Enumerable.Range(0, first.Axes.Length).Select(i => (long)i).Skip(Axis(Int(node, "axis", -1), first.Axes.Length))]),
            "InstanceNormalization" => Mixed(first, [.. Enumerable.Range(2, first.Axes.Length - 2).Select(i => (long)i)]),
            "MatMul" => Product(inputs, node),
            "Squeeze" => first with { Axes = Without(first.Axes, Longs(node.Input[1]) ?? throw Unknown(node, layer)) },
            "Unsqueeze" => first with { Axes = With(first.Axes, Longs(node.Input[1]) ?? throw Unknown(node, layer)) },
            _ when Pointwise.Contains(node.OpType) => Joined(inputs),
            _ => throw Unknown(node, layer),
        };
    }

    // Sides are the axes 2 and 3: [N, C, H, W].
    private static Reach Window(NodeProto node, Reach input, long[] kernel)
    {
        long[] strides = Ints(node, "strides") ?? [.. kernel.Select(_ => 1L)], dilations = Ints(node, "dilations") ?? [.. kernel.Select(_ => 1L)], pads = Ints(node, "pads") ?? new long[2 * kernel.Length];
        var axes = new Along?[input.Axes.Length];
        for (int i = 0; i < kernel.Length; i++)
        {
            if (input.Axes[2 + i] is { } a)
            {
                long room = (a.Cells ?? 0) + pads[i] + pads[i + kernel.Length] - dilations[i] * (kernel[i] - 1) - 1;
                long cells = (room + (Int(node, "ceil_mode", 0) != 0 ? strides[i] - 1 : 0)) / strides[i] + 1;
                axes[2 + i] = new Along(a.Vertical, a.Span.Window(kernel[i], strides[i], dilations[i], pads[i]), a.Cells is null ? null : cells);
            }
        }
        return new Reach(axes, input.SeesAll || input.Axes[1] is not null);
    }

    private static Reach Over(Reach input, long[] over, bool keep)
    {
        int rank = input.Axes.Length;
        Reach mixed = Mixed(input, over);
        return keep ? mixed : mixed with { Axes = Without(mixed.Axes, [.. over.Select(a => (long)Axis(a, rank))]) };
    }

    // Along these axes everything is looked at: they no longer run along the image.
    private static Reach Mixed(Reach input, long[] over)
    {
        var axes = (Along?[])input.Axes.Clone();
        bool all = input.SeesAll;
        foreach (long axis in over)
        {
            int i = Axis(axis, axes.Length);
            all |= axes[i] is not null;
            axes[i] = null;
        }
        return new Reach(axes, all);
    }

    // Aligned from the last axis on, as ONNX broadcasts.
    private static Reach Joined(Reach[] inputs)
    {
        int rank = inputs.Max(i => i.Axes.Length);
        var axes = new Along?[rank];
        bool all = inputs.Any(i => i.SeesAll);
        foreach (Reach input in inputs)
        {
            for (int i = 0; i < input.Axes.Length; i++)
            {
                if (input.Axes[i] is not { } a)
                    continue;
                int to = i + rank - input.Axes.Length;
                // Cells of different spacing laid over each other see no common span.
                bool fits = axes[to] is not { } before || (before.Vertical == a.Vertical && before.Span.Stride == a.Span.Stride);
                all |= !fits;
                axes[to] = axes[to] is { } b && fits ? a with { Span = b.Span.Joined(a.Span) } : axes[to] ?? a;
            }
        }
        return new Reach(axes, all);
    }

    private static Reach Concat(Reach[] inputs, int axis)
    {
        Reach joined = Joined(inputs);
        return joined.Axes[Axis(axis, joined.Axes.Length)] is null ? joined : Mixed(joined, [axis]);
    }

    private Reach Padded(NodeProto node, Reach input)
    {
        int rank = input.Axes.Length;
        long[] pads = Ints(node, "pads") ?? Longs(node.Input[1]) ?? new long[2 * rank];
        long[] padded = node.Input.Count > 3 && Longs(node.Input[3]) is long[] some ? some : [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        var axes = (Along?[])input.Axes.Clone();
        for (int i = 0; i < padded.Length; i++)
        {
            int axis = Axis(padded[i], rank);
            if (axes[axis] is { } a)
                axes[axis] = a with { Span = a.Span with { Start = a.Span.Start - pads[i] * a.Span.Stride }, Cells = a.Cells + pads[i] + pads[i + padded.Length] };
        }
        return input with { Axes = axes };
    }

    private Reach Sliced(NodeProto node, Reach input, string layer)
    {
        long[] starts = Longs(node.Input[1]) ?? throw Unknown(node, layer), cut = node.Input.Count > 3 && Longs(node.Input[3]) is long[] given ? given : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = node.Input.Count > 4 && Longs(node.Input[4]) is long[] some ? some : [.. cut.Select(_ => 1L)];
        var axes = (Along?[])input.Axes.Clone();
        for (int i = 0; i < cut.Length; i++)
        {
            int axis = Axis(cut[i], axes.Length);
            if (axes[axis] is not { } a)
                continue;
            if (starts[i] < 0 || steps[i] < 1)
                throw Unknown(node, layer);
            axes[axis] = new Along(a.Vertical, new FieldSpan(a.Span.Size, a.Span.Stride * steps[i], a.Span.Start + starts[i] * a.Span.Stride), null);
        }
        return input with { Axes = axes };
    }

    // The last axis of the first and the last but one of the second are summed over; a matrix of weights has no axis along the image.
    private Reach Product(Reach[] inputs, NodeProto node)
    {
        (Reach a, Reach b) = (Mixed(inputs[0], [-1]), inputs.Length > 1 && !inputs[1].IsConstant ? Mixed(inputs[1], [-2]) : inputs[1]);
        if (b.IsConstant)
            return a;
        if (inputs[0].IsConstant && constants.TryGetValue(node.Input[0], out TensorProto? weight))
            a = new Reach(new Along?[weight.Dims.Count], false);
        return Joined([a with { Axes = [.. a.Axes[..^1], null] }, b with { Axes = [.. b.Axes[..^2], null, b.Axes[^1]] }]);
    }

    // What leaves the two sides at the end as they are, e.g. an axis more in front for a window over the channels.
    private static Reach? Reshaped(Reach input, long[]? shape)
    {
        bool kept = input.Axes is [.., { Cells: long rows }, { Cells: long columns }] && shape is [.., var last, var end]
            && ((last == rows && (end == columns || end == -1)) || (last == -1 && end == columns)) && input.Axes[..^2].All(a => a is null);
        return kept ? input with { Axes = [.. new Along?[shape!.Length - 2], .. input.Axes[^2..]] } : null;
    }

    private static Along?[] Without(Along?[] axes, long[] gone)
    {
        int[] dropped = [.. gone.Select(a => Axis(a, axes.Length))];
        return [.. axes.Where((_, i) => !dropped.Contains(i))];
    }

    private static Along?[] With(Along?[] axes, long[] added)
    {
        int rank = axes.Length + added.Length;
        var result = axes.ToList();
        foreach (int axis in added.Select(a => Axis(a, rank)).Order())
            result.Insert(axis, null);
        return [.. result];
    }

    private static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    private static long[]? Ints(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name) is { } attribute ? [.. attribute.Ints] : null;

    private static long Int(NodeProto node, string name, long usual) => node.Attribute.FirstOrDefault(a => a.Name == name)?.I ?? usual;

    private long[]? Longs(string name) => !constants.TryGetValue(name, out TensorProto? t) ? null
        : t.RawData.Length > 0 ? MemoryMarshal.Cast<byte, long>(t.RawData.Span).ToArray() : [.. t.Int64Data];

    private static BadInputException Unknown(NodeProto node, string layer) => new("field-unknown",
        $"On the way to '{layer}' stands the operator {node.OpType}, through which it is not known how far a cell sees.", fix: "Choose an earlier layer by --layer.");
}
