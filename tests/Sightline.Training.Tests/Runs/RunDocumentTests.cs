using Sightline.Training.Runs;

namespace Sightline.Tests;

public sealed class RunDocumentTests
{
    [Fact]
    public void Every_column_is_documented()
    {
        string text = Repository.Read("docs/runs.md");
        Assert.Contains($"metrics.csv, version {MetricsLog.Version}", text, StringComparison.Ordinal);
        string[] blocks = [.. SignalsLog.BlockColumns.Concat(ProbeLog.BlockColumns).Select(c => c + "/BLOCK")];
        Assert.All([.. MetricsLog.Columns, .. SignalsLog.Columns, .. ProbeLog.Columns, .. blocks], column => Assert.Contains($"`{column}`", text, StringComparison.Ordinal));
    }
}
