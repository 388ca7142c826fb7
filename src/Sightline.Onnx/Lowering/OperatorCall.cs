using Sightline.Onnx.Dimensions;
using Sightline.Onnx.Tracing;
using Sightline.Onnx.Writing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering;

/// <summary>One call of an ATen operator: its arguments, what the traces saw of its results, and the graph to lower it into.</summary>
internal sealed class OperatorCall(LoweringPass pass, TraceNode node, int index, string name, IReadOnlyList<Operand> arguments)
{
    /// <summary>The operator without <c>aten::</c> and without the underscore of writes in place.</summary>
    public string Operator => name;

    /// <summary>How many arguments there are.</summary>
    public int Count => arguments.Count;

    /// <summary>How many outputs there are.</summary>
    public int Outputs => node.Outputs.Count;

    /// <summary>How many traces there are.</summary>
    public int Traces => pass.Traces.Count;

    /// <summary>The graph.</summary>
    public GraphBuilder Graph => pass.Graph;

    /// <summary>An argument.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The argument; <see cref="NoneOperand"/> past the end.</returns>
    public Operand this[int argument] => argument < arguments.Count ? arguments[argument] : NoneOperand.Instance;

    /// <summary>Whether an argument was left out.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>True if so.</returns>
    public bool IsNone(int argument) => this[argument] is NoneOperand;

    /// <summary>A tensor argument, up to date with writes in place.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The tensor.</returns>
    public TensorOperand Tensor(int argument) => this[argument] is TensorOperand tensor ? pass.Refresh(tensor) : throw Unexpected(argument, "a tensor");

    /// <summary>A list of tensors, up to date.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The tensors.</returns>
    public IReadOnlyList<TensorOperand> Tensors(int argument) => this[argument] is ListOperand list
        ? [.. list.Items.Select(item => item is TensorOperand tensor ? pass.Refresh(tensor) : throw Unexpected(argument, "a list of tensors"))]
        : throw Unexpected(argument, "a list of tensors");

    /// <summary>The items of a list argument, tensors among them up to date.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The items.</returns>
    public IReadOnlyList<Operand> Items(int argument) => this[argument] is ListOperand list
        ? [.. list.Items.Select(item => item is TensorOperand tensor ? pass.Refresh(tensor) : item)]
        : throw Unexpected(argument, "a list");

    /// <summary>A tensor argument's name in the graph.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The name; empty if the argument was left out.</returns>
    public string Name(int argument) => IsNone(argument) ? "" : NameOf(Tensor(argument));

    /// <summary>A tensor's name in the graph; adds a constant to it at its first use.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <returns>The name.</returns>
    public string NameOf(TensorOperand tensor) => pass.NameOf(tensor);

    /// <summary>An integer that all traces agree on.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The integer.</returns>
    public long Int(int argument) => ConstantOf(Traced(argument));

    /// <summary>A truth value.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The value; false if it was left out.</returns>
    public bool Bool(int argument) => !IsNone(argument) && Int(argument) != 0;

    /// <summary>Integers that all traces agree on.</summary>
    /// <param name="argument">The place of a list or of one integer.</param>
    /// <returns>The integers.</returns>
    public long[] Ints(int argument) => [.. TracedInts(argument).Select(ConstantOf)];

    /// <summary>An integer as the traces saw it.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The integer.</returns>
    public TracedInt Traced(int argument) => this[argument] is IntOperand number ? number.Value : throw Unexpected(argument, "an integer");

    /// <summary>Integers as the traces saw them.</summary>
    /// <param name="argument">The place of a list or of one integer.</param>
    /// <returns>The integers.</returns>
    public IReadOnlyList<TracedInt> TracedInts(int argument) => this[argument] switch
    {
        ListOperand list => [.. list.Items.Select(item => item is IntOperand number ? number.Value : throw Unexpected(argument, "integers"))],
        IntOperand number => [number.Value],
        _ => throw Unexpected(argument, "integers"),
    };

    /// <summary>A number that all traces agree on.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The number.</returns>
    public double Float(int argument) => this[argument] switch
    {
        FloatOperand number => ConstantOf(number),
        IntOperand number => ConstantOf(number.Value),
        _ => throw Unexpected(argument, "a number"),
    };

    /// <summary>A text.</summary>
    /// <param name="argument">Its place.</param>
    /// <returns>The text, or null if the argument is none.</returns>
    public string? Text(int argument) => this[argument] is TextOperand text ? text.Text : null;

    /// <summary>A dimension argument, counted from 0.</summary>
    /// <param name="argument">Its place.</param>
    /// <param name="rank">The rank it counts in.</param>
    /// <returns>The dimension.</returns>
    public int Axis(int argument, int rank) => Axis(Int(argument), rank);

    /// <summary>A dimension counted from 0.</summary>
    /// <param name="axis">The dimension; negative ones count from the end.</param>
    /// <param name="rank">The rank it counts in.</param>
    /// <returns>The dimension.</returns>
    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + Math.Max(rank, 1) : axis);

    /// <summary>An output's element type.</summary>
    /// <param name="output">Which output.</param>
    /// <returns>The type.</returns>
    public DataType OutputType(int output = 0) => pass.TypeOf(node, node.Outputs[output]);

    /// <summary>An output's sizes in each trace.</summary>
    /// <param name="output">Which output.</param>
    /// <returns>The sizes.</returns>
    public long[][] OutputShapes(int output = 0) => pass.Traces.Shapes(index, output);

    /// <summary>The sizes of the items of a list that this call makes, as the traces saw them when it was taken apart.</summary>
    /// <returns>For each item its sizes in each trace.</returns>
    public long[][][] ItemShapes() => pass.ItemShapes(index);

    /// <summary>Sizes and strides of the first tensor argument and of the output, in each trace.</summary>
    /// <returns>One pair a trace.</returns>
    public IEnumerable<(TraceValue From, TraceValue To)> Layouts() => pass.Layouts(index);

    /// <summary>Adds a node to the graph.</summary>
    /// <param name="type">The ONNX operator.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <returns>The output's name.</returns>
    public string Emit(string type, IReadOnlyList<string> inputs, params (string Name, AttributeValue Value)[] attributes) =>
        Graph.Emit(type, inputs, attributes);

    /// <summary>An argument as a tensor of a type: casts tensors, makes constants of numbers.</summary>
    /// <param name="argument">Its place.</param>
    /// <param name="type">The type.</param>
    /// <returns>Its name.</returns>
    public string Cast(int argument, DataType type) => this[argument] switch
    {
        TensorOperand => Cast(Tensor(argument), type),
        FloatOperand number => Graph.Scalar(ConstantOf(number), type),
        IntOperand { Value.IsConstant: true } number => Graph.Scalar(number.Value.First, type),
        IntOperand number => Cast(Emit("Squeeze", [Express(number.Value)]), DataType.Int64, type),
        _ => throw Unexpected(argument, "a tensor or a number"),
    };

    /// <summary>A tensor in another type.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="type">The type.</param>
    /// <returns>Its name.</returns>
    public string Cast(TensorOperand tensor, DataType type) => Cast(NameOf(tensor), tensor.Type, type);

    /// <summary>A value in another type.</summary>
    /// <param name="value">Its name.</param>
    /// <param name="from">Its type.</param>
    /// <param name="to">The type wanted.</param>
    /// <returns>The name of the cast value.</returns>
    public string Cast(string value, DataType from, DataType to) => from == to ? value : Emit("Cast", [value], ("to", (long)to));

    /// <summary>An integer as an int64 vector of one element.</summary>
    /// <param name="number">The integer.</param>
    /// <returns>Its name.</returns>
    public string Express(TracedInt number) => pass.Dimensions.Express(number) ?? throw Inexpressible(number);

    /// <summary>Integers as an int64 vector.</summary>
    /// <param name="numbers">The integers.</param>
    /// <returns>Its name.</returns>
    public string Express(IReadOnlyList<TracedInt> numbers) =>
        pass.Dimensions.Express(numbers) ?? throw Inexpressible(numbers.First(number => pass.Dimensions.Express(number) is null));

    /// <summary>Sizes as an int64 vector.</summary>
    /// <param name="shapes">Sizes in each trace.</param>
    /// <returns>Its name.</returns>
    public string ExpressShape(long[][] shapes) =>
        Express([.. Enumerable.Range(0, shapes[0].Length).Select(axis => TracedInt.Dimension(shapes, axis))]);

    /// <summary>The size of a dimension when the graph runs, as an int64 vector of one element.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="axis">The dimension.</param>
    /// <returns>The vector's name.</returns>
    public string SizeOf(TensorOperand tensor, int axis) => pass.Dimensions.SizeOf(NameOf(tensor), axis);

    /// <summary>A tensor of its own, with the trace's type and sizes.</summary>
    /// <param name="value">Its name.</param>
    /// <param name="output">Which output.</param>
    /// <returns>The tensor.</returns>
    public TensorOperand Result(string value, int output = 0) => pass.Make(value, OutputType(output), OutputShapes(output));

    /// <summary>An output that ONNX doesn't give: an error only if something uses it.</summary>
    /// <param name="output">Which output.</param>
    /// <returns>A tensor without a value.</returns>
    public TensorOperand Absent(int output) => new() { Type = OutputType(output), Shapes = OutputShapes(output) };

    /// <summary>A view of a tensor.</summary>
    /// <param name="parent">The tensor, up to date.</param>
    /// <param name="shapes">The view's sizes in each trace.</param>
    /// <param name="read">From the parent's name to the view's.</param>
    /// <param name="write">From the parent's and the written view's names to the parent's new one; null if it can't be written through.</param>
    /// <returns>The view.</returns>
    public TensorOperand ViewOf(TensorOperand parent, long[][] shapes, Func<string, string> read, Func<string, string, string>? write) =>
        pass.MakeView(parent, shapes, read, write);

    /// <summary>An error that names this operator and the user's line.</summary>
    /// <param name="reason">What is wrong and what to do.</param>
    /// <returns>The error.</returns>
    public OnnxExportException Error(string reason) => pass.Traces.Error(node, reason);

    private long ConstantOf(TracedInt number) =>
        number.IsConstant ? number.First : throw Error($"ONNX needs a fixed integer here, and {number} depends on the input's size.");

    private double ConstantOf(FloatOperand number) => Array.TrueForAll(number.Values, value => value.Equals(number.Values[0]))
        ? number.Values[0]
        : throw Error($"the number {string.Join("/", number.Values)} differs between inputs: "
            + "forward read it out of a tensor (item, data) or computed it in C# from sizes.");

    private OnnxExportException Inexpressible(TracedInt number) =>
        Error($"the integer {number} differs between inputs in a way that can't be expressed by the sizes of tensors.");

    private OnnxExportException Unexpected(int argument, string expected) => Error($"argument {argument} isn't {expected}.");
}
