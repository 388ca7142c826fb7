using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sightline.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Torch.Tracing;

/// <summary>
/// Records every operator that a forward pass calls, through the tracer that is behind PyTorch's <c>torch.jit.trace</c>: TorchSharp's
/// calls go through libtorch's dispatcher, so whatever the C# looks like, each ATen call becomes a node of a graph.
/// </summary>
/// <remarks>
/// One recording at a time in a process: the node hook is process-wide. Calls on other threads aren't
/// recorded. The first use proves itself on a known graph (<see cref="TracerSelfTest"/>).
/// </remarks>
public static unsafe class OperatorTracer
{
    private static readonly Lock gate = new();
    private static readonly Lazy<TracerBinding> binding = new(() =>
    {
        var bound = new TracerBinding(TracerLayout.For(TracerLayout.ThisPlatform));
        Nnpack.Disable();
        TracerSelfTest.Run(bound);
        return bound;
    });

    private static List<HookedNode>? hooked;
    private static bool capturing;
    private static int recordingThread;

    /// <summary>Whether this thread's calls are being recorded now.</summary>
    public static bool IsRecording => hooked is not null && recordingThread == Environment.CurrentManagedThreadId;

    /// <summary>Binds to the loaded libtorch and proves the binding on a known graph.</summary>
    /// <returns>The libtorch version, e.g. <c>2.10.0</c>.</returns>
    /// <exception cref="UnsupportedLibtorchException">The tracer of this libtorch isn't as known.</exception>
    public static string EnsureSupported()
    {
        lock (gate)
        {
            _ = binding.Value;
            return Libtorch.Version;
        }
    }

    /// <summary>Runs a forward pass and records it.</summary>
    /// <param name="module">The module whose parameters and buffers the pass uses.</param>
    /// <param name="inputs">The inputs; they need no gradient.</param>
    /// <param name="forward">The pass.</param>
    /// <param name="withCallSites">Whether to note the user's line for each node.</param>
    /// <returns>The recording.</returns>
    /// <exception cref="UnsupportedLibtorchException">The tracer of this libtorch isn't as known.</exception>
    /// <remarks>Exceptions of <paramref name="forward"/> come out as they are; nothing stays switched on behind them.</remarks>
    public static TraceRecording Record(
        nn.Module module,
        IReadOnlyList<Tensor> inputs,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward,
        bool withCallSites)
    {
        lock (gate) return Record(binding.Value, NamedState(module), inputs, forward, withCallSites);
    }

    /// <summary>As the public one, with a binding that isn't proved yet.</summary>
    internal static TraceRecording Record(
        TracerBinding tracer,
        IReadOnlyList<(string Name, Tensor Tensor)> state,
        IReadOnlyList<Tensor> inputs,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward,
        bool withCallSites)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        // "Cannot insert a Tensor that requires grad as a constant", says the tracer otherwise.
        Tensor[] trainable = [.. state.Select(entry => entry.Tensor).Where(tensor => tensor.requires_grad)];
        nint tracing = 0;
        recordingThread = Environment.CurrentManagedThreadId;
        hooked = [];
        capturing = withCallSites;
        try
        {
            foreach (Tensor parameter in trainable) parameter.requires_grad_(false);
            tracing = tracer.CreateState();
            string graph;
            long[] inputIds, stateIds, outputIds;
            using (ScalarGuard.Enter())
            {
                tracer.SetNodeHook(&OnNode);
                tracer.SetState(tracing);
                try
                {
                    inputIds = [.. inputs.Select(tensor => tracer.IdOf(tracing, tensor))];
                    stateIds = [.. state.Select(entry => tracer.IdOf(tracing, entry.Tensor))];
                    outputIds = [.. forward(inputs).Select(tensor => tracer.IdOf(tracing, tensor))];
                }
                finally
                {
                    tracer.SetState(0);
                    tracer.SetNodeHook(null);
                }

                graph = tracer.GraphText(tracing);
            }

            (Dictionary<long, Tensor> constants, Dictionary<long, CallSite> sites) = ReadNodes(tracer, graph, inputIds);
            return new TraceRecording
            {
                Graph = graph,
                Inputs = inputIds,
                Outputs = outputIds,
                State = stateIds.Zip(state).ToDictionary(pair => pair.First, pair => pair.Second.Name),
                Constants = constants,
                CallSites = sites,
            };
        }
        finally
        {
            hooked = null;
            if (tracing != 0) tracer.DestroyState(tracing);
            foreach (Tensor parameter in trainable) parameter.requires_grad_(true);
        }
    }

    private static List<(string Name, Tensor Tensor)> NamedState(nn.Module module)
    {
        var state = new List<(string, Tensor)>();
        var seen = new HashSet<nint>();
        foreach ((string name, Tensor? tensor) in module.named_parameters().Select(entry => (entry.name, (Tensor?)entry.parameter))
            .Concat(module.named_buffers(true, true).Select(entry => (entry.name, (Tensor?)entry.buffer))))
        {
            if (tensor is not null && seen.Add(TracerBinding.ImplementationOf(tensor))) state.Add((name, tensor));
        }

        return state;
    }

    private static (Dictionary<long, Tensor> Constants, Dictionary<long, CallSite> Sites) ReadNodes(
        TracerBinding tracer, string graph, long[] inputs)
    {
        var constants = new Dictionary<long, Tensor>();
        var sites = new Dictionary<long, CallSite>();
        HashSet<long> tensorConstants = TensorConstants(graph);
        tensorConstants.ExceptWith(inputs);
        using var resolver = new CallSiteResolver();
        try
        {
            foreach (HookedNode node in hooked!)
            {
                foreach ((nint value, long id) in tracer.OutputsOf(node.Address))
                {
                    if (node.Caller is { } method) sites[id] = resolver.Resolve(method, node.Offset);
                    if (tensorConstants.Contains(id) && tracer.ConstantOf(value) is { } constant) constants.Add(id, constant);
                }
            }
        }
        catch
        {
            foreach (Tensor constant in constants.Values) constant.Dispose();
            throw;
        }

        return (constants, sites);
    }

    /// <summary>The numbers of lines like <c>%3 : Float(2, 3, …) = prim::Constant[value=…]()</c> that hold a tensor.</summary>
    private static HashSet<long> TensorConstants(string graph)
    {
        var ids = new HashSet<long>();
        foreach (ReadOnlySpan<char> line in graph.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> node = line.TrimStart();
            int type = node.IndexOf(" : ", StringComparison.Ordinal);
            int equals = node.IndexOf(" = prim::Constant", StringComparison.Ordinal);
            // Scalar types are lower case (int, float, bool, str) or NoneType and Device, all without a shape in brackets.
            if (type > 1 && equals > type && node[0] == '%' && node[type..equals].Contains('(')) ids.Add(long.Parse(node[1..type]));
        }

        return ids;
    }

    // Runs inside a native call, at each node: allocate little, never throw.
    [UnmanagedCallersOnly]
    private static void OnNode(void* node)
    {
        try
        {
            (MethodBase Method, int Offset)? caller = capturing ? CallSiteResolver.Capture() : null;
            hooked?.Add(new HookedNode((nint)node, caller?.Method, caller?.Offset ?? -1));
        }
        catch (Exception error)
        {
            Environment.FailFast("the trace hook failed inside libtorch", error);
        }
    }

    private readonly record struct HookedNode(nint Address, MethodBase? Caller, int Offset);
}
