using System.Globalization;
using Sightline.Cli.Terminal;
using Sightline.Training.Sweeping;

namespace Sightline.Cli.Sweeping;

/// <summary>A sweep on a terminal: one table, the best trial first, and the curves over each other.</summary>
internal static class SweepTable
{
    private const int PlotWidth = 60, PlotHeight = 8, PlottedTrials = 8;

    /// <summary>Prints it on standard output.</summary>
    /// <param name="outcome">What the sweep came to.</param>
    public static void Print(SweepOutcome outcome)
    {
        if (outcome.Rise is { } rise)
        {
            PrintRise(rise);
            return;
        }
        CultureInfo c = CultureInfo.InvariantCulture;
        string[] keys = [.. outcome.Plan.Over.Select(o => o.Key.Path)];
        string[] header = ["trial", .. keys, "best val top-1", "epoch", "val loss", "epochs", "minutes", ""];
        string[][] rows = [.. outcome.Results.Select(r => (string[])
        [
            r.Trial.Name,
            .. r.Trial.Values.Select(v => v.Value),
            r.Best?.ValTop1.ToString("0.0000", c) ?? "–",
            r.Best?.Epoch.ToString(c) ?? "–",
            r.Best?.ValLoss.ToString("0.0000", c) ?? "–",
            r.History.Count.ToString(c),
            (r.Seconds / 60).ToString("0.00", c),
            r.State == TrialState.Finished ? "" : SweepDocument.NameOf(r.State),
        ])];
        int[] widths = [.. header.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max())];
        foreach (string[] row in rows.Prepend(header))
            Console.Out.WriteLine(string.Join("  ", row.Select((cell, i) => i == 0 || i == row.Length - 1 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        TrialResult[] plotted = [.. outcome.Results.Where(r => r.History.Count > 1).Take(PlottedTrials)];
        IReadOnlyList<string> plot = CurvePlot.Draw([.. plotted.Select(r => r.History.Select(e => ((double)e.Epoch, e.ValTop1)).ToArray())], PlotWidth, PlotHeight, v => v.ToString("0.000", c));
        if (plot.Count > 0)
            Console.Out.WriteLine($"\nvalidation top-1 over epochs, {(plotted.Length < outcome.Results.Count ? $"the best {plotted.Length}" : "all trials")}");
        foreach (string line in plot)
            Console.Out.WriteLine(line);
        foreach (string note in outcome.Notes)
            Messages.Note(note);
        foreach (TrialResult lost in outcome.Results.Where(r => r.Record.Message is not null))
            Messages.Note($"{lost.Trial.Name}: {lost.Record.Message}");
    }

    /// <summary>Prints on standard output which trials there would be, and as a note what they would take.</summary>
    /// <param name="forecast">What the sweep will take.</param>
    public static void Print(SweepForecast forecast)
    {
        foreach (Trial trial in forecast.Trials)
            Console.Out.WriteLine($"{trial.Name}  {(trial.Values.Count > 0 ? trial.Description : string.Join(' ', forecast.Plan.Over))}");
        Console.Out.Flush();
        foreach (Rung rung in forecast.Rungs ?? [])
            Messages.Note($"{rung.Trials} trial{(rung.Trials == 1 ? "" : "s")} to epoch {rung.Epochs}");
        var time = TimeSpan.FromSeconds(forecast.Seconds);
        Messages.Note(string.Create(CultureInfo.InvariantCulture, $"expects: {forecast.Trials.Count} trial{(forecast.Trials.Count == 1 ? "" : "s")}, {forecast.Epochs} epochs, about {(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00} in all"));
        Messages.Note(forecast.Explanation);
    }

    private static void PrintRise(RangeTestCurve rise)
    {
        (double, double)[] curve = [.. rise.Rates.Zip(rise.Smoothed, (rate, loss) => (Math.Log(rate), loss))];
        IReadOnlyList<string> plot = CurvePlot.Draw([curve], PlotWidth, PlotHeight, v => v.ToString("0.000", CultureInfo.InvariantCulture));
        if (plot.Count > 0)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"smoothed training loss over learning rates from {rise.Rates[0]:G2} to {rise.Rates[^1]:G2}, logarithmic"));
        foreach (string line in plot)
            Console.Out.WriteLine(line);
        foreach (string line in RangeTestText.Lines(rise))
            Console.Out.WriteLine(line);
    }
}
