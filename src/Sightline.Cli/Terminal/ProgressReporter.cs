using System.Diagnostics;
using System.Globalization;

namespace Sightline.Cli.Terminal;

/// <summary>
/// Shows <see cref="WorkProgress"/> on standard error: a live bar with rate and time left on a terminal, a plain line every few seconds
/// otherwise.
/// </summary>
internal sealed class ProgressReporter : IProgress<WorkProgress>, IDisposable
{
    private static readonly TimeSpan ShortStage = TimeSpan.FromSeconds(2), RateAfter = TimeSpan.FromSeconds(0.3);

    private readonly bool live = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
    private readonly TimeSpan interval;
    private readonly Lock gate = new();
    private readonly Stopwatch clock = new();
    private string? stage;
    private TimeSpan shown;
    private long begun;
    private int width;

    /// <summary>Creates a reporter.</summary>
    public ProgressReporter() => interval = live ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public void Report(WorkProgress value)
    {
        lock (gate)
        {
            bool last = value.Total is long total && value.Done >= total;
            if (stage != value.Stage)
            {
                EndLine();
                stage = value.Stage;
                begun = value.Done;
                clock.Restart();
                shown = TimeSpan.Zero;
            }
            TimeSpan now = clock.Elapsed;
            // A bar moves often; a plain line is worth printing only for what takes a while.
            bool due = last ? live || now > ShortStage : now - shown >= interval;
            if (due)
            {
                shown = now;
                Print(Line(value, value.Done - begun, now));
            }
            if (last)
            {
                EndLine();
                stage = null;
            }
        }
    }

    private void Print(string line)
    {
        if (!live)
        {
            Console.Error.WriteLine(line);
            return;
        }
        Console.Error.Write("\r" + line.PadRight(width));
        width = line.Length;
    }

    /// <summary>Prints a line of its own, above the bar.</summary>
    /// <param name="line">The line.</param>
    public void Say(string line)
    {
        lock (gate)
        {
            EndLine();
            Console.Error.WriteLine(CommandName.Typable(line));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
            EndLine();
    }

    private static string Line(WorkProgress p, long done, TimeSpan elapsed)
    {
        // Over the first moments a rate says nothing.
        double rate = elapsed > RateAfter ? done / elapsed.TotalSeconds : 0;
        string speed = rate > 0 ? string.Create(CultureInfo.InvariantCulture, $"  {rate:0.#}/s") : "";
        string text = p.Total is long total && total > 0
            ? $"{p.Stage}  {Bar((double)p.Done / total)} {p.Done}/{total} {p.Unit}{speed}{Left(total - p.Done, rate)}"
            : $"{p.Stage}  {p.Done} {p.Unit}{speed}";
        return p.Note is null ? text : $"{text}  {p.Note}";
    }

    private static string Bar(double share)
    {
        int full = (int)Math.Round(20 * Math.Clamp(share, 0, 1));
        return new string('━', full) + new string('╌', 20 - full);
    }

    private static string Left(long remaining, double rate)
    {
        if (remaining <= 0 || rate <= 0)
            return "";
        var left = TimeSpan.FromSeconds(remaining / rate);
        return left.TotalHours >= 1 ? $"  {(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00} left" : $"  {left.Minutes}:{left.Seconds:00} left";
    }

    private void EndLine()
    {
        if (live && width > 0)
            Console.Error.WriteLine();
        width = 0;
    }
}
