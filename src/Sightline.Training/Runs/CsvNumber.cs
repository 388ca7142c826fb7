using System.Globalization;

namespace Sightline.Training.Runs;

/// <summary>Numbers in CSV: shortest text that reads back to the same double; NaN is an empty cell.</summary>
internal static class CsvNumber
{
    public static string Write(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    public static double Read(string cell, string path, int line, string column) => cell.Length == 0
        ? double.NaN
        : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new BadInputException("metrics-number", $"'{cell}' in {column} is not a number.", path, line);
}
