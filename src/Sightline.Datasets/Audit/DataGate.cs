namespace Sightline.Datasets.Audit;

/// <summary>The gate before training: bad data stops a run before its first step, not after its last.</summary>
public static class DataGate
{
    private const int Told = 10;

    /// <summary>Audits a set and stops when something in it would spoil the training.</summary>
    /// <param name="set">The set, split as it will be trained.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <param name="allow">Codes of problems that are known and accepted, e.g. <c>duplicate-across-splits</c> for a benchmark as published.</param>
    /// <returns>The report; train on its <see cref="DataAuditReport.UsableSet"/>.</returns>
    /// <exception cref="BadInputException">
    /// Something stops training: code, file, line, value and fix of each problem, up to ten, a line each; <see cref="BadInputException.Code"/>
    /// is the first one's.
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
        throw new BadInputException(first.Code, $"[{first.Code}] {first.Message}", first.Path, first.Line, first.Fix + Others(stopping) + Allowed(stopping));
    }

    // Without images, or with one class, there is nothing to train on whatever is allowed.
    private static string Allowed(DataProblem[] stopping) => stopping.Any(p => p.Code is "data-empty" or "single-class") ? ""
        : $"{(stopping.Length == 1 ? " " : "\n")}To train all the same: --set 'data.allow=[{string.Join(", ", stopping.Select(p => p.Code).Distinct())}]'.";

    // A line each: no other command sees the set split as it will be trained.
    private static string Others(DataProblem[] stopping)
    {
        if (stopping.Length == 1)
            return "";
        string lines = string.Concat(stopping.Skip(1).Take(Told - 1).Select(p => $"\n  [{p.Code}] {p.Path}{(p.Line is int line ? $":{line}" : "")}: {p.Message} {p.Fix}"));
        return $"\n{stopping.Length - 1} more stop{(stopping.Length == 2 ? "s" : "")} training too:{lines}{(stopping.Length > Told ? $"\n  … and {stopping.Length - Told} more" : "")}";
    }
}
