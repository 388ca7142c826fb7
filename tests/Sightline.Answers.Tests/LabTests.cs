using System.Text.Json;
using Sightline.Labs;

namespace Sightline.Tests;

/// <summary>The machinery of labs: plans, results, intervals, and one tiny cell run for real.</summary>
public class LabTests
{
    public static TheoryData<string> Names => [.. Lab.All.Select(l => l.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ThePlanKeepsItsBudget(string name)
    {
        Lab lab = Lab.Find(name);
        IReadOnlyList<LabCell> cells = lab.Cells();
        Assert.Equal(cells.Count, cells.Select(c => c.Id).Distinct().Count());
        Assert.All(cells, c => Assert.InRange(c.Minutes, 0.01, 20));
        Assert.True(cells.Sum(c => c.Minutes) <= lab.BudgetMinutes, $"{name} plans {cells.Sum(c => c.Minutes):0} minutes of {lab.BudgetMinutes}");
        Assert.True(lab.BudgetMinutes <= (name switch { "resnet" => 120, "papers" => 65, _ => 60 }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CommittedResultsAreOfThisLabAndKeepTheirProvenance(string name)
    {
        Lab lab = Lab.Find(name);
        LabResults results = LabResults.Read(name, Repository.PathOf($"labs/results/{name}.json"));
        foreach (LabRecord record in results.Records)
        {
            LabCell cell = Assert.Single(lab.Cells(), c => c.Id == record.Id);
            Assert.Equal(cell.Setting.OrderBy(p => p.Key), record.Setting.OrderBy(p => p.Key));
            Assert.Equal($"./sightline lab {name} --cell {record.Id}", record.Command);
            Assert.True(record.Seconds > 0 && record.Machine.Cores > 0 && record.Versions.ContainsKey("libtorch"));
            Assert.True(record.PeakMemoryBytes is null or < 4_000_000_000, $"{record.Id} held {record.PeakMemoryBytes} bytes");
            Assert.All(record.Metrics, m => Assert.True(double.IsFinite(m.Value), $"{record.Id} {m.Key}"));
        }
    }

    [Fact]
    public void ResultsSurviveTheFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lab-{Guid.NewGuid():N}.json");
        try
        {
            LabResults results = LabResults.Read("resnet", path);
            results.Put(Record("plain-20", 1, 0.25));
            results.Put(Record("plain-20", 2, 0.35));
            results.Put(Record("plain-20", 1, 0.3));
            results.Write(path);
            LabResults again = LabResults.Read("resnet", path);
            Assert.Equal(["plain-20/seed-1", "plain-20/seed-2"], again.Records.Select(r => r.Id));
            SeedStatistics s = again.Statistics("plain-20", "trainError")!;
            Assert.Equal(0.325, s.Mean, 9);
            Assert.Equal(Math.Sqrt(0.5) * 0.05, s.Deviation, 9);
            Assert.Equal("32.5 % ± 3.5 (2 seeds)", s.ToString());
            Assert.Equal([2.0, 1.5], again.Records[0].Curves["trainLoss"]);
            Assert.Throws<BadInputException>(() => LabResults.Read("classify", path));
            File.WriteAllText(path, File.ReadAllText(path)[..200]);
            Assert.Throws<BadInputException>(() => LabResults.Read("resnet", path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ARerunIsHeldToTheSpreadBetweenSeeds()
    {
        LabResults results = LabResults.Read("resnet", "/nowhere/at/all.json");
        foreach ((ulong seed, double value) in ((ulong, double)[])[(1, 0.30), (2, 0.32), (3, 0.34)])
            results.Put(Record("plain-20", seed, value));
        // s = 0.02, 2 degrees of freedom: t = 4.303, √(1 + 1/3) = 1.1547, so 0.32 ± 0.0994.
        LabCheck check = LabCheck.Against(results, Record("plain-20", 1, 0.41), "trainError")!;
        Assert.Equal(0.32 - 4.303 * 0.02 * Math.Sqrt(4.0 / 3), check.Low, 9);
        Assert.True(check.Holds);
        Assert.False(LabCheck.Against(results, Record("plain-20", 1, 0.45), "trainError")!.Holds);
        // Another setting that ran thrice pools its spread: 4 degrees of freedom.
        foreach ((ulong seed, double value) in ((ulong, double)[])[(1, 0.10), (2, 0.10), (3, 0.10)])
            results.Put(Record("resnet-20", seed, value));
        LabCheck pooled = LabCheck.Against(results, Record("resnet-20", 1, 0.1), "trainError")!;
        Assert.Equal(0.10 + 2.776 * (0.02 / Math.Sqrt(2)) * Math.Sqrt(4.0 / 3), pooled.High, 9);
        Assert.Null(LabCheck.Against(results, Record("plain-56", 1, 0.1), "trainError"));
    }

    [Fact]
    public void ATinyCellRunsResumesAndIsChecked()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lab-{Guid.NewGuid():N}.json");
        try
        {
            string[] command = ["lab", "resnet", "--quick", "--cell", "gradients-plain-20/seed-1", "--out", path, "--threads", "1", "--json"];
            SightlineProcess first = SightlineProcess.Run(command);
            Assert.True(first.ExitCode == 0, first.Error);
            using JsonDocument document = JsonDocument.Parse(first.Output);
            Assert.Equal("gradients-plain-20/seed-1", document.RootElement.GetProperty("cells")[0].GetProperty("id").GetString());
            Assert.Equal(19, LabResults.Read("resnet", path).Records[0].Curves["gradientNorm"].Count);

            SightlineProcess second = SightlineProcess.Run(command);
            Assert.True(second.ExitCode == 0, second.Error);
            using JsonDocument again = JsonDocument.Parse(second.Output);
            Assert.True(again.RootElement.GetProperty("check").GetProperty("holds").GetBoolean());

            // A committed value far away: the check does not hold, and that is exit 1.
            File.WriteAllText(path, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(path), "\"(first|last|firstToLast|smallestToLargest)\": [0-9.eE+-]+", "\"$1\": 100000"));
            Assert.Equal(1, SightlineProcess.Run(command).ExitCode);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ALabRunsOnYourOwnData()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"lab-own-{Guid.NewGuid():N}"), path = Path.Combine(folder, "results.json");
        try
        {
            TwoClasses.Write(Path.Combine(folder, "set"), perClass: 8);
            SightlineProcess run = SightlineProcess.Run("lab", "classify", "--data", Path.Combine(folder, "set"), "--quick", "--cell", "own-data/seed-1", "--out", path, "--threads", "1");
            Assert.True(run.ExitCode == 0, run.Error);
            LabRecord record = Assert.Single(LabResults.Read("classify", path).Records);
            Assert.Equal(16, record.Metrics["trainImages"] + record.Metrics["valImages"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("lab", "resnt")]
    [InlineData("lab", "resnet", "--cell", "plain-21/seed-1")]
    [InlineData("lab", "resnet", "--threads", "0")]
    [InlineData("lab", "resnet", "--data", "/nowhere/at/all", "--cell", "plain-20/seed-1")]
    public void WrongUseIsOneClearLine(params string[] arguments)
    {
        SightlineProcess run = SightlineProcess.Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("sightline: ", run.Error, StringComparison.Ordinal);
    }

    private static LabRecord Record(string group, ulong seed, double trainError) => new()
    {
        Id = $"{group}/seed-{seed}",
        Group = group,
        Seed = seed,
        Command = "x",
        Setting = new Dictionary<string, string> { ["epochs"] = "1" },
        Metrics = new Dictionary<string, double> { ["trainError"] = trainError },
        Curves = new Dictionary<string, IReadOnlyList<double>> { ["trainLoss"] = [2.0, 1.5] },
        Precision = "bf16",
        Seconds = 1,
        Finished = "2026-01-01T00:00:00Z",
        Machine = new MachineFacts("p", 2, 2, "avx2", "linux"),
        Versions = new Dictionary<string, string> { ["libtorch"] = "2" },
    };
}
