using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Doctor;
using Sightline.Cli.Terminal;
using Sightline.Datasets;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline doctor</c>: the machine, the native libraries, the device that will run.</summary>
internal static class DoctorVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Check this machine: cores, memory, native libraries, device. Example: sightline doctor") { json };
        command.SetAction(parsed =>
        {
            Machine machine = Machine.Read();
            IReadOnlyList<NativeLibraryFinding> libraries = NativeLibraryProbe.All();
            bool healthy = libraries.All(l => l.Failure is null);
            TorchFindings? torch = libraries.Where(l => l.Name is "c10" or "torch_cpu" or "LibTorchSharp").All(l => l.Failure is null) ? TorchFindings.Read() : null;
            string cache = DataFolders.Cache();
            if (parsed.GetValue(json))
                PrintJson(machine, libraries, torch, cache, healthy);
            else
                PrintText(machine, libraries, torch, cache, healthy);
            return healthy ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void PrintText(Machine machine, IReadOnlyList<NativeLibraryFinding> libraries, TorchFindings? torch, string cache, bool healthy)
    {
        Line("system", $"{machine.System} ({machine.Architecture}), {machine.Runtime}");
        Line("processor", $"{machine.Processor}, {machine.Cores} cores");
        Line("features", string.Join(' ', machine.Features));
        Line("memory", Size(machine.MemoryBytes));
        foreach (NativeLibraryFinding library in libraries)
        {
            Line(library.Name, library.Failure is null ? $"{library.Version}  {library.Path}" : $"NOT USABLE: {library.Failure}");
            if (library.Remedy is not null)
                Line("", library.Remedy);
        }
        if (torch is not null)
        {
            Line("device", $"{torch.Device}, kernels for {torch.Capability}, {torch.Threads} threads");
            Line("float32", $"channels-last (what training and evaluation use): {torch.Float32}");
            Line("", $"contiguous (never used there): {torch.Float32Contiguous}");
            Line("bfloat16", $"channels-last (what training uses): {torch.Bf16}");
            if (torch.Bf16 != "right")
                Line("", "(a training checks each of its own convolutions first, and takes float32 where one is wrong)");
            Line("", $"contiguous (never used with bfloat16): {torch.Bf16Contiguous}");
            Line("malloc", torch.Malloc + Preloaded());
        }
        Line("data", $"{cache} ({(Directory.Exists(cache) ? $"{Size(Free(cache))} free" : "not there yet")}; set SIGHTLINE_DATA for another)");
        if (Directory.Exists(cache))
        {
            foreach (string set in Directory.EnumerateDirectories(cache).Order(StringComparer.Ordinal))
                Line("", Path.GetFileName(set));
        }
        Line("verdict", healthy ? "everything that sightline needs is here" : "some verbs will not work: see NOT USABLE above");
    }

    private static void PrintJson(Machine machine, IReadOnlyList<NativeLibraryFinding> libraries, TorchFindings? torch, string cache, bool healthy) =>
        JsonOutput.WriteObject(w =>
        {
            w.WriteBoolean("healthy", healthy);
            w.WriteString("system", machine.System);
            w.WriteString("runtime", machine.Runtime);
            w.WriteString("processor", machine.Processor);
            w.WriteString("architecture", machine.Architecture);
            w.WriteNumber("cores", machine.Cores);
            w.WriteNumber("memoryBytes", machine.MemoryBytes);
            w.WriteStrings("features", machine.Features);
            w.WriteObjects("libraries", libraries, library =>
            {
                w.WriteString("name", library.Name);
                w.WriteString("usedFor", library.UsedFor);
                w.WriteString("path", library.Path);
                w.WriteString("version", library.Version);
                w.WriteString("failure", library.Failure);
                w.WriteString("remedy", library.Remedy);
            });
            if (torch is not null)
            {
                w.WriteString("device", torch.Device);
                w.WriteString("capability", torch.Capability);
                w.WriteNumber("threads", torch.Threads);
                w.WriteString("float32ChannelsLast", torch.Float32);
                w.WriteString("float32Contiguous", torch.Float32Contiguous);
                w.WriteString("bf16ChannelsLast", torch.Bf16);
                w.WriteString("bf16Contiguous", torch.Bf16Contiguous);
                w.WriteString("malloc", torch.Malloc);
            }
            w.WriteString("dataFolder", cache);
        });

    private static void Line(string key, string value) => Console.Out.WriteLine($"{key,-14}{value}");

    private static string Preloaded() =>
        Environment.GetEnvironmentVariable("LD_PRELOAD") is { Length: > 0 } preload ? $"; LD_PRELOAD={preload}" : "";

    private static long Free(string folder) => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
