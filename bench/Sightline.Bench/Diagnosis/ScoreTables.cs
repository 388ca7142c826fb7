using System.Globalization;
using Sightline.Diagnosis;

namespace Sightline.Bench.Diagnosis;

/// <summary>The tables of a score.</summary>
internal static class ScoreTables
{
    /// <summary>Every fault: how it was found where it counts, what its code is worth, and how often healthy runs got it.</summary>
    /// <param name="score">The score.</param>
    /// <returns>The table.</returns>
    public static TextTable Faults(DiagnosisScore score) => new(
        ["fault", "counted", "some finding", "right code found", "right code first", "not enough evidence", "first seen, epoch", "precision when first", "false alarms", "harmless (called sick)"],
        [.. score.Faults.Append(score.Total).Select(f => (IReadOnlyList<string>)[
            f.Code, Count(f.Some.Of), $"{f.Some}", $"{f.Anywhere}", $"{f.First}", $"{f.NotEnough}", double.IsNaN(f.Epoch) ? "–" : f.Epoch.ToString("0.#", CultureInfo.InvariantCulture),
            f == score.Total ? "" : $"{score.Precision(f.Code)}", $"{(f == score.Total ? score.FalseAlarms : score.FalseAlarmsOf(f.Code))}", Of(f.Harmless)])]);

    /// <summary>What was said first of which fault.</summary>
    /// <param name="score">The score.</param>
    /// <returns>The table; columns bear the numbers of the rows.</returns>
    public static TextTable Confusion(DiagnosisScore score)
    {
        string[] rows = [.. FindingCodes.All, DiagnosedRun.Healthy], columns = [.. rows, DiagnosedRun.NotEnoughEvidence];
        Dictionary<(string, string), int> cells = score.Confusion.ToDictionary(c => (c.Row, c.Column), c => c.Runs);
        return new TextTable(
            ["what it was", .. Enumerable.Range(1, FindingCodes.All.Count).Select(Count), "healthy", "not enough"],
            [.. rows.Select((r, i) => (IReadOnlyList<string>)[i < FindingCodes.All.Count ? $"{Count(i + 1)} {r}" : r, .. columns.Select(c => cells.TryGetValue((r, c), out int n) ? Count(n) : "")])]);
    }

    /// <summary>The numbers beside the faults, one sentence each.</summary>
    /// <param name="score">The score.</param>
    /// <returns>The sentences.</returns>
    public static IReadOnlyList<string> Totals(DiagnosisScore score) =>
    [
        $"{score.Runs} runs: {score.Healthy.Count} healthy, {score.Doubtful.Count} doubtful, {score.Counted.Count} with one fault that counts, {score.Total.Harmless.Of} with a harmless one, "
            + $"{score.Two.Some.Of} with two faults that count, {score.TwoHarmless} with two harmless ones, {score.Unknown} whose twins are missing.",
        $"Some finding in {score.Total.Some} of the counted faults, the right code first in {score.Total.First}.",
        $"Alarms at {score.FalseAlarms} of the healthy runs ({Of(score.FalseAlarms)}); not enough evidence at {Rate.Among(score.Healthy, r => r.First == DiagnosedRun.NotEnoughEvidence)}.",
        $"Doubtful runs called sick: {Of(Rate.Among(score.Doubtful, r => r.IsSick))}. Harmless faults called sick: {Of(score.Total.Harmless)}.",
        $"Two faults at once: some finding {score.Two.Some}, one of the two first {score.Two.EitherFirst}, the root first {score.Two.RootFirst}, both found {score.Two.Both}.",
    ];

    private static string Of(Rate rate) => string.Create(CultureInfo.InvariantCulture, $"{rate.Hits} of {rate.Of}");

    private static string Count(int n) => n.ToString(CultureInfo.InvariantCulture);
}
