namespace Sightline.Diagnosis;

/// <summary>Tells which tool wrote a table, by its columns; only to say it.</summary>
internal static class LogDialect
{
    internal static string Of(IReadOnlyList<string> columns)
    {
        if (columns.Contains("train_top1") && columns.Contains("samples_per_second"))
            return "a metrics.csv of Sightline";
        if (columns.Any(c => c.StartsWith("metrics/", StringComparison.Ordinal)) && columns.Any(c => c.StartsWith("train/", StringComparison.Ordinal)))
            return "a results.csv of Ultralytics";
        if (columns.Contains("epoch") && columns.Contains("step") && !columns.Contains("loss") && columns.Any(c => c.StartsWith("train", StringComparison.Ordinal) || c.StartsWith("val", StringComparison.Ordinal)))
            return "a metrics.csv of Lightning";
        bool isKeras = columns[0] == "epoch" && columns.Contains("loss") && columns.Skip(1).SequenceEqual(columns.Skip(1).Order(StringComparer.Ordinal));
        return isKeras ? "a CSVLogger file of Keras" : "a CSV file";
    }
}
