using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Torch;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary><c>environment.json</c>: what a run stood on, so that it explains itself years later.</summary>
public static class RunEnvironment
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the record at the start of a run.</summary>
    /// <param name="path">The file.</param>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="data">The images.</param>
    /// <param name="precision">The number format in use.</param>
    /// <param name="timing">How it was chosen, for <c>precision: auto</c>.</param>
    /// <param name="threads">Torch's threads.</param>
    /// <param name="recipePath">Where the recipe was read from.</param>
    public static void Write(string path, Recipe recipe, TrainingData data, PrecisionChoice precision, PrecisionTiming? timing, int threads, string? recipePath)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(data);
        TorchEnvironment torch = TorchEnvironment.Read();
        var root = new JsonObject
        {
            ["sightline"] = typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            ["dotnet"] = Environment.Version.ToString(),
            ["torchSharp"] = torch.TorchSharpVersion,
            ["libtorch"] = torch.LibtorchVersion,
            ["os"] = RuntimeInformation.OSDescription,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            ["processor"] = Processor(),
            ["cpuCapability"] = torch.CpuCapability,
            ["cores"] = Environment.ProcessorCount,
            ["memoryBytes"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            ["device"] = RecipeShape.Kebab(recipe.Training.Device.ToString()),
            ["threads"] = threads,
            ["started"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
            ["seed"] = recipe.Seed,
            ["determinism"] = RecipeShape.Kebab(recipe.Training.Determinism.ToString()),
            ["precision"] = precision == PrecisionChoice.Bf16 ? "bf16" : "float32",
            ["precisionTiming"] = timing is null ? null : new JsonObject
            {
                ["float32StepMs"] = 1000 * timing.Float32Seconds,
                ["bf16StepMs"] = double.IsNaN(timing.Bf16Seconds) ? null : 1000 * timing.Bf16Seconds,
                ["steps"] = PrecisionTiming.TimedSteps,
            },
            ["recipePath"] = recipePath is null ? null : Path.GetFullPath(recipePath),
            ["recipeGitCommit"] = recipePath is null ? null : GitCommit(Path.GetDirectoryName(Path.GetFullPath(recipePath))!),
            ["data"] = new JsonObject
            {
                ["path"] = data.Set.Root,
                ["format"] = data.Set.Format,
                ["fingerprint"] = data.Fingerprint,
                ["split"] = data.Explanation,
                ["splitFingerprint"] = data.SplitFingerprint,
                ["train"] = data.Train.Count,
                ["val"] = data.Validation.Count,
                ["valByClass"] = new JsonArray([.. data.Counts.Validation.Select(n => (JsonNode)n)]),
                ["test"] = data.Test.Count,
                ["unusable"] = new JsonArray([.. data.Unusable.Select(n => (JsonNode)n)]),
                ["classes"] = new JsonArray([.. data.Set.Classes.Select(c => (JsonNode)c)]),
            },
            ["metricsVersion"] = MetricsLog.Version,
            ["finalWeightsHash"] = null,
            ["finalAverageHash"] = null,
        };
        AtomicFile.WriteText(path, root.ToJsonString(Indented) + "\n");
    }

    /// <summary>Adds the hashes of the final weights.</summary>
    /// <param name="path">The file.</param>
    /// <param name="weights">Hash of the weights.</param>
    /// <param name="average">Hash of the averaged weights, if kept.</param>
    public static void Finish(string path, string weights, string? average)
    {
        JsonObject root = JsonNode.Parse(File.ReadAllText(path)) as JsonObject
            ?? throw new BadInputException("run-environment", "environment.json holds no object.", path);
        root["finalWeightsHash"] = weights;
        root["finalAverageHash"] = average;
        AtomicFile.WriteText(path, root.ToJsonString(Indented) + "\n");
    }

    private static string? Processor()
    {
        const string Linux = "/proc/cpuinfo";
        return File.Exists(Linux)
            ? File.ReadLines(Linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
    }

    private static string? GitCommit(string folder)
    {
        try
        {
            using Process? git = Process.Start(new ProcessStartInfo("git", ["-C", folder, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            string text = git!.StandardOutput.ReadToEnd().Trim();
            return git.WaitForExit(2000) && git.ExitCode == 0 && text.Length > 0 ? text : null;
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }
}
