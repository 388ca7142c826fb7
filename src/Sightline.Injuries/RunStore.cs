using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Diagnosis;

namespace Sightline.Injuries;

/// <summary>Runs as lines of JSON: as they end in <c>runs</c>, a file for each process; compressed, a file for each half, when they are committed.</summary>
/// <param name="folder">Where both lie.</param>
public sealed class RunStore(string folder)
{
    /// <summary>How plain values are written and read.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

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

    /// <summary>Where the committed runs of a half lie.</summary>
    /// <param name="half"><c>known</c> or <c>unseen</c>.</param>
    /// <returns>The file, which need not be there.</returns>
    public string PathOf(string half) => Path.Combine(folder, half + ".jsonl.br");

    /// <summary>Reads all runs of a half, those that are committed and those that came since.</summary>
    /// <param name="half"><c>known</c> or <c>unseen</c>.</param>
    /// <returns>The runs by name.</returns>
    public IReadOnlyList<StoredRun> All(string half)
    {
        Dictionary<string, string> lines = Committed(half);
        foreach ((string id, string line) in Loose().Where(l => l.Key.StartsWith(half + "/", StringComparison.Ordinal)))
            lines[id] = line;
        return [.. lines.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => StoredRun.Parse(l.Value))];
    }

    /// <summary>The runs that have ended on this machine and are not compressed yet.</summary>
    /// <returns>Line by id, the latest of each.</returns>
    public Dictionary<string, string> Loose()
    {
        var lines = new Dictionary<string, string>();
        string runs = Path.Combine(folder, "runs");
        if (!Directory.Exists(runs))
            return lines;
        foreach (string file in Directory.GetFiles(runs, "*.jsonl").Order(StringComparer.Ordinal))
        {
            foreach (string line in File.ReadLines(file, Encoding.UTF8).Where(l => l.EndsWith('}')))
                lines[IdOf(line)] = line;
        }
        return lines;
    }

    /// <summary>The committed runs of a half.</summary>
    /// <param name="half"><c>known</c> or <c>unseen</c>.</param>
    /// <returns>Line by id.</returns>
    public Dictionary<string, string> Committed(string half)
    {
        var lines = new Dictionary<string, string>();
        string path = PathOf(half);
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
    public (int Runs, long Bytes) Compress(string half)
    {
        Dictionary<string, string> lines = Committed(half);
        foreach ((string id, string line) in Loose().Where(l => l.Key.StartsWith(half + "/", StringComparison.Ordinal)))
            lines[id] = line;
        string path = PathOf(half);
        AtomicFile.Write(path, stream =>
        {
            using var brotli = new BrotliStream(stream, CompressionLevel.SmallestSize, leaveOpen: true);
            foreach ((string _, string line) in lines.OrderBy(l => l.Key, StringComparer.Ordinal))
                brotli.Write(Encoding.UTF8.GetBytes(line + "\n"));
        });
        return (lines.Count, new FileInfo(path).Length);
    }

    private static string IdOf(string line) => line[7..line.IndexOf('"', 7)];
}
