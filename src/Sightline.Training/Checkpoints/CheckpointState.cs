using Sightline.Training.Loop;

namespace Sightline.Training.Checkpoints;

/// <summary>All of a training's state that is no tensor; it stands in the checkpoint file's own metadata.</summary>
public sealed record CheckpointState
{
    /// <summary>The version of this layout.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The network's registered name.</summary>
    public required string Network { get; init; }

    /// <summary>Class names by index of the logits.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The resolved recipe as YAML.</summary>
    public required string Recipe { get; init; }

    /// <summary>Fingerprint of the data set.</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>Fingerprint of the split.</summary>
    public required string SplitFingerprint { get; init; }

    /// <summary>How many images of each class there were; null in checkpoints written before this was kept.</summary>
    public DataCounts? Counts { get; init; }

    /// <summary>Images of the set that cannot be used, by name; they take no part.</summary>
    public required IReadOnlyList<string> Unusable { get; init; }

    /// <summary>The precision in use: <c>float32</c> or <c>bf16</c>; a choice by time is made once.</summary>
    public required string Precision { get; init; }

    /// <summary>Torch's threads in use; sums depend on them.</summary>
    public required int Threads { get; init; }

    /// <summary>Optimiser steps taken.</summary>
    public long Steps { get; init; }

    /// <summary>Updates that the average of the weights has seen.</summary>
    public long AverageUpdates { get; init; }

    /// <summary>Where the present epoch stands; at an epoch's end, the start of the next.</summary>
    public required EpochProgress Progress { get; init; }

    /// <summary>The best validation accuracy so far, a fraction; null without validation.</summary>
    public double? BestTop1 { get; init; }

    /// <summary>The validation loss of the best; of equal accuracies the lower loss is better.</summary>
    public double? BestLoss { get; init; }

    /// <summary>The epoch of the best, from 1.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Epochs since the best.</summary>
    public int EpochsWithoutImprovement { get; init; }

    /// <summary>Length of metrics.csv in bytes when the state was saved; a resume cuts off what came after.</summary>
    public long MetricsLength { get; init; }

    /// <summary>Length of signals.csv in bytes when the state was saved.</summary>
    public long SignalsLength { get; init; }

    /// <summary>Length of probe.csv in bytes when the state was saved.</summary>
    public long ProbeLength { get; init; }

    /// <summary>Why the training is over, when it is.</summary>
    public string? Finished { get; init; }
}
