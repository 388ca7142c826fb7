using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Cli.Doctor;

/// <summary>The machine as far as deep learning cares.</summary>
/// <param name="System">The operating system.</param>
/// <param name="Processor">The processor's name.</param>
/// <param name="Architecture">E.g. <c>x64</c>.</param>
/// <param name="Cores">Logical cores this process may use.</param>
/// <param name="MemoryBytes">Memory this process may use.</param>
/// <param name="Features">Vector instruction sets, e.g. <c>avx2</c>, <c>avx512f</c>, <c>avx512_bf16</c>.</param>
/// <param name="Runtime">The .NET runtime.</param>
internal sealed record Machine(string System, string Processor, string Architecture, int Cores, long MemoryBytes, IReadOnlyList<string> Features, string Runtime)
{
    private static readonly string[] Interesting =
        ["avx2", "fma", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "avx_vnni", "asimd", "asimddp", "bf16", "i8mm", "sve"];

    /// <summary>Looks at this machine.</summary>
    /// <returns>What was found.</returns>
    public static Machine Read()
    {
        IReadOnlyList<string> lines = File.Exists("/proc/cpuinfo") ? [.. File.ReadLines("/proc/cpuinfo").Take(60)] : [];
        string Value(string key) => lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "";
        string[] flags = (Value("flags") + " " + Value("Features")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<string> features = flags.Length > 0 ? [.. Interesting.Where(flags.Contains)] : FromIntrinsics();
        string processor = Value("model name");
        return new Machine(
            RuntimeInformation.OSDescription,
            processor.Length > 0 ? processor : "unknown",
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            features,
            RuntimeInformation.FrameworkDescription);
    }

    private static List<string> FromIntrinsics()
    {
        var found = new List<string>();
        if (Avx2.IsSupported)
            found.Add("avx2");
        if (Fma.IsSupported)
            found.Add("fma");
        if (Avx512F.IsSupported)
            found.Add("avx512f");
        if (Avx512BW.IsSupported)
            found.Add("avx512bw");
        return found;
    }
}
