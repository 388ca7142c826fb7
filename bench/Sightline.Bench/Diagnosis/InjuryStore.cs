using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Diagnosis;

namespace Sightline.Bench.Diagnosis;

/// <summary>Runs as lines of JSON: in <c>bench/diagnosis/runs</c> as they end, compressed in <c>bench/diagnosis</c> when they are committed.</summary>
internal static class InjuryStore
{
    /// <summary>How plain values are written and read.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>Where both lie.</summary>
    public static string Folder => Path.Combine(Timings.Root, "bench", "diagnosis");

    /// <summary>A run as a line.</summary>
    /// <param name="planned">What was planned.</param>
    /// <param name="run">What came of it.</param>
    /// <param name="seconds">How long it took.</param>
    /// <returns>One line, without its end.</returns>
    public static string Line(PlannedRun planned, SmallRun run, double seconds)
    {
        var line = new JsonObject
        {
            ["id"] = planned.Id,
            ["twin"] = planned.Twin,
            ["injuries"] = new JsonArray([.. planned.Injuries.Select(i => (JsonNode)new JsonObject { ["code"] = i.Code, ["severity"] = i.Severity })]),
            ["training"] = JsonSerializer.SerializeToNode(planned.Training, Plain),
            ["trainImages"] = run.TrainImages,
            ["validationImages"] = new JsonArray([.. run.ValidationImages.Select(n => (JsonNode)n)]),
            ["diverged"] = run.Diverged,
            ["seconds"] = Math.Round(seconds, 1),
            ["rate"] = Row(run.Epochs.Select(e => e.LearningRate)),
            ["trainLoss"] = Row(run.Epochs.Select(e => e.TrainLoss)),
            ["trainTop1"] = Row(run.Epochs.Select(e => e.TrainAccuracy)),
            ["valLoss"] = Row(run.Epochs.Select(e => e.ValLoss)),
            ["valTop1"] = Row(run.Epochs.Select(e => e.ValAccuracy)),
            ["testEpoch"] = Row(run.Tests.Select(t => (double)t.Epoch)),
            ["testLoss"] = Row(run.Tests.Select(t => t.Loss)),
            ["testTop1"] = Row(run.Tests.Select(t => t.Top1)),
        };
        foreach ((string name, Func<EpochSignals, double> value) in Columns)
            line[name] = Row(run.Signals.Select(value));
        line["valPredictions"] = new JsonArray([.. run.Signals.Select(s => (JsonNode)new JsonArray([.. s.ValPredictions.Select(n => (JsonNode)n)]))]);
        line["blocks"] = new JsonArray([.. (run.Signals.FirstOrDefault()?.Blocks ?? []).Select((b, i) => (JsonNode)new JsonObject
        {
            ["name"] = b.Name,
            ["gradientNorm"] = Row(run.Signals.Select(s => s.Blocks[i].GradientNorm)),
            ["updateRatio"] = Row(run.Signals.Select(s => s.Blocks[i].UpdateRatio)),
            ["activationDeviation"] = Row(run.Signals.Select(s => s.Blocks[i].ActivationDeviation)),
            ["deadShare"] = Row(run.Signals.Select(s => s.Blocks[i].DeadShare)),
        })]);
        return line.ToJsonString();
    }

    /// <summary>The runs that have ended on this machine and are not compressed yet.</summary>
    /// <returns>Line by id, the latest of each.</returns>
    public static Dictionary<string, string> Loose()
    {
        var lines = new Dictionary<string, string>();
        string folder = Path.Combine(Folder, "runs");
        if (!Directory.Exists(folder))
            return lines;
        foreach (string file in Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal))
        {
            foreach (string line in File.ReadLines(file, Encoding.UTF8).Where(l => l.EndsWith('}')))
                lines[IdOf(line)] = line;
        }
        return lines;
    }

    /// <summary>The committed runs of a half.</summary>
    /// <param name="half"><c>known</c> or <c>unseen</c>.</param>
    /// <returns>Line by id.</returns>
    public static Dictionary<string, string> Committed(string half)
    {
        var lines = new Dictionary<string, string>();
        string path = Path.Combine(Folder, half + ".jsonl.br");
        if (!File.Exists(path))
            return lines;
        using var reader = new StreamReader(new BrotliStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is string line)
            lines[IdOf(line)] = line;
        return lines;
    }

    /// <summary>Compresses all runs of a half, those that are committed and those that came since, by id.</summary>
    /// <param name="half"><c>known</c> or <c>unseen</c>.</param>
    /// <returns>How many runs, and the size in bytes.</returns>
    public static (int Runs, long Bytes) Compress(string half)
    {
        Dictionary<string, string> lines = Committed(half);
        foreach ((string id, string line) in Loose().Where(l => l.Key.StartsWith(half + "/", StringComparison.Ordinal)))
            lines[id] = line;
        string path = Path.Combine(Folder, half + ".jsonl.br");
        AtomicFile.Write(path, stream =>
        {
            using var brotli = new BrotliStream(stream, CompressionLevel.SmallestSize, leaveOpen: true);
            foreach ((string _, string line) in lines.OrderBy(l => l.Key, StringComparer.Ordinal))
                brotli.Write(Encoding.UTF8.GetBytes(line + "\n"));
        });
        return (lines.Count, new FileInfo(path).Length);
    }

    /// <summary>The columns of one number an epoch.</summary>
    public static IReadOnlyList<(string Name, Func<EpochSignals, double> Value)> Columns { get; } =
    [
        ("firstLoss", s => s.Steps.FirstLoss), ("meanLoss", s => s.Steps.MeanLoss), ("lossDeviation", s => s.Steps.LossDeviation), ("highestLoss", s => s.Steps.HighestLoss),
        ("gradientNorm", s => s.Steps.GradientNorm), ("highestGradientNorm", s => s.Steps.HighestGradientNorm), ("weightNorm", s => s.Steps.WeightNorm), ("updateNorm", s => s.Steps.UpdateNorm),
        ("momentumCosine", s => s.Steps.MomentumCosine), ("confidentlyWrong", s => s.Steps.ConfidentlyWrong), ("lossMedian", s => s.Steps.LossMedian), ("lossP90", s => s.Steps.LossP90),
        ("topLabelShare", s => s.Steps.TopLabelShare),
        ("probeLoss", s => s.ProbeLoss), ("probeTop1", s => s.ProbeTop1), ("probeBatchLoss", s => s.ProbeBatchLoss), ("probeBatchTop1", s => s.ProbeBatchTop1),
        ("valConfidentlyWrong", s => s.ValConfidentlyWrong), ("valLossMedian", s => s.ValLossMedian), ("valLossP90", s => s.ValLossP90),
    ];

    private static string IdOf(string line) => line[7..line.IndexOf('"', 7)];

    // Four digits are more than any rule needs.
    private static JsonArray Row(IEnumerable<double> values) => new([.. values.Select(v => double.IsFinite(v)
        ? JsonNode.Parse(double.Parse(v.ToString("G4", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture).ToString("R", System.Globalization.CultureInfo.InvariantCulture))
        : null)]);
}
