using Sightline.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>
/// Mixed precision as <c>torch.autocast</c> has it: while the scope is open on this thread, convolutions and matrix products run in
/// bfloat16, and what needs float32 keeps it. Weights stay float32 masters; bfloat16 needs no loss scaling. Open it for the forward
/// pass only, and turn the logits to float32 before the loss.
/// </summary>
/// <remarks>
/// TorchSharp does not wrap autocast; libtorch exports its switches as plain functions. They are per thread, so the scope must be
/// disposed on the thread that opened it.
/// </remarks>
public sealed unsafe class Autocast : IDisposable
{
    private static readonly Lazy<Switches> Native = new(Switches.Bind);

    private readonly int thread = Environment.CurrentManagedThreadId;
    private readonly DeviceType device;
    private readonly bool wasEnabled;
    private readonly sbyte previousType;
    private bool disposed;

    private Autocast(DeviceType device, ScalarType? type)
    {
        Switches native = Native.Value;
        this.device = device;
        wasEnabled = native.IsEnabled((sbyte)device) != 0;
        previousType = native.CastType((sbyte)device);
        if (type is ScalarType wanted)
            native.SetType((sbyte)device, (sbyte)wanted);
        native.SetEnabled((sbyte)device, type is null ? (byte)0 : (byte)1);
        native.IncrementNesting();
    }

    /// <summary>Whether this libtorch and platform can do it.</summary>
    public static bool IsSupported
    {
        get
        {
            try
            {
                return Native.Value is not null;
            }
            catch (UnsupportedLibtorchException)
            {
                return false;
            }
        }
    }

    /// <summary>Opens a bfloat16 scope on the calling thread.</summary>
    /// <param name="device">The device whose operators are cast.</param>
    /// <returns>The scope; dispose it on the same thread.</returns>
    /// <exception cref="UnsupportedLibtorchException">This libtorch or platform is unknown, or its self-test failed.</exception>
    public static Autocast BFloat16(DeviceType device = DeviceType.CPU) => new(device, ScalarType.BFloat16);

    /// <summary>Opens a scope on the calling thread in which nothing is cast, within another or not.</summary>
    /// <param name="device">The device whose operators are left alone.</param>
    /// <returns>The scope; dispose it on the same thread.</returns>
    /// <exception cref="UnsupportedLibtorchException">This libtorch or platform is unknown, or its self-test failed.</exception>
    public static Autocast Off(DeviceType device = DeviceType.CPU) => new(device, null);

    /// <summary>Whether operators are cast on the calling thread.</summary>
    /// <param name="device">The device.</param>
    /// <returns>Whether they are; not where autocast isn't supported.</returns>
    public static bool IsOn(DeviceType device) => IsSupported && Native.Value.IsEnabled((sbyte)device) != 0;

    /// <summary>Restores what was in force before.</summary>
    /// <exception cref="InvalidOperationException">Called on another thread than the one that opened the scope.</exception>
    public void Dispose()
    {
        if (disposed)
            return;
        if (thread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("An autocast scope belongs to the thread that opened it; dispose it there.");
        disposed = true;
        Switches native = Native.Value;
        native.SetEnabled((sbyte)device, wasEnabled ? (byte)1 : (byte)0);
        native.SetType((sbyte)device, previousType);
        // Weights cast to bfloat16 are cached until the outermost scope ends.
        if (native.DecrementNesting() == 0)
            native.ClearCache();
    }

    /// <summary>libtorch's switches, self-tested once.</summary>
    private sealed class Switches
    {
        public required delegate* unmanaged<sbyte, byte, void> SetEnabled;
        public required delegate* unmanaged<sbyte, byte> IsEnabled;
        public required delegate* unmanaged<sbyte, sbyte, void> SetType;
        public required delegate* unmanaged<sbyte, sbyte> CastType;
        public required delegate* unmanaged<int> IncrementNesting;
        public required delegate* unmanaged<int> DecrementNesting;
        public required delegate* unmanaged<void> ClearCache;

        public static Switches Bind()
        {
            const string what = "autocast";
            var switches = new Switches
            {
                SetEnabled = (delegate* unmanaged<sbyte, byte, void>)Libtorch.Function("_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb", what),
                IsEnabled = (delegate* unmanaged<sbyte, byte>)Libtorch.Function("_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE", what),
                SetType = (delegate* unmanaged<sbyte, sbyte, void>)Libtorch.Function("_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE", what),
                CastType = (delegate* unmanaged<sbyte, sbyte>)Libtorch.Function("_ZN2at8autocast18get_autocast_dtypeEN3c1010DeviceTypeE", what),
                IncrementNesting = (delegate* unmanaged<int>)Libtorch.Function("_ZN2at8autocast17increment_nestingEv", what),
                DecrementNesting = (delegate* unmanaged<int>)Libtorch.Function("_ZN2at8autocast17decrement_nestingEv", what),
                ClearCache = (delegate* unmanaged<void>)Libtorch.Function("_ZN2at8autocast11clear_cacheEv", what),
            };
            switches.SelfTest();
            return switches;
        }

        /// <summary>A product must come out as bfloat16 inside the scope and as float32 outside.</summary>
        private void SelfTest()
        {
            const sbyte cpu = (sbyte)DeviceType.CPU;
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            Tensor a = ones(4, 4);
            bool was = IsEnabled(cpu) != 0;
            sbyte type = CastType(cpu);
            ScalarType inside;
            SetType(cpu, (sbyte)ScalarType.BFloat16);
            SetEnabled(cpu, 1);
            try
            {
                inside = a.mm(a).dtype;
            }
            finally
            {
                SetEnabled(cpu, was ? (byte)1 : (byte)0);
                SetType(cpu, type);
                ClearCache();
            }
            ScalarType outside = a.mm(a).dtype;
            if (inside != ScalarType.BFloat16 || (!was && outside != ScalarType.Float32))
                throw new UnsupportedLibtorchException($"autocast gave {inside} inside its scope and {outside} outside, where bfloat16 and float32 were expected (libtorch {Libtorch.Version}).");
        }
    }
}
