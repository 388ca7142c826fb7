namespace Sightline.Labs;

/// <summary>One run of an experiment: a network, a seed, a setting.</summary>
/// <param name="Group">Which setting; cells of one group differ in the seed only, and statistics go over a group.</param>
/// <param name="Seed">The one seed of the run.</param>
/// <param name="Minutes">What it is expected to take on two idle cores, from times measured on such a machine.</param>
/// <param name="Setting">The setting in words and numbers, recorded with the result.</param>
/// <param name="Run">Does the work.</param>
public sealed record LabCell(string Group, ulong Seed, double Minutes, IReadOnlyDictionary<string, string> Setting, Func<LabContext, LabOutcome> Run)
{
    /// <summary>The name of the cell, e.g. <c>plain-20/seed-1</c>.</summary>
    public string Id => $"{Group}/seed-{Seed}";
}

/// <summary>What a cell's work may use.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Data">The folder with the data that the lab asks for, or the reader's own.</param>
/// <param name="Quick">Whether a tiny version is wanted, for tests.</param>
/// <param name="Scratch">A folder for files that are not kept.</param>
/// <param name="Progress">Takes reports of progress.</param>
/// <param name="Cancellation">Stops the work.</param>
public sealed record LabContext(ulong Seed, string? Data, bool Quick, string Scratch, IProgress<WorkProgress>? Progress, CancellationToken Cancellation)
{
    /// <summary>Opens the ImageNet weights; null when this program has none.</summary>
    public Func<Training.Recipes.PretrainedSource>? Imagenet { get; init; }
}

/// <summary>What a cell found.</summary>
/// <param name="Metrics">Numbers by name; rates are fractions.</param>
/// <param name="Curves">Numbers per epoch (or per layer) by name.</param>
/// <param name="Precision">The arithmetic that was used, e.g. <c>bf16</c>.</param>
public sealed record LabOutcome(
    IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, IReadOnlyList<double>> Curves, string Precision);
