using System.Runtime.InteropServices;

namespace Sightline.Torch.Tracing;

/// <summary>
/// Where libtorch's tracer stands in one version on one platform: exported names and the offsets that are read. This file is the
/// only place that knows them. A new libtorch gets a row here once its self-test passes.
/// </summary>
/// <remarks>
/// Linux x86-64, Itanium ABI: a <c>shared_ptr</c> by value is the address of two words; <c>{pointer, null}</c> is a valid
/// non-owning one. An <c>IValue</c> is 16 bytes, <c>{payload, uint32 tag}</c>; a tensor is <c>{TensorImpl*, 1}</c>. A
/// <c>Tensor.Handle</c> points at an <c>at::Tensor</c>, whose one word is the <c>TensorImpl*</c>. A returned <c>std::string</c> is
/// written to the caller's buffer: data pointer, length, and 16 bytes for short texts. <c>optional&lt;IValue&gt;</c> is the IValue,
/// then a flag at 16.
/// </remarks>
/// <param name="LibtorchVersion">The version these hold for.</param>
/// <param name="Platform">The runtime identifier these hold for.</param>
internal sealed record TracerLayout(string LibtorchVersion, string Platform)
{
    /// <summary><c>TracingState::TracingState()</c>.</summary>
    public string CreateState { get; init; } = "_ZN5torch3jit6tracer12TracingStateC1Ev";

    /// <summary><c>TracingState::~TracingState()</c>.</summary>
    public string DestroyState { get; init; } = "_ZN5torch3jit6tracer12TracingStateD1Ev";

    /// <summary><c>void setTracingState(shared_ptr&lt;TracingState&gt;)</c>; thread-local.</summary>
    public string SetState { get; init; } = "_ZN5torch3jit6tracer15setTracingStateESt10shared_ptrINS1_12TracingStateEE";

    /// <summary><c>Value* TracingState::getValue(IValue const&amp;)</c>.</summary>
    public string GetValue { get; init; } = "_ZN5torch3jit6tracer12TracingState8getValueERKN3c106IValueE";

    /// <summary><c>void setRecordSourceLocation(void (*)(Node*))</c>; process-wide.</summary>
    public string SetNodeHook { get; init; } = "_ZN5torch3jit6tracer23setRecordSourceLocationEPFvPNS0_4NodeEE";

    /// <summary><c>std::string Graph::toString(bool) const</c>.</summary>
    public string GraphToString { get; init; } = "_ZNK5torch3jit5Graph8toStringB5cxx11Eb";

    /// <summary><c>optional&lt;IValue&gt; toIValue(Value const*)</c>.</summary>
    public string ToIValue { get; init; } = "_ZN5torch3jit8toIValueEPKNS0_5ValueE";

    /// <summary>Bytes to give a <c>TracingState</c>; more than it has.</summary>
    public int StateSize { get; init; } = 4096;

    /// <summary>Offset of <c>TracingState::graph</c>.</summary>
    public int StateGraph { get; init; } = 16;

    /// <summary>Offset of the begin pointer of <c>Node::outputs_</c>; the end pointer follows.</summary>
    public int NodeOutputs { get; init; } = 40;

    /// <summary>Offset of <c>Value::node_</c>.</summary>
    public int ValueNode { get; init; } = 8;

    /// <summary>Offset of <c>Value::unique_</c>, the <c>%number</c> in the graph's text.</summary>
    public int ValueId { get; init; } = 24;

    private static readonly TracerLayout[] known = [new("2.10.0", "linux-x64")];

    /// <summary>This process's platform as a runtime identifier without a distribution, e.g. <c>linux-x64</c>.</summary>
    public static string ThisPlatform
    {
        get
        {
            string system = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "osx" : OperatingSystem.IsWindows() ? "win" : "other";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    /// <summary>The layouts that may fit a platform.</summary>
    /// <param name="platform">A runtime identifier.</param>
    /// <returns>The newest layout of the platform; whether it is this libtorch's is the self-test's to say.</returns>
    /// <exception cref="UnsupportedLibtorchException">No layout is known for the platform.</exception>
    public static TracerLayout For(string platform) =>
        known.LastOrDefault(layout => layout.Platform == platform)
        ?? throw new UnsupportedLibtorchException(
            $"its tracer is known on {string.Join(", ", known.Select(layout => layout.Platform).Distinct())}, and this is {platform}.");
}
