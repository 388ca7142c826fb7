using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Logs written into a folder of their own, and read.</summary>
public abstract class LogFiles : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("sightline-logs-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    protected TrainingLog Read(string name, string text, string? map = null) => LogReader.Read(Write(name, text), map is null ? null : ColumnMap.Parse(map));

    protected BadInputException Refused(string name, string text, string? map = null) => Assert.Throws<BadInputException>(() => Read(name, text, map));

    protected static void NoteSays(TrainingLog log, string part) => Assert.True(log.Notes.Any(n => n.Contains(part, StringComparison.Ordinal)), $"No note says '{part}':\n{string.Join('\n', log.Notes)}");

    protected static EpochPoint Point(double epoch, double trainLoss = double.NaN, double trainAccuracy = double.NaN, double valLoss = double.NaN, double valAccuracy = double.NaN, double rate = double.NaN) =>
        new(epoch, rate, trainLoss, trainAccuracy, valLoss, valAccuracy);

    /// <summary>Equal but for rounding.</summary>
    protected static void Same(IReadOnlyList<EpochPoint> expected, IReadOnlyList<EpochPoint> seen, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Count, seen.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            double[] a = Numbers(expected[i]), b = Numbers(seen[i]);
            for (int k = 0; k < a.Length; k++)
                Assert.True(a[k].Equals(b[k]) || Math.Abs(a[k] - b[k]) <= tolerance * Math.Max(1, Math.Abs(a[k])), $"Point {i}:\nexpected {expected[i]}\nseen     {seen[i]}");
        }
    }

    private static double[] Numbers(EpochPoint p) => [p.Epoch, p.LearningRate, p.TrainLoss, p.TrainAccuracy, p.ValLoss, p.ValAccuracy];
}
