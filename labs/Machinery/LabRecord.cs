namespace Sightline.Labs;

/// <summary>A cell's result as it is committed.</summary>
public sealed record LabRecord
{
    /// <summary>The cell, e.g. <c>plain-20/seed-1</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The cell's group.</summary>
    public required string Group { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What reruns it.</summary>
    public required string Command { get; init; }

    /// <summary>The setting.</summary>
    public required IReadOnlyDictionary<string, string> Setting { get; init; }

    /// <summary>Numbers by name; rates are fractions.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Numbers per epoch (or per layer) by name.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<double>> Curves { get; init; }

    /// <summary>The arithmetic, e.g. <c>bf16</c>.</summary>
    public required string Precision { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>The most memory that the process held until the cell ended, resident, in bytes; null in results from before it was noted.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>When it ended, UTC, ISO 8601.</summary>
    public required string Finished { get; init; }

    /// <summary>The machine.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>Versions of what computed it, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }
}

/// <summary>What a number may depend on in the machine.</summary>
/// <param name="Processor">The processor's name, or its architecture where the system does not tell.</param>
/// <param name="Cores">Logical cores.</param>
/// <param name="Threads">Threads that torch used.</param>
/// <param name="Features">Vector extensions that matter for speed and rounding, e.g. <c>avx2 avx512f avx512_bf16</c>.</param>
/// <param name="System">The operating system.</param>
public sealed record MachineFacts(string Processor, int Cores, int Threads, string Features, string System)
{
    /// <summary>One line for people.</summary>
    public string Line => $"{Processor}, {Cores} cores, {Threads} {(Threads == 1 ? "thread" : "threads")}";

    /// <summary>Looks at this machine.</summary>
    /// <param name="threads">Threads that torch will use.</param>
    /// <returns>The facts.</returns>
    public static MachineFacts Here(int threads)
    {
        string processor = global::System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
        string features = "";
        if (File.Exists("/proc/cpuinfo"))
        {
            string[] lines = File.ReadAllLines("/proc/cpuinfo");
            processor = lines.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? processor;
            string[] flags = lines.FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal))?.Split(':', 2)[1].Split(' ') ?? [];
            features = string.Join(' ', ((string[])["avx2", "avx512f", "avx512_bf16", "amx_bf16"]).Where(flags.Contains));
        }
        return new MachineFacts(processor, Environment.ProcessorCount, threads, features, global::System.Runtime.InteropServices.RuntimeInformation.OSDescription);
    }
}
