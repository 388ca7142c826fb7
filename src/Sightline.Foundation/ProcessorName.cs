using System.Runtime.InteropServices;

namespace Sightline;

/// <summary>What measurements on a processor are kept under.</summary>
public static class ProcessorName
{
    /// <summary>The processor's name and the number of its cores.</summary>
    /// <returns>E.g. <c>AMD EPYC, 2 cores</c>; where the system doesn't name it, its architecture.</returns>
    public static string Read()
    {
        string? model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return $"{model?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores";
    }
}
