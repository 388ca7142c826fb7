using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Training.Comparison;

/// <summary>One of the runs that are compared.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Name">What it is called among the others: the end of its path that tells it apart.</param>
/// <param name="Recipe">Its resolved recipe.</param>
/// <param name="Epochs">Its epochs so far, oldest first; at least one.</param>
public sealed record ComparedRun(string Folder, string Name, Recipe Recipe, IReadOnlyList<EpochMetrics> Epochs)
{
    /// <summary>The epoch with the best validation accuracy, ties go to the lower loss; null without validation.</summary>
    public EpochMetrics? Best => EpochMetrics.BestOf(Epochs);

    /// <summary>Seconds of its steps and validations.</summary>
    public double Seconds => Epochs.Sum(e => e.Seconds);

    /// <summary>The recipe without what may differ between repeats: seed, name, where the data lies, and the mean and deviation measured on
    /// the images that the seed's split left for training.</summary>
    internal Recipe Setting => Recipe with { Seed = 0, Name = "x", Data = Recipe.Data with { Path = "x" }, Preprocessing = Recipe.Preprocessing with { Mean = null, Std = null } };

    /// <summary>Reads the runs.</summary>
    /// <param name="folders">Run folders, at least two, each once.</param>
    /// <returns>The runs, in this order.</returns>
    /// <exception cref="BadInputException">One is no run folder (<c>run-missing</c>), has no finished epoch (<c>run-empty</c>), is named
    /// twice (<c>run-twice</c>), or there is only one (<c>usage</c>).</exception>
    public static IReadOnlyList<ComparedRun> Read(IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        if (folders.Count < 2)
            throw new BadInputException("usage", $"There {(folders.Count == 1 ? "is one run" : "are no runs")}; comparing takes two.", fix: "For example: sightline compare runs/first runs/second");
        string[] full = [.. folders.Select(f => Path.TrimEndingDirectorySeparator(Path.GetFullPath(f)))];
        if (full.GroupBy(f => f).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new BadInputException("run-twice", "This run is named twice.", twice.Key, fix: "Name each run once.");
        string[] names = Names(full);
        return [.. full.Select((folder, i) => Read(folder, names[i]))];
    }

    private static ComparedRun Read(string folder, string name)
    {
        var run = new RunFolder(folder);
        run.RequireRun();
        IReadOnlyList<EpochMetrics> epochs = File.Exists(run.Metrics) ? MetricsLog.Read(run.Metrics) : [];
        if (epochs.Count == 0)
            throw new BadInputException("run-empty", "No epoch of this run is finished yet.", folder, fix: "Wait for the first epoch, or leave the run out.");
        return new ComparedRun(folder, name, RecipeFile.Read(run.Recipe), epochs);
    }

    // As many folders from the end of the path as tell all apart.
    private static string[] Names(string[] folders)
    {
        for (int parts = 1; ; parts++)
        {
            string[] names = [.. folders.Select(f => string.Join('/', f.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).TakeLast(parts)))];
            if (names.Distinct().Count() == names.Length)
                return names;
        }
    }
}
