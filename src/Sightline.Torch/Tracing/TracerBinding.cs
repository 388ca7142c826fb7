using System.Runtime.InteropServices;
using Sightline.Torch.Native;
using static TorchSharp.torch;

namespace Sightline.Torch.Tracing;

/// <summary>libtorch's tracer as functions: the symbols of a <see cref="TracerLayout"/> looked up in the loaded library.</summary>
internal sealed unsafe class TracerBinding
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

    /// <summary>Looks the symbols up.</summary>
    /// <param name="layout">Names and offsets.</param>
    /// <exception cref="UnsupportedLibtorchException">The library or a symbol isn't there.</exception>
    public TracerBinding(TracerLayout layout)
    {
        this.layout = layout;
        createState = (delegate* unmanaged<void*, void>)Function(layout.CreateState);
        destroyState = (delegate* unmanaged<void*, void>)Function(layout.DestroyState);
        setState = (delegate* unmanaged<void**, void>)Function(layout.SetState);
        getValue = (delegate* unmanaged<void*, void*, void*>)Function(layout.GetValue);
        setNodeHook = (delegate* unmanaged<delegate* unmanaged<void*, void>, void>)Function(layout.SetNodeHook);
        graphToString = (delegate* unmanaged<void*, void*, byte, void*>)Function(layout.GraphToString);
        toIValue = (delegate* unmanaged<void*, void*, void*>)Function(layout.ToIValue);
    }

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
        return Libtorch.TakeString(text);
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
                throw new UnsupportedLibtorchException("a node of its tracer isn't laid out as known (an output points elsewhere).");
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
        // The optional's reference becomes the tensor's own. TorchSharp deletes the at::Tensor: libstdc++'s operator new is malloc.
        var owned = (nint*)NativeMemory.Alloc((nuint)sizeof(nint));
        *owned = implementation;
        return Tensor.UnsafeCreateTensor((nint)owned).DetachFromDisposeScope();
    }

    /// <summary>What two handles of one tensor share: the address of libtorch's <c>TensorImpl</c>.</summary>
    /// <param name="tensor">Any tensor.</param>
    /// <returns>The address.</returns>
    public static nint ImplementationOf(Tensor tensor) => *(nint*)tensor.Handle;

    private static void* Function(string name) => Libtorch.Function(name, "the tracer");
}
