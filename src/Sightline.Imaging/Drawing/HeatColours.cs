namespace Sightline.Imaging;

/// <summary>
/// A scale of colours from black over violet and orange to light yellow (matplotlib's inferno, by nine of its colours): its lightness
/// rises evenly, so that it also reads without colour.
/// </summary>
public static class HeatColours
{
    private static readonly Rgb[] Anchors =
    [
        new(0, 0, 4), new(31, 12, 72), new(85, 15, 109), new(136, 34, 106), new(188, 55, 84), new(227, 89, 51), new(249, 140, 10), new(249, 201, 50), new(252, 255, 164),
    ];

    /// <summary>The colour of a value.</summary>
    /// <param name="value">0–1; what is outside counts as the nearer end.</param>
    /// <returns>The colour.</returns>
    public static Rgb Of(double value)
    {
        double place = Math.Clamp(double.IsNaN(value) ? 0 : value, 0, 1) * (Anchors.Length - 1);
        int low = Math.Min((int)place, Anchors.Length - 2);
        double share = place - low;
        return new Rgb(Between(Anchors[low].R, Anchors[low + 1].R), Between(Anchors[low].G, Anchors[low + 1].G), Between(Anchors[low].B, Anchors[low + 1].B));
        byte Between(byte a, byte b) => (byte)Math.Round(a + share * (b - a));
    }
}
