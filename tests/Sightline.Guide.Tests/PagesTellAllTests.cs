namespace Sightline.Tests;

/// <summary>bench/README.md, docs/data.md and docs/diagnose.md tell of all that there is.</summary>
public sealed class PagesTellAllTests
{
    [Fact]
    public void EveryResultIsNamed()
    {
        string text = Repository.Read("bench/README.md");
        Assert.All(Directory.GetFiles(Repository.PathOf("bench/results")), file => Assert.Contains($"(results/{Path.GetFileName(file)})", text, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryCodeThatStopsATrainingIsExplained()
    {
        string text = Repository.Read("docs/data.md");
        Assert.All(Datasets.Audit.ProblemCodes.Stopping, code => Assert.Contains($"`{code}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryFindingAndEveryKeyOfAMappingIsExplained()
    {
        string text = Repository.Read("docs/diagnose.md");
        Assert.All(Diagnosis.FindingCodes.All, code => Assert.Contains($"| `{code}` |", text, StringComparison.Ordinal));
        Assert.All(Diagnosis.ColumnMap.Keys, key => Assert.Contains($"`{key}`", text, StringComparison.Ordinal));
    }
}
