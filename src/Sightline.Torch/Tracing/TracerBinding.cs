using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Torch.Tracing;

/// <summary>libtorch's tracer as functions: the symbols of a <see cref="TracerLayout"/> looked up in the loaded library.</summary>
internal sealed unsafe partial class TracerBinding
{
    private const int StringBytes = 32;
    private const int TensorTag = 1;

    private readonly TracerLayout layout;
    private readonly delegate* unmanaged<void*, void> createState;
    private readonly delegate* unmanaged<void*, void> destroyState;
    private readonly delegate* unmanaged<void**, void> setState;
    private readonly delegate* unmanaged<void*, void*, void*> getValue;
    private readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void> setNodeHook;
    private readonly delegate* unmanaged<void*, void*, byte, void*> graphToString;
    private readonly delegate* unmanaged<void*, void*, void*> toIValue;
    private readonly delegate* unmanaged<nuint, void*> allocate;
    private readonly delegate* unmanaged<void*, void> free;

    /// <summary>Looks the symbols up.</summary>
    /// <param name="layout">Names and offsets.</param>
    /// <exception cref="UnsupportedLibtorchException">The library or a symbol isn't there.</exception>
    public TracerBinding(TracerLayout layout)
    {
        this.layout = layout;
        torch.InitializeDeviceType(DeviceType.CPU);
        nint library = NativeLibrary.Load(LoadedPath(layout.Library));
        nint runtime = NativeLibrary.Load("libstdc++.so.6");
        createState = (delegate* unmanaged<void*, void>)Symbol(library, layout.CreateState);
        destroyState = (delegate* unmanaged<void*, void>)Symbol(library, layout.DestroyState);
        setState = (delegate* unmanaged<void**, void>)Symbol(library, layout.SetState);
        getValue = (delegate* unmanaged<void*, void*, void*>)Symbol(library, layout.GetValue);
        setNodeHook = (delegate* unmanaged<delegate* unmanaged<void*, void>, void>)Symbol(library, layout.SetNodeHook);
        graphToString = (delegate* unmanaged<void*, void*, byte, void*>)Symbol(library, layout.GraphToString);
        toIValue = (delegate* unmanaged<void*, void*, void*>)Symbol(library, layout.ToIValue);
        allocate = (delegate* unmanaged<nuint, void*>)Symbol(runtime, "_Znwm");
        free = (delegate* unmanaged<void*, void>)Symbol(runtime, "_ZdlPv");
        var showConfig = (delegate* unmanaged<void*, void*>)Symbol(library, layout.ShowConfig);
        byte* text = stackalloc byte[StringBytes];
        showConfig(text);
        LibtorchVersion = VersionPattern().Match(TakeString(text)) is { Success: true } match ? match.Groups[1].Value : "unknown";
    }

    /// <summary>The loaded libtorch's version, as it tells itself.</summary>
    public string LibtorchVersion { get; }

    /// <summary>Creates a tracing state; it is not yet in force.</summary>
    /// <returns>The state, to be given to <see cref="DestroyState"/>.</returns>
    public nint CreateState()
    {
        void* state = NativeMemory.AllocZeroed((nuint)layout.StateSize);
        createState(state);
        return (nint)state;
    }

    /// <summary>Frees a state and its graph. It must not be in force on any thread.</summary>
    /// <param name="state">The state.</param>
    public void DestroyState(nint state)
    {
        destroyState((void*)state);
        NativeMemory.Free((void*)state);
    }

    /// <summary>Puts a state in force on the calling thread.</summary>
    /// <param name="state">The state, or 0 for none.</param>
    public void SetState(nint state)
    {
        void** shared = stackalloc void*[2];
        shared[0] = (void*)state;
        shared[1] = null;
        setState(shared);
    }

    /// <summary>Sets what is called for each node that any thread records.</summary>
    /// <param name="hook">The function, or null.</param>
    public void SetNodeHook(delegate* unmanaged<void*, void> hook) => setNodeHook(hook);

    /// <summary>The <c>%number</c> of a tensor in a state's graph; a tensor not seen before becomes a constant there.</summary>
    /// <param name="state">The state.</param>
    /// <param name="tensor">Any tensor that needs no gradient.</param>
    /// <returns>The number.</returns>
    public long IdOf(nint state, Tensor tensor)
    {
        byte* value = stackalloc byte[16];
        *(nint*)value = ImplementationOf(tensor);
        *(long*)(value + 8) = TensorTag;
        nint node = (nint)getValue((void*)state, value);
        GC.KeepAlive(tensor);
        return GuardedMemory.ReadWord(node + layout.ValueId);
    }

    /// <summary>The graph as text, one node a line. Call it while no state is in force: printing records nodes otherwise.</summary>
    /// <param name="state">The state.</param>
    /// <returns>The text.</returns>
    public string GraphText(nint state)
    {
        nint graph = GuardedMemory.ReadWord(state + layout.StateGraph);
        _ = GuardedMemory.ReadWord(graph);
        byte* text = stackalloc byte[StringBytes];
        graphToString(text, (void*)graph, 0);
        return TakeString(text);
    }

    /// <summary>The outputs of a recorded node.</summary>
    /// <param name="node">The node, as the hook saw it.</param>
    /// <returns>Each output's address and <c>%number</c>.</returns>
    /// <exception cref="UnsupportedLibtorchException">The node isn't laid out as known.</exception>
    public (nint Value, long Id)[] OutputsOf(nint node)
    {
        nint begin = GuardedMemory.ReadWord(node + layout.NodeOutputs);
        nint end = GuardedMemory.ReadWord(node + layout.NodeOutputs + sizeof(nint));
        nint count = (end - begin) / sizeof(nint);
        if (end < begin || (end - begin) % sizeof(nint) != 0 || count > 4096)
            throw new UnsupportedLibtorchException("a node of its tracer isn't laid out as known (its outputs make no list).");
        var outputs = new (nint, long)[count];
        for (int i = 0; i < count; i++)
        {
            nint value = GuardedMemory.ReadWord(begin + (i * sizeof(nint)));
            if (GuardedMemory.ReadWord(value + layout.ValueNode) != node)
                throw new UnsupportedLibtorchException("a node of its tracer isn't laid out as known (an output doesn't point back at it).");
            outputs[i] = (value, GuardedMemory.ReadWord(value + layout.ValueId));
        }

        return outputs;
    }

    /// <summary>The tensor that a constant node holds.</summary>
    /// <param name="value">The node's output.</param>
    /// <returns>The tensor, sharing its storage and outside every dispose scope; null if it holds no tensor.</returns>
    public Tensor? ConstantOf(nint value)
    {
        byte* optional = stackalloc byte[32];
        new Span<byte>(optional, 32).Clear();
        toIValue(optional, (void*)value);
        nint implementation = *(nint*)optional;
        if (optional[16] != 1 || *(int*)(optional + 8) != TensorTag || implementation == 0) return null;
        // The optional's reference becomes the tensor's own: TorchSharp deletes the at::Tensor, so it must come from operator new.
        var owned = (nint*)allocate((nuint)sizeof(nint));
        *owned = implementation;
        return Tensor.UnsafeCreateTensor((nint)owned).DetachFromDisposeScope();
    }

    /// <summary>What two handles of one tensor share: the address of libtorch's <c>TensorImpl</c>.</summary>
    /// <param name="tensor">Any tensor.</param>
    /// <returns>The address.</returns>
    public static nint ImplementationOf(Tensor tensor) => *(nint*)tensor.Handle;

    private string TakeString(byte* text)
    {
        byte* data = *(byte**)text;
        string taken = Encoding.UTF8.GetString(data, checked((int)*(long*)(text + 8)));
        if (data != text + 16) free(data);
        return taken;
    }

    private static string LoadedPath(string library) =>
        File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(path => Path.GetFileName(path) == library)
        ?? throw new UnsupportedLibtorchException($"{library} isn't loaded in this process.");

    private static nint Symbol(nint library, string name) =>
        NativeLibrary.TryGetExport(library, name, out nint address)
            ? address
            : throw new UnsupportedLibtorchException($"it doesn't export {name}.");

    [GeneratedRegex(@"TORCH_VERSION=([0-9][0-9A-Za-z.+]*)")]
    private static partial Regex VersionPattern();
}
