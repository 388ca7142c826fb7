using System.Text.Json;

namespace Sightline.Cli.Demo;

/// <summary>What the demo made and measured.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Footage">The recording.</param>
/// <param name="Frames">Frames recorded.</param>
/// <param name="Objects">Objects labelled in them.</param>
/// <param name="Run">The run folder.</param>
/// <param name="Report">The training report.</param>
/// <param name="Model">The exported file.</param>
/// <param name="Top1">Accuracy on the drive that training never saw, a fraction.</param>
/// <param name="TestImages">How many objects of that drive.</param>
/// <param name="Evaluation">The document of <c>evaluate</c>.</param>
/// <param name="Verify">The document of <c>verify</c>.</param>
/// <param name="Benchmark">The document of <c>benchmark</c>.</param>
/// <param name="Seconds">How long all of it took.</param>
internal sealed record DemoResult(
    string Folder, string Footage, int Frames, int Objects, string Run, string Report, string Model,
    double Top1, int TestImages, JsonElement Evaluation, JsonElement Verify, JsonElement Benchmark, double Seconds);
