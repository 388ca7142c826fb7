using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using SkiaSharp;
using TorchSharp;

namespace Sightline.Cli.Doctor;

/// <summary>What became of one native library.</summary>
/// <param name="Name">Its name, without prefix and extension.</param>
/// <param name="UsedFor">What needs it.</param>
/// <param name="Path">Where it was found; null when it was not.</param>
/// <param name="Version">Its version, when it loaded.</param>
/// <param name="Failure">Why it cannot be used; null when it can.</param>
/// <param name="Remedy">What to do about the failure.</param>
internal sealed record NativeLibraryFinding(string Name, string UsedFor, string? Path, string? Version, string? Failure, string? Remedy);

/// <summary>Finds and loads every native library that some verb needs, one by one, and says why one cannot be used.</summary>
internal static class NativeLibraryProbe
{
    /// <summary>Probes all of them.</summary>
    /// <returns>One finding each.</returns>
    public static IReadOnlyList<NativeLibraryFinding> All() =>
    [
        Probe("c10", "training, export", TorchVersion),
        Probe("torch_cpu", "training, export", TorchVersion),
        Probe("LibTorchSharp", "training, export", () => typeof(torch).Assembly.GetName().Version!.ToString(3)),
        Probe("onnxruntime", "export, verify, benchmark, predict", () => OrtEnv.Instance().GetVersionString()),
        Probe("SkiaSharp", "reading and writing images", () => SkiaSharpVersion.Native.ToString()),
    ];

    private static string TorchVersion()
    {
        // libtorch's version is asked through TorchSharp, which prints its search to standard output when it lacks its own library.
        bool whole = ((string[])["c10", "torch_cpu", "LibTorchSharp"]).All(name => NativeLibrary.TryLoad(Find(name) ?? "absent", out _));
        return whole ? Torch.TorchEnvironment.Read().LibtorchVersion : "loads";
    }

    private static NativeLibraryFinding Probe(string name, string usedFor, Func<string> version)
    {
        string? path = Find(name);
        if (path is null)
        {
            string file = FileName(name);
            return new NativeLibraryFinding(name, usedFor, null, null,
                $"{file} is not beside the program; looked in {string.Join(" and ", Candidates(file).Select(System.IO.Path.GetDirectoryName))}",
                RestoreRemedy);
        }
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            string reason = LoaderMessage(e);
            return new NativeLibraryFinding(name, usedFor, path, null, reason, Remedy(reason));
        }
        try
        {
            return new NativeLibraryFinding(name, usedFor, path, version(), null, null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Exception cause = e is TypeInitializationException { InnerException: { } inner } ? inner : e;
            return new NativeLibraryFinding(name, usedFor, path, null, $"it loads but does not answer: {cause.Message.ReplaceLineEndings(" ")}", RestoreRemedy);
        }
    }

    /// <summary>What the system's loader said, without .NET's general advice before it.</summary>
    private static string LoaderMessage(Exception e)
    {
        string text = e.Message.ReplaceLineEndings(" ").Trim();
        const string advice = "LD_DEBUG environment variable:";
        int at = text.IndexOf(advice, StringComparison.Ordinal);
        return at < 0 ? text : text[(at + advice.Length)..].Trim();
    }

    private const string RestoreRemedy = "Build again (from a checkout: remove .sightline/built and start sightline again; as a tool: dotnet tool update), which restores the package that carries it.";

    /// <summary>The remedies for what the loader says on the systems that were tried.</summary>
    private static string Remedy(string reason)
    {
        if (reason.Contains("GLIBCXX_", StringComparison.Ordinal))
            return "The system's libstdc++ is older than the library's. Sightline's build marks that need as weak (build/TorchSharpLinux.targets); this copy was not made by it: build from the checkout.";
        if (reason.Contains("GLIBC_", StringComparison.Ordinal))
            return "The system's C library is too old: Debian 12, Ubuntu 22.04 or newer is needed (glibc 2.34).";
        if (reason.Contains("cannot open shared object file", StringComparison.Ordinal))
            return "A library that it needs in turn is missing: the one named in the message. If it stands in the same package, build again; if it is the system's, install it.";
        return "The file may be damaged or for another processor. " + RestoreRemedy;
    }

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    private static string? Find(string name) => Candidates(FileName(name)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Candidates(string file)
    {
        string root = AppContext.BaseDirectory;
        string os = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        yield return System.IO.Path.Combine(root, "runtimes", $"{os}-{architecture}", "native", file);
        yield return System.IO.Path.Combine(root, file);
    }
}
