using System.Text;

namespace Sightline.Cli.Terminal;

/// <summary>Curves drawn with Braille dots, two by four to a character: a plot for a terminal.</summary>
internal static class CurvePlot
{
    private const int DotsAcross = 2, DotsDown = 4, Blank = 0x2800;

    // The bit of each dot in a Braille character, by row and column (Unicode 15, Braille Patterns).
    private static readonly int[,] Dots = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>Draws curves over each other, scaled to the range of all.</summary>
    /// <param name="curves">For each curve its points; those that are not finite leave a gap.</param>
    /// <param name="width">Characters across.</param>
    /// <param name="height">Lines.</param>
    /// <param name="label">How a value is written on the left.</param>
    /// <returns>The lines, with the highest and the lowest value beside them; none when there is no point.</returns>
    public static IReadOnlyList<string> Draw(IReadOnlyList<IReadOnlyList<(double X, double Y)>> curves, int width, int height, Func<double, string> label)
    {
        (double X, double Y)[] all = [.. curves.SelectMany(c => c).Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y))];
        if (all.Length == 0)
            return [];
        (double left, double right, double low, double high) = (all.Min(p => p.X), all.Max(p => p.X), all.Min(p => p.Y), all.Max(p => p.Y));
        int across = width * DotsAcross, down = height * DotsDown;
        int Column(double x) => right > left ? (int)Math.Round((x - left) / (right - left) * (across - 1)) : 0;
        int Row(double y) => high > low ? (int)Math.Round((high - y) / (high - low) * (down - 1)) : down / 2;
        int[,] cells = new int[height, width];
        void Dot(int column, int row) => cells[row / DotsDown, column / DotsAcross] |= Dots[row % DotsDown, column % DotsAcross];
        foreach (IReadOnlyList<(double X, double Y)> curve in curves)
        {
            for (int i = 0; i < curve.Count; i++)
            {
                if (!double.IsFinite(curve[i].Y))
                    continue;
                (int c, int r) = (Column(curve[i].X), Row(curve[i].Y));
                Dot(c, r);
                if (i == 0 || !double.IsFinite(curve[i - 1].Y))
                    continue;
                (int fromColumn, int fromRow) = (Column(curve[i - 1].X), Row(curve[i - 1].Y));
                int steps = Math.Max(Math.Abs(c - fromColumn), Math.Abs(r - fromRow));
                for (int s = 1; s < steps; s++)
                    Dot(fromColumn + (c - fromColumn) * s / steps, fromRow + (r - fromRow) * s / steps);
            }
        }
        string top = label(high), bottom = label(low);
        int margin = Math.Max(top.Length, bottom.Length);
        var lines = new string[height];
        for (int r = 0; r < height; r++)
        {
            var line = new StringBuilder((r == 0 ? top : r == height - 1 ? bottom : "").PadLeft(margin)).Append(' ');
            for (int c = 0; c < width; c++)
                line.Append((char)(Blank + cells[r, c]));
            lines[r] = line.ToString().TrimEnd((char)Blank);
        }
        return lines;
    }
}
