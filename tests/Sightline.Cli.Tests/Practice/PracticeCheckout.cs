using Sightline.Injuries;

namespace Sightline.Tests;

/// <summary>A folder that passes for a checkout with the made-up runs of the scored half.</summary>
internal sealed class PracticeCheckout : IDisposable
{
    public PracticeCheckout()
    {
        File.WriteAllText(Path.Combine(Folder, "Sightline.slnx"), "<Solution />");
        string runs = Path.Combine(Folder, "bench", "diagnosis", "runs");
        Directory.CreateDirectory(runs);
        File.WriteAllLines(Path.Combine(runs, "part-0-of-1.jsonl"), PracticeRuns.All().Select(r => r.Line(1)));
        Store.Compress("unseen");
        Directory.Delete(runs, recursive: true);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("sightline-practice-").FullName;

    public RunStore Store => new(Path.Combine(Folder, "bench", "diagnosis"));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
