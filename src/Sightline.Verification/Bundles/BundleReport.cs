namespace Sightline.Verification;

/// <summary>The stages of an image's way to a decision, in their order.</summary>
public enum BundleStage
{
    /// <summary>Bytes to pixels.</summary>
    DecodedImage,

    /// <summary>Pixels to the network's input.</summary>
    InputTensor,

    /// <summary>An operator of the graph.</summary>
    Layer,

    /// <summary>The graph's output.</summary>
    Logits,

    /// <summary>The class that is named.</summary>
    Decision,
}

/// <summary>Where a deployment first differs from the reference on a frame.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Place">In the graph, the operator, e.g. <c>Conv layer1.0.conv1</c>; else null.</param>
/// <param name="Distance">How far: by the reference's deviation; of logits by the largest of them.</param>
/// <param name="Cause">What would explain it; null where nothing is known.</param>
public sealed record StageDifference(BundleStage Stage, string? Place, double Distance, string? Cause)
{
    /// <summary>As a person reads it, e.g. <c>input tensor</c> or <c>layer Conv layer1.0.conv1</c>.</summary>
    public string Name => Stage switch
    {
        BundleStage.DecodedImage => "decoded image",
        BundleStage.InputTensor => "input tensor",
        BundleStage.Layer => $"layer {Place}",
        BundleStage.Logits => "logits",
        _ => "decision",
    };
}

/// <summary>What a deployment made of one golden frame.</summary>
/// <param name="Frame">The frame's name.</param>
/// <param name="First">Where it first differs; null where it doesn't.</param>
/// <param name="Expected">The class that the trained network decides for.</param>
/// <param name="Decision">The class that the deployment decides for; null where it doesn't say.</param>
/// <param name="LogitDistance">The largest difference of a logit by the largest logit; null where it shows none.</param>
public sealed record FrameResult(string Frame, StageDifference? First, string Expected, string? Decision, double? LogitDistance)
{
    /// <summary>Whether the decision is another.</summary>
    public bool Flipped => Decision is not null && Decision != Expected;
}

/// <summary>How the model ran in one setting: batch size and threads.</summary>
/// <param name="Batch">The batch size.</param>
/// <param name="Threads">Threads; 0 stands for all cores.</param>
/// <param name="Flips">Golden frames whose decision is another than the trained network's.</param>
/// <param name="LogitDistance">The largest difference of a logit by the largest logit.</param>
public sealed record SettingResult(int Batch, int Threads, int Flips, double LogitDistance);

/// <summary>What was seen of a deployment on a bundle's golden frames.</summary>
public sealed record BundleReport
{
    /// <summary>Each frame.</summary>
    public required IReadOnlyList<FrameResult> Frames { get; init; }

    /// <summary>Each setting; empty where only recorded outputs were looked at.</summary>
    public IReadOnlyList<SettingResult> Settings { get; init; } = [];

    /// <summary>Where it ran.</summary>
    public required BundleOrigin Here { get; init; }

    /// <summary>Why it does not pass; empty when it does.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Whether it passes.</summary>
    public bool Passed => Reasons.Count == 0;

    /// <summary>Frames whose decision is another than the trained network's.</summary>
    public int Flips => Frames.Count(f => f.Flipped);

    /// <summary>The earliest stage that differs in any frame, and in how many it is the first; null where nothing does.</summary>
    public (StageDifference Difference, int Frames)? First
    {
        get
        {
            StageDifference[] found = [.. Frames.Select(f => f.First).OfType<StageDifference>()];
            if (found.Length == 0)
                return null;
            // Of the frames that differ earliest, the place that most of them name.
            BundleStage stage = found.Min(f => f.Stage);
            IGrouping<string, StageDifference> most = found.Where(f => f.Stage == stage).GroupBy(f => f.Name).MaxBy(g => g.Count())!;
            return (most.MaxBy(f => f.Distance)!, most.Count());
        }
    }
}
