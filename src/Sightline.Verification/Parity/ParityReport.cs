using Sightline.Metrics;

namespace Sightline.Verification;

/// <summary>An image that the exported file decides otherwise than the trained network.</summary>
/// <param name="Image">The image's name.</param>
/// <param name="Label">The true class.</param>
/// <param name="Trained">What the trained network says.</param>
/// <param name="Exported">What the exported file says; <c>nan</c> when its logits are no numbers.</param>
/// <param name="Margin">By how much the trained network's best logit leads its second: a flip at a tiny margin is a tie, at a large one a fault.</param>
/// <param name="Batch">The batch size at which it was seen.</param>
public sealed record FlippedDecision(string Image, string Label, string Trained, string Exported, double Margin, int Batch);

/// <summary>Whether an exported file decides as the trained network does.</summary>
public sealed record ParityReport
{
    /// <summary>Whether everything holds.</summary>
    public bool Passed => Reasons.Count == 0;

    /// <summary>What does not hold, one sentence each; empty when it passed.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>The checkpoint whose weights the file says it holds.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>How many validation images were decided.</summary>
    public required int Images { get; init; }

    /// <summary>How many of them were decided otherwise, at batch 1 or n.</summary>
    public required int Flips { get; init; }

    /// <summary>Where the true share of flips lies, by the 95 % score interval.</summary>
    public required Interval FlipRateInterval { get; init; }

    /// <summary>The images decided otherwise, at batch 1 or n, in order of the images.</summary>
    public required IReadOnlyList<FlippedDecision> FlippedImages { get; init; }

    /// <summary>The trained network's accuracy, 0–1.</summary>
    public required double AccuracyTrained { get; init; }

    /// <summary>The exported file's accuracy at batch n, 0–1.</summary>
    public required double AccuracyExported { get; init; }

    /// <summary>The 95 % interval of the change of accuracy (exported less trained), over the images, as <see cref="PairedComparison.DifferenceInterval"/>.</summary>
    public required Interval AccuracyChangeInterval { get; init; }

    /// <summary>The largest absolute difference of a logit over images and random inputs, at batch 1 and n; NaN when the file gives no numbers.</summary>
    public required double MaxAbsDifference { get; init; }

    /// <summary>The 99.9th percentile of the absolute differences on validation images.</summary>
    public required double P999AbsDifference { get; init; }

    /// <summary>The largest absolute logit of the trained network: what the differences are to be seen against.</summary>
    public required double MaxAbsLogit { get; init; }

    /// <summary>How many random inputs were decided.</summary>
    public required int RandomInputs { get; init; }

    /// <summary>How many of them were decided otherwise, at batch 1 or n.</summary>
    public required int RandomFlips { get; init; }

    /// <summary>The batch sizes that were run.</summary>
    public required IReadOnlyList<int> Batches { get; init; }
}
