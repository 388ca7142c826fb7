using System.Globalization;
using System.Text;

namespace Sightline.Cli.Terminal;

/// <summary>Curves drawn with Braille dots, two by four to a character: a plot for a terminal.</summary>
internal static class CurvePlot
{
    private const int DotsAcross = 2, DotsDown = 4, Blank = 0x2800;

    // The bit of each dot in a Braille character, by row and column (Unicode 15, Braille Patterns).
    private static readonly int[,] Dots = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>Draws curves over each other, each named where it ends, and below them a mark over some epochs.</summary>
    /// <param name="title">What the curves are of.</param>
    /// <param name="curves">The curves; points that are not finite leave a gap.</param>
    /// <param name="mark">First and last place of the mark.</param>
    /// <param name="width">Characters across.</param>
    /// <param name="height">Lines of the plot; the mark has one more.</param>
    /// <param name="label">How a value is written.</param>
    /// <returns>The lines; none when there is no point.</returns>
    public static IReadOnlyList<string> Draw(string title, IReadOnlyList<NamedCurve> curves, (double From, double To) mark, int width, int height, Func<double, string> label)
    {
        if (Frame.Of(curves.Select(c => c.Points), width, height) is not { } frame)
            return [];
        string[] lines = Lines(frame, curves.Select(c => c.Points), label, trim: false);
        string?[] names = new string?[height];
        foreach (NamedCurve curve in curves)
        {
            (double x, double y) = curve.Points.Last(p => double.IsFinite(p.Y));
            int wanted = frame.Row(y) / DotsDown;
            // Two that end on one line stand below each other, or above where there is no line left.
            int line = Enumerable.Range(0, height).Where(l => names[l] is null).OrderBy(l => Math.Abs(l - wanted)).ThenByDescending(l => l).DefaultIfEmpty(wanted).First();
            names[line] = names[line] is string other ? $"{other}, {curve.Name} {label(y)}" : $"{(curves.Count == 1 ? title : curve.Name)} {label(y)}";
        }
        int margin = frame.Margin(label);
        string[] drawn = [.. lines.Select((l, i) => (names[i] is string name ? $"{l} {name}" : l.TrimEnd((char)Blank)).TrimEnd())];
        if (!double.IsFinite(mark.From) || !double.IsFinite(mark.To))
            return drawn;
        (int from, int to) = (frame.Column(Math.Clamp(mark.From, frame.Left, frame.Right)) / DotsAcross, frame.Column(Math.Clamp(mark.To, frame.Left, frame.Right)) / DotsAcross);
        string below = new string(' ', margin + 1 + from) + new string('▔', to - from + 1);
        string epochs = mark.From == mark.To ? Place(mark.From) : $"{Place(mark.From)}–{Place(mark.To)}";
        return [.. drawn, $"{below} {(curves.Count == 1 ? "" : title + ", ")}{(mark.From == mark.To ? "epoch" : "epochs")} {epochs}"];
    }

    /// <summary>Draws curves over each other, scaled to the range of all.</summary>
    /// <param name="curves">For each curve its points; those that are not finite leave a gap.</param>
    /// <param name="width">Characters across.</param>
    /// <param name="height">Lines.</param>
    /// <param name="label">How a value is written on the left.</param>
    /// <returns>The lines, with the highest and the lowest value beside them; none when there is no point.</returns>
    public static IReadOnlyList<string> Draw(IReadOnlyList<IReadOnlyList<(double X, double Y)>> curves, int width, int height, Func<double, string> label) =>
        Frame.Of(curves, width, height) is { } frame ? Lines(frame, curves, label, trim: true) : [];

    private static string[] Lines(Frame frame, IEnumerable<IReadOnlyList<(double X, double Y)>> curves, Func<double, string> label, bool trim)
    {
        int[,] cells = new int[frame.Height, frame.Width];
        void Dot(int column, int row) => cells[row / DotsDown, column / DotsAcross] |= Dots[row % DotsDown, column % DotsAcross];
        foreach (IReadOnlyList<(double X, double Y)> curve in curves)
        {
            for (int i = 0; i < curve.Count; i++)
            {
                if (!IsPoint(curve[i]))
                    continue;
                (int c, int r) = (frame.Column(curve[i].X), frame.Row(curve[i].Y));
                Dot(c, r);
                if (i == 0 || !IsPoint(curve[i - 1]))
                    continue;
                (int fromColumn, int fromRow) = (frame.Column(curve[i - 1].X), frame.Row(curve[i - 1].Y));
                int steps = Math.Max(Math.Abs(c - fromColumn), Math.Abs(r - fromRow));
                for (int s = 1; s < steps; s++)
                    Dot(fromColumn + (c - fromColumn) * s / steps, fromRow + (r - fromRow) * s / steps);
            }
        }
        int margin = frame.Margin(label);
        var lines = new string[frame.Height];
        for (int r = 0; r < frame.Height; r++)
        {
            var line = new StringBuilder((r == 0 ? label(frame.High) : r == frame.Height - 1 ? label(frame.Low) : "").PadLeft(margin)).Append(' ');
            for (int c = 0; c < frame.Width; c++)
                line.Append((char)(Blank + cells[r, c]));
            lines[r] = trim ? line.ToString().TrimEnd((char)Blank) : line.ToString();
        }
        return lines;
    }

    private static bool IsPoint((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static string Place(double x) => x.ToString("0.##", CultureInfo.InvariantCulture);

    // What is drawn, and where in it a value stands.
    private sealed record Frame(double Left, double Right, double Low, double High, int Width, int Height)
    {
        public static Frame? Of(IEnumerable<IReadOnlyList<(double X, double Y)>> curves, int width, int height)
        {
            (double X, double Y)[] all = [.. curves.SelectMany(c => c).Where(IsPoint)];
            return all.Length == 0 ? null : new(all.Min(p => p.X), all.Max(p => p.X), all.Min(p => p.Y), all.Max(p => p.Y), width, height);
        }

        public int Column(double x) => Right > Left ? (int)Math.Round((x - Left) / (Right - Left) * (Width * DotsAcross - 1)) : 0;

        public int Row(double y) => High > Low ? (int)Math.Round((High - y) / (High - Low) * (Height * DotsDown - 1)) : Height * DotsDown / 2;

        public int Margin(Func<double, string> label) => Math.Max(label(High).Length, label(Low).Length);
    }
}

/// <summary>A curve with the name that stands beside its end.</summary>
/// <param name="Name">The name.</param>
/// <param name="Points">Its points, at least one of them finite.</param>
internal sealed record NamedCurve(string Name, IReadOnlyList<(double X, double Y)> Points);
