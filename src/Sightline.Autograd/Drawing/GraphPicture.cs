using System.Globalization;
using System.Net;
using System.Text;
using Sightline.Autograd.Scalars;

namespace Sightline.Autograd.Drawing;

/// <summary>Draws the graph of a computation as SVG: what was given on the left, the result on the right; in each box its name, its
/// value and, in red, its gradient.</summary>
public static class GraphPicture
{
    private const int BoxWidth = 96, BoxHeight = 62, Across = 40, Down = 18, Margin = 16;

    /// <summary>Draws everything that a value was computed from.</summary>
    /// <param name="result">The result; call <see cref="Value.Backward"/> first for gradients.</param>
    /// <returns>A self-contained SVG document.</returns>
    public static string Svg(Value result)
    {
        ArgumentNullException.ThrowIfNull(result);
        IReadOnlyList<Value> order = result.InOrder();
        Dictionary<Value, (int Column, int Row)> places = Places(order);
        int columns = places.Values.Max(p => p.Column) + 1, rows = places.Values.Max(p => p.Row) + 1;
        int width = 2 * Margin + columns * (BoxWidth + Across) - Across, height = 2 * Margin + rows * (BoxHeight + Down) - Down;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\" text-anchor=\"middle\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        foreach (Value value in order)
        {
            (int x, int y) = At(places[value]);
            foreach (Value parent in value.Parents)
            {
                (int fromX, int fromY) = At(places[parent]);
                int startX = fromX + BoxWidth, startY = fromY + BoxHeight / 2, endY = y + BoxHeight / 2, bend = Math.Max(Across, (x - startX) / 2);
                svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{startX} {startY} C{startX + bend} {startY} {x - bend} {endY} {x} {endY}\" fill=\"none\" stroke=\"#8a93a0\" stroke-width=\"1.5\"/>\n");
            }
        }
        foreach (Value value in order)
        {
            (int x, int y) = At(places[value]);
            bool given = value.Parents.Count == 0;
            int middle = x + BoxWidth / 2;
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"{BoxWidth}\" height=\"{BoxHeight}\" rx=\"8\" fill=\"{(given ? "#e8f0fe" : "#f4f5f7")}\" stroke=\"#5b6470\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{middle}\" y=\"{y + 18}\" font-weight=\"bold\">{WebUtility.HtmlEncode(value.Name)}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{middle}\" y=\"{y + 36}\">{value.Data:0.####}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{middle}\" y=\"{y + 54}\" fill=\"#c62828\">{value.Gradient:0.####}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    // A column further right than all that it was computed from; what is given stands just before its first use.
    private static Dictionary<Value, (int Column, int Row)> Places(IReadOnlyList<Value> order)
    {
        var column = new Dictionary<Value, int>();
        foreach (Value value in order)
            column[value] = value.Parents.Count == 0 ? 0 : value.Parents.Max(p => column[p]) + 1;
        foreach (Value given in order.Where(v => v.Parents.Count == 0))
            column[given] = Math.Max(0, order.Where(v => v.Parents.Contains(given)).Select(v => column[v] - 1).DefaultIfEmpty(0).Min());
        var used = new Dictionary<int, int>();
        var places = new Dictionary<Value, (int, int)>();
        foreach (Value value in order)
        {
            int row = used.GetValueOrDefault(column[value]);
            used[column[value]] = row + 1;
            places[value] = (column[value], row);
        }
        return places;
    }

    private static (int X, int Y) At((int Column, int Row) place) => (Margin + place.Column * (BoxWidth + Across), Margin + place.Row * (BoxHeight + Down));
}
