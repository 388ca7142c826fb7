namespace Sightline.Tests;

/// <summary>bench/README.md and docs/data.md tell of all that there is.</summary>
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
}
