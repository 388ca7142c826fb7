using System.Diagnostics;
using System.Globalization;
using Sightline.Torch;

namespace Sightline.Labs;

/// <summary>Runs cells and keeps their results.</summary>
public sealed class LabRunner
{
    private readonly Lab lab;
    private readonly string path;

    /// <summary>Creates a runner.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="path">The file with its results; written after each cell.</param>
    public LabRunner(Lab lab, string path) => (this.lab, this.path) = (lab, path);

    /// <summary>The lab.</summary>
    public Lab Lab => lab;

    /// <summary>A folder or archive with the reader's own data; null for the lab's own.</summary>
    public string? Data { get; init; }

    /// <summary>A tiny version, for tests.</summary>
    public bool Quick { get; init; }

    /// <summary>Threads that torch may use; null leaves its choice.</summary>
    public int? Threads { get; init; }

    /// <summary>Opens the ImageNet weights; null when this program has none.</summary>
    public Func<Training.Recipes.PretrainedSource>? Imagenet { get; init; }

    /// <summary>Takes reports of progress.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Cells that have no result yet, in order.</summary>
    /// <returns>The cells.</returns>
    public IReadOnlyList<LabCell> Missing()
    {
        LabResults results = LabResults.Read(lab.Name, path);
        return [.. lab.Cells(Data is not null).Where(c => results.Find(c.Id) is null)];
    }

    /// <summary>Finds a cell by its name.</summary>
    /// <param name="id">E.g. <c>plain-20/seed-1</c>.</param>
    /// <returns>The cell.</returns>
    /// <exception cref="BadInputException">There is none; the message holds the nearest.</exception>
    public LabCell Cell(string id)
    {
        IReadOnlyList<LabCell> cells = lab.Cells(Data is not null);
        LabCell? cell = cells.FirstOrDefault(c => c.Id == id);
        if (cell is not null)
            return cell;
        string? nearest = NearestName.Find(id, cells.Select(c => c.Id));
        throw new BadInputException("unknown-cell", $"The lab '{lab.Name}' has no cell '{id}'.", fix: nearest is null ? $"See: sightline lab {lab.Name} --plan" : $"Did you mean '{nearest}'?");
    }

    /// <summary>Runs one cell, without keeping its result.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The result.</returns>
    public LabRecord Run(LabCell cell, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(cell);
        if (Threads is int threads)
            TorchSharp.torch.set_num_threads(threads);
        string scratch = Path.Combine(Path.GetTempPath(), $"sightline-lab-{Guid.NewGuid():N}");
        var clock = Stopwatch.StartNew();
        try
        {
            LabOutcome outcome = cell.Run(new LabContext(cell.Seed, Data, Quick, scratch, Progress, cancellation) { Imagenet = Imagenet });
            TorchEnvironment torch = TorchEnvironment.Read();
            return new LabRecord
            {
                Id = cell.Id,
                Group = cell.Group,
                Seed = cell.Seed,
                Command = $"./sightline lab {lab.Name} --cell {cell.Id}{(Data is null ? "" : $" --data {Data}")}{(Quick ? " --quick" : "")}",
                Setting = cell.Setting,
                Metrics = outcome.Metrics,
                Curves = outcome.Curves,
                Precision = outcome.Precision,
                Seconds = clock.Elapsed.TotalSeconds,
                PeakMemoryBytes = Process.GetCurrentProcess().PeakWorkingSet64,
                Finished = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                Machine = MachineFacts.Here(torch.Threads),
                Versions = new Dictionary<string, string>
                {
                    ["sightline"] = typeof(LabRunner).Assembly.GetName().Version!.ToString(3),
                    ["torchSharp"] = torch.TorchSharpVersion,
                    ["libtorch"] = torch.LibtorchVersion,
                    ["dotnet"] = Environment.Version.ToString(),
                },
            };
        }
        finally
        {
            if (Directory.Exists(scratch))
                Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Keeps a result: read, put, written whole, so that two runners on different cells lose nothing but a race of milliseconds.</summary>
    /// <param name="record">The result.</param>
    public void Keep(LabRecord record)
    {
        LabResults results = LabResults.Read(lab.Name, path);
        results.Put(record);
        results.Write(path);
    }

    /// <summary>Holds a rerun against the kept results of its group.</summary>
    /// <param name="rerun">The rerun.</param>
    /// <returns>The check, or null when nothing is kept for its group.</returns>
    public LabCheck? Check(LabRecord rerun)
    {
        ArgumentNullException.ThrowIfNull(rerun);
        return LabCheck.Against(LabResults.Read(lab.Name, path), rerun, rerun.Metrics.ContainsKey(lab.Headline) ? lab.Headline : rerun.Metrics.Keys.First());
    }
}
