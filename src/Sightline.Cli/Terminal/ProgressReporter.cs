using System.Diagnostics;
using System.Globalization;

namespace Sightline.Cli.Terminal;

/// <summary>
/// Shows <see cref="WorkProgress"/> on standard error: a live bar with rate and time left on a terminal, a plain line every few seconds
/// otherwise.
/// </summary>
internal sealed class ProgressReporter : IProgress<WorkProgress>, IDisposable
{
    private readonly bool live = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
    private readonly TimeSpan interval;
    private readonly Lock gate = new();
    private readonly Stopwatch clock = new();
    private string? stage;
    private TimeSpan shown;
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
                clock.Restart();
                shown = TimeSpan.MinValue;
            }
            TimeSpan now = clock.Elapsed;
            if (!last && shown != TimeSpan.MinValue && now - shown < interval)
                return;
            shown = now;
            string line = Line(value, now);
            if (live)
            {
                Console.Error.Write("\r" + line.PadRight(width));
                width = line.Length;
            }
            else
            {
                Console.Error.WriteLine(line);
            }
            if (last)
            {
                EndLine();
                stage = null;
            }
        }
    }

    /// <summary>Prints a line of its own, above the bar.</summary>
    /// <param name="line">The line.</param>
    public void Say(string line)
    {
        lock (gate)
        {
            EndLine();
            Console.Error.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
            EndLine();
    }

    private static string Line(WorkProgress p, TimeSpan elapsed)
    {
        double rate = elapsed.TotalSeconds > 0 ? p.Done / elapsed.TotalSeconds : 0;
        string text = p.Total is long total && total > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{p.Stage}  {Bar((double)p.Done / total)} {p.Done}/{total} {p.Unit}  {rate:0.#}/s  {Left(total - p.Done, rate)}")
            : string.Create(CultureInfo.InvariantCulture, $"{p.Stage}  {p.Done} {p.Unit}  {rate:0.#}/s");
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
        return left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00} left" : $"{left.Minutes}:{left.Seconds:00} left";
    }

    private void EndLine()
    {
        if (live && width > 0)
            Console.Error.WriteLine();
        width = 0;
    }
}
