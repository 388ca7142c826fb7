using Sightline.Torch.Native;

namespace Sightline.Torch;

/// <summary>
/// <c>torch.use_deterministic_algorithms</c>, which TorchSharp does not wrap: operators without a deterministic implementation throw,
/// and oneDNN picks kernels whose sums have a fixed order. Process-wide. Together with a fixed number of threads, the same machine
/// gives the same bits.
/// </summary>
public static unsafe class Determinism
{
    private static readonly Lazy<(nint Context, nint SetAlgorithms, nint SetMkldnn, nint Get, nint SetFill)> Native = new(Bind);

    /// <summary>Whether deterministic algorithms are demanded now.</summary>
    /// <exception cref="UnsupportedLibtorchException">This libtorch or platform is unknown.</exception>
    public static bool IsEnabled => ((delegate* unmanaged<nint, byte>)Native.Value.Get)(Native.Value.Context) != 0;

    /// <summary>Demands deterministic algorithms.</summary>
    /// <exception cref="UnsupportedLibtorchException">This libtorch or platform is unknown.</exception>
    public static void Enable() => Set(true);

    /// <summary>Allows the fastest algorithms again.</summary>
    /// <exception cref="UnsupportedLibtorchException">This libtorch or platform is unknown.</exception>
    public static void Disable() => Set(false);

    private static void Set(bool on)
    {
        var (context, setAlgorithms, setMkldnn, _, setFill) = Native.Value;
        ((delegate* unmanaged<nint, byte, byte, void>)setAlgorithms)(context, on ? (byte)1 : (byte)0, 0);
        ((delegate* unmanaged<nint, byte, void>)setMkldnn)(context, on ? (byte)1 : (byte)0);
        // Filling new memory with NaN finds bugs but doubles memory traffic; determinism does not need it.
        ((delegate* unmanaged<nint, byte, void>)setFill)(context, 0);
        if (IsEnabled != on)
            throw new UnsupportedLibtorchException("the deterministic mode did not take the value it was given.");
    }

    private static (nint Context, nint SetAlgorithms, nint SetMkldnn, nint Get, nint SetFill) Bind()
    {
        const string what = "the deterministic mode";
        return (
            Libtorch.GlobalContext(what),
            (nint)Libtorch.Function("_ZN2at7Context26setDeterministicAlgorithmsEbb", what),
            (nint)Libtorch.Function("_ZN2at7Context22setDeterministicMkldnnEb", what),
            (nint)Libtorch.Function("_ZNK2at7Context23deterministicAlgorithmsEv", what),
            (nint)Libtorch.Function("_ZN2at7Context39setDeterministicFillUninitializedMemoryEb", what));
    }
}
