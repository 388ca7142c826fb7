using Sightline.Training.Runs;

namespace Sightline.Tests;

public sealed class RunDocumentTests
{
    [Fact]
    public void Every_column_is_documented()
    {
        string text = Repository.Read("docs/runs.md");
        Assert.Contains($"metrics.csv, version {MetricsLog.Version}", text, StringComparison.Ordinal);
        Assert.All(MetricsLog.Columns.Concat(SignalsLog.Columns), column => Assert.Contains($"`{column}`", text, StringComparison.Ordinal));
    }
}
