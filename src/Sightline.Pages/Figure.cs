using System.Globalization;

namespace Sightline.Pages;

/// <summary>How numbers are written on a page.</summary>
public static class Figure
{
    /// <summary>A fraction as per cent with one decimal; a dash when it is undefined.</summary>
    /// <param name="fraction">The fraction.</param>
    /// <returns>Its text.</returns>
    public static string Percent(double? fraction) =>
        fraction is double f && double.IsFinite(f) ? (100 * f).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>Three significant digits; a dash when it is not a number.</summary>
    /// <param name="value">The number.</param>
    /// <returns>Its text.</returns>
    public static string Number(double value)
    {
        if (double.IsNaN(value))
            return "–";
        double size = Math.Abs(value);
        string format = size is 0 or (>= 100 and < 1e6) ? "0" : size is >= 10 and < 100 ? "0.0" : size is >= 1 and < 10 ? "0.00" : size is >= 0.01 and < 1 ? "0.000" : "0.0e0";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A tick of an axis, with as many decimals as the distance between ticks needs.</summary>
    /// <param name="value">Where the tick stands.</param>
    /// <param name="step">The distance to the next.</param>
    /// <param name="percent">Whether values are fractions, shown as per cent.</param>
    /// <returns>Its text.</returns>
    public static string Tick(double value, double step, bool percent)
    {
        double scale = percent ? 100 : 1;
        if (!percent && (Math.Abs(step) < 1e-3 || Math.Abs(value) >= 1e6))
            return Number(Math.Abs(value) < step / 2 ? 0 : value);
        int decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step * scale) - 1e-9), 0, 6);
        double shown = Math.Abs(value) < step / 2 ? 0 : value * scale;
        return shown.ToString("F" + decimals, CultureInfo.InvariantCulture) + (percent ? " %" : "");
    }

    /// <summary>A count with thin spaces between thousands.</summary>
    /// <param name="count">The count.</param>
    /// <returns>Its text.</returns>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    /// <summary>A duration in the two largest units.</summary>
    /// <param name="seconds">The duration in seconds.</param>
    /// <returns>Its text.</returns>
    public static string Duration(double seconds) => !double.IsFinite(seconds) ? "–"
        : seconds < 60 ? seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s"
        : seconds < 3600 ? $"{(int)seconds / 60} min {(int)seconds % 60} s"
        : $"{(int)seconds / 3600} h {(int)seconds % 3600 / 60} min";

    /// <summary>A name cut to a length, with an ellipsis.</summary>
    /// <param name="name">The name.</param>
    /// <param name="length">Characters at most.</param>
    /// <returns>The name, cut where it is longer.</returns>
    public static string Short(string name, int length)
    {
        var text = new StringInfo(name);
        return text.LengthInTextElements <= length ? name : text.SubstringByTextElements(0, length - 1) + "…";
    }
}
