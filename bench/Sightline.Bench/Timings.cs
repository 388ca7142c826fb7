using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sightline.Bench;

/// <summary>What every benchmark does: time whole processes, take medians, write a result with the machine's size beside it.</summary>
internal static class Timings
{
    /// <summary>The median.</summary>
    /// <param name="values">At least one.</param>
    /// <returns>The middle one, or the mean of the two in the middle.</returns>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Runs a process to its end.</summary>
    /// <param name="file">The executable.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Seconds it took, its standard output, its exit code.</returns>
    public static (double Seconds, string Output, int ExitCode) Run(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        var watch = Stopwatch.StartNew();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        _ = errors.Result;
        return (watch.Elapsed.TotalSeconds, output, process.ExitCode);
    }

    /// <summary>How to start this program again: its host, and what comes before its arguments.</summary>
    public static (string File, string[] Arguments) Self { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? (Environment.ProcessPath!, [typeof(Timings).Assembly.Location])
        : (Environment.ProcessPath!, []);

    /// <summary>The checkout's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Writes <c>bench/results/NAME.json</c>.</summary>
    /// <param name="name">The benchmark's name.</param>
    /// <param name="command">The command that reproduces it.</param>
    /// <param name="write">Writes the results.</param>
    public static void Save(string name, string command, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("command", command);
            json.WriteString("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteNumber("cores", Environment.ProcessorCount);
            json.WriteString("processor", Processor());
            json.WriteNumber("memoryBytes", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            write(json);
            json.WriteEndObject();
        }
        AtomicFile.WriteBytes(Path.Combine(Root, "bench", "results", name + ".json"), buffer.ToArray());
    }

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? string.Join(", ", File.ReadLines("/proc/cpuinfo").Where(l => l.StartsWith("model name", StringComparison.Ordinal) || l.StartsWith("cpu family", StringComparison.Ordinal)).Distinct().Select(l => l.Split(':')[0].Trim() + " " + l.Split(':')[1].Trim()))
        : "unknown";

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sightline.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException("Run this from a checkout.");
    }
}
