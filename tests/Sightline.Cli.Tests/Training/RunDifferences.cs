using System.Text.Json;
using Sightline.Models;
using TorchSharp;

namespace Sightline.Tests;

/// <summary>
/// Everything in which a run folder differs from another of the same training, times aside: all tensors of both checkpoints (weights,
/// moving average, optimiser, torch's generator), what else they remember (counters, schedule, sampler position), hashes and logs.
/// </summary>
internal static class RunDifferences
{
    private const string StateKey = "sightline.checkpoint";

    // What the clock decides: seconds of the present epoch, and the length of a log that has seconds in it.
    private static readonly string[] Times = ["Progress.Seconds", "MetricsLength"];

    public static IReadOnlyList<string> Between(string reference, string run)
    {
        var differences = new List<string>();
        foreach (string name in (string[])["best.safetensors", "last.safetensors"])
            differences.AddRange(OfCheckpoints(Path.Combine(reference, "checkpoints", name), Path.Combine(run, "checkpoints", name)).Select(d => $"{name}: {d}"));
        foreach (string hash in (string[])["finalWeightsHash", "finalAverageHash"])
        {
            if (Environment(reference, hash) != Environment(run, hash))
                differences.Add($"environment.json: {hash}");
        }
        foreach (string log in (string[])["signals.csv", "probe.csv"])
        {
            if (File.ReadAllText(Path.Combine(reference, log)) != File.ReadAllText(Path.Combine(run, log)))
                differences.Add(log);
        }
        if (!WithoutTimes(reference).SequenceEqual(WithoutTimes(run)))
            differences.Add("metrics.csv");
        differences.AddRange(Directory.EnumerateFiles(run, "*.tmp", SearchOption.AllDirectories).Select(f => $"left over: {Path.GetFileName(f)}"));
        return differences;
    }

    private static List<string> OfCheckpoints(string reference, string run)
    {
        using StoredWeights expected = Safetensors.Read(reference), seen = Safetensors.Read(run);
        var differences = new List<string>();
        foreach (string name in expected.Tensors.Keys.Union(seen.Tensors.Keys))
        {
            if (!expected.Tensors.TryGetValue(name, out torch.Tensor? a) || !seen.Tensors.TryGetValue(name, out torch.Tensor? b))
                differences.Add($"{name} is in one only");
            else if (a.dtype != b.dtype || !a.shape.SequenceEqual(b.shape) || !a.bytes.SequenceEqual(b.bytes))
                differences.Add(name);
        }
        Dictionary<string, string> was = State(expected), now = State(seen);
        differences.AddRange(was.Keys.Union(now.Keys).Except(Times).Where(k => was.GetValueOrDefault(k) != now.GetValueOrDefault(k)).Select(k => $"state: {k} was {was.GetValueOrDefault(k)}, is {now.GetValueOrDefault(k)}"));
        return differences;
    }

    /// <summary>The members of a checkpoint's state as JSON, those of an inner object by dotted path.</summary>
    private static Dictionary<string, string> State(StoredWeights stored)
    {
        using JsonDocument document = JsonDocument.Parse(stored.Metadata[StateKey]);
        var members = new Dictionary<string, string>();
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Object)
            {
                members[member.Name] = member.Value.GetRawText();
                continue;
            }
            foreach (JsonProperty inner in member.Value.EnumerateObject())
                members[$"{member.Name}.{inner.Name}"] = inner.Value.GetRawText();
        }
        return members;
    }

    private static string Environment(string run, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "environment.json")));
        return document.RootElement.GetProperty(name).GetString()!;
    }

    private static string[] WithoutTimes(string run) => [.. File.ReadAllLines(Path.Combine(run, "metrics.csv")).Select(l => string.Join(',', l.Split(',')[..8]))];
}
