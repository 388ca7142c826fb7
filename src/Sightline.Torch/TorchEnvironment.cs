using Sightline.Torch.Native;
using TorchSharp;

namespace Sightline.Torch;

/// <summary>What libtorch found on this machine.</summary>
/// <param name="LibtorchVersion">The version of the loaded libtorch.</param>
/// <param name="TorchSharpVersion">The version of the TorchSharp assembly.</param>
/// <param name="CpuCapability">The instruction set libtorch's own kernels use, e.g. <c>AVX512</c>.</param>
/// <param name="Threads">How many threads one operator uses.</param>
/// <param name="CudaDevices">How many CUDA devices there are; 0 with the CPU build.</param>
/// <param name="Autocast">Whether bfloat16 autocast works here.</param>
public sealed record TorchEnvironment(string LibtorchVersion, string TorchSharpVersion, string CpuCapability, int Threads, int CudaDevices, bool Autocast)
{
    /// <summary>Loads libtorch and asks it.</summary>
    /// <returns>What it said.</returns>
    /// <exception cref="Exception">libtorch cannot be loaded; <c>sightline doctor</c> says why.</exception>
    public static unsafe TorchEnvironment Read()
    {
        string capability = "unknown";
        if (Libtorch.IsKnownPlatform)
            capability = Libtorch.CallForString(Libtorch.Function("_ZN2at18get_cpu_capabilityB5cxx11Ev", "the processor's capability"));
        return new TorchEnvironment(
            Libtorch.Version,
            typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown",
            capability,
            torch.get_num_threads(),
            torch.cuda.is_available() ? torch.cuda.device_count() : 0,
            Sightline.Torch.Autocast.IsSupported);
    }
}
