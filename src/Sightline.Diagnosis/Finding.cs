namespace Sightline.Diagnosis;

/// <summary>What a diagnosis comes to.</summary>
public enum Verdict
{
    /// <summary>Nothing was found, and the log is long enough to say so.</summary>
    Healthy,

    /// <summary>Something was found.</summary>
    Sick,

    /// <summary>The log is too short, or lacks the curves, for either.</summary>
    NotEnoughEvidence,
}

/// <summary>Which curves show a finding.</summary>
public enum ShownBy
{
    /// <summary>Training and validation loss.</summary>
    Loss,

    /// <summary>Training and validation accuracy.</summary>
    Accuracy,

    /// <summary>The learning rate.</summary>
    LearningRate,

    /// <summary>The norm of the gradients.</summary>
    GradientNorm,

    /// <summary>Loss of the probe, with running and with its own statistics.</summary>
    Probe,

    /// <summary>Share of dead units.</summary>
    DeadUnits,

    /// <summary>Norm of the updates by the norm of the weights.</summary>
    UpdateRatio,

    /// <summary>Norm of the weights.</summary>
    WeightNorm,
}

/// <summary>Something that can be tried.</summary>
/// <param name="action">What to do, one sentence.</param>
/// <param name="settings">The same for our recipes, as <c>--set</c> takes it, e.g. <c>optimiser.learningRate=0.01</c>; none where a recipe cannot say it.</param>
public sealed class Remedy(string action, params IReadOnlyList<string> settings)
{
    /// <summary>What to do, one sentence.</summary>
    public string Action { get; } = action;

    /// <summary>The same for our recipes, as <c>--set</c> takes it; empty where a recipe cannot say it.</summary>
    public IReadOnlyList<string> Settings { get; } = settings;
}

/// <summary>Something that is wrong with a training, with its evidence.</summary>
public sealed record Finding
{
    /// <summary>What it is: one of <see cref="FindingCodes.All"/>.</summary>
    public required string Code { get; init; }

    /// <summary>The finding that explains this one, which is then a symptom; null where it stands for itself.</summary>
    public string? FollowsFrom { get; init; }

    /// <summary>How sure it is, 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>The first epoch in which it shows.</summary>
    public required double FirstEpoch { get; init; }

    /// <summary>The last.</summary>
    public required double LastEpoch { get; init; }

    /// <summary>The numbers that show it, one or two sentences.</summary>
    public required string Evidence { get; init; }

    /// <summary>Where to look.</summary>
    public required ShownBy ShownBy { get; init; }

    /// <summary>What to try, the most promising first.</summary>
    public required IReadOnlyList<Remedy> Remedies { get; init; }

    /// <summary>What would confirm it, one sentence.</summary>
    public required string Confirmation { get; init; }
}

/// <summary>What can be found.</summary>
public static class FindingCodes
{
    /// <summary>Every code, in the order of the documentation.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "overfitting", "underfitting", "learning-rate-too-high", "learning-rate-too-low", "drop-too-early", "missing-warmup", "diverged", "plateau",
        "validation-above-training", "noisy-validation", "leak", "class-collapse", "label-noise", "dead-units", "vanishing-gradients", "exploding-gradients",
        "batch-too-small", "batchnorm-gap", "not-shuffled", "over-regularised", "stopped-too-early",
    ];
}
