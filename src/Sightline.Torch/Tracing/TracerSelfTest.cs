using System.Text.RegularExpressions;
using Sightline.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Torch.Tracing;

/// <summary>
/// Proves the binding before anything else uses it: traces <c>relu(x) + c</c> with a known <c>c</c>. The graph's text must be the
/// known one, each node's outputs must point back at it, and <c>c</c> must come back bit for bit.
/// </summary>
internal static partial class TracerSelfTest
{
    private const string Expected =
        """
        graph():
        %0 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = prim::Constant[value]()
        %1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = aten::relu(%0)
        %2 : Float(3, strides=[1], requires_grad=0, device=cpu) = prim::Constant[value]()
        %3 : int = prim::Constant[value=1]()
        %4 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = aten::add(%1, %2, %3)
        return ()
        """;

    /// <summary>Runs the test.</summary>
    /// <param name="tracer">The binding.</param>
    /// <exception cref="UnsupportedLibtorchException">It doesn't hold.</exception>
    public static void Run(TracerBinding tracer)
    {
        float[] known = [0.1f, -float.Epsilon, 16777217e9f];
        using Tensor input = torch.tensor(new float[] { -1, 2, -3, 4, -5, 6 }).reshape(2, 3);
        using Tensor constant = torch.tensor(known);
        using TraceRecording recording = OperatorTracer.Record(tracer, [], [input], inputs => [inputs[0].relu() + constant], false);

        string graph = TensorLiteral().Replace(recording.Graph, "[value]").ReplaceLineEndings("\n");
        graph = string.Join('\n', graph.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        if (graph != Expected.ReplaceLineEndings("\n")) Fail($"relu(x) + c is traced as: {graph}");
        if (recording.Inputs is not [0] || recording.Outputs is not [4]) Fail("values don't carry the numbers of the graph's text");
        if (!recording.Constants.TryGetValue(2, out Tensor? read)) Fail("a constant can't be read back");
        else if (!read.data<float>().ToArray().AsSpan().SequenceEqual(known)) Fail("a constant reads back with other bits");
    }

    private static void Fail(string reason) =>
        throw new UnsupportedLibtorchException($"the self-test of its tracer failed with libtorch {Libtorch.Version}: {reason}.");

    // A tensor's literal spans lines and brackets; only the closing "]()" at a line's end ends it.
    [GeneratedRegex(@"(?<=Float\([^)]*\) = prim::Constant)\[value=.*?\](?=\(\)\r?$)", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex TensorLiteral();
}
