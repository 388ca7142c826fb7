namespace Sightline.Models.Profiling;

/// <summary>The rooflines that were measured here, in a file: a machine is measured at first use.</summary>
public static class RooflineFile
{
    /// <summary>The roofline of this machine: read, or measured and written.</summary>
    /// <param name="folder">The folder of the file, made if it is missing.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <returns>The roofline.</returns>
    public static Roofline ReadOrMeasure(string folder, ProfilePrecision precision)
    {
        ArgumentNullException.ThrowIfNull(folder);
        const string macs = "macsPerSecond", bytes = "bytesPerSecond";
        string key = Roofline.MachineKey(precision);
        IReadOnlyDictionary<string, double> numbers = new MeasuredFile(Path.Combine(folder, "roofline.json")).ReadOrMeasure(key, [macs, bytes], () =>
        {
            Roofline measured = Roofline.Measure(precision);
            return new Dictionary<string, double> { [macs] = measured.MacsPerSecond, [bytes] = measured.BytesPerSecond };
        });
        return new Roofline(key, numbers[macs], numbers[bytes]);
    }
}
