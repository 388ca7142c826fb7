namespace Sightline.Datasets.Audit;

/// <summary>The gate before training: bad data stops a run before its first step, not after its last.</summary>
public static class DataGate
{
    /// <summary>Audits a set and stops when something in it would spoil the training.</summary>
    /// <param name="set">The set, split as it will be trained.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <param name="allow">Codes of problems that are known and accepted, e.g. <c>duplicate-across-splits</c> for a benchmark as published.</param>
    /// <returns>The report; train on its <see cref="DataAuditReport.UsableSet"/>.</returns>
    /// <exception cref="BadInputException">
    /// Something stops training: code, file, line, value and fix of the first problem, and the number of others.
    /// </exception>
    public static DataAuditReport Check(
        ImageSet set, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default, IReadOnlyCollection<string>? allow = null)
    {
        DataAuditReport report = DataAudit.Run(set, progress, cancellation);
        Check(report, allow);
        return report;
    }

    /// <summary>Stops when a report holds something that would spoil the training.</summary>
    /// <param name="report">The report.</param>
    /// <param name="allow">Codes of problems that are known and accepted.</param>
    /// <exception cref="BadInputException">Something stops training.</exception>
    public static void Check(DataAuditReport report, IReadOnlyCollection<string>? allow = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        DataProblem[] stopping = [.. report.Problems.Where(p => p.StopsTraining && allow?.Contains(p.Code) != true)];
        if (stopping.Length == 0)
            return;
        DataProblem first = stopping[0];
        string others = stopping.Length == 1 ? "" : $" {stopping.Length - 1} other problem{(stopping.Length == 2 ? "" : "s")} stop{(stopping.Length == 2 ? "s" : "")} training too; all: sightline data info {report.Set.Root}";
        throw new BadInputException(first.Code, $"[{first.Code}] {first.Message}", first.Path, first.Line, first.Fix + others);
    }
}
