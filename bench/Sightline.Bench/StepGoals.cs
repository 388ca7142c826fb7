namespace Sightline.Bench;

/// <summary>How many times the speed of a peer a step has to reach.</summary>
/// <param name="Against">The peer.</param>
/// <param name="AtLeast">The least ratio of speeds that is accepted.</param>
/// <param name="AimingAt">The ratio that is aimed at, if it is another.</param>
/// <param name="Ratio">What was measured: the peer's median over the rounds, divided by Sightline's.</param>
internal sealed record StepGoal(string Against, double AtLeast, double? AimingAt, double Ratio)
{
    /// <summary>Whether it is reached.</summary>
    public bool Met => Ratio >= AtLeast;
}

/// <summary>A training step that is measured.</summary>
/// <param name="Network">The registered network; PyTorch's is torchvision's of the same name, or written in <c>bench/pytorch/step.py</c>.</param>
/// <param name="Images">Images a step.</param>
/// <param name="Side">Their side in pixels.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Wanted">How many times a peer's speed is wanted.</param>
internal sealed record StepCase(string Network, int Images, int Side, int Classes, IReadOnlyList<(string Against, double AtLeast, double? AimingAt)> Wanted)
{
    /// <summary>All that are measured.</summary>
    public static IReadOnlyList<StepCase> All { get; } =
    [
        new("cifar_resnet18", 64, 32, 10, [(StepGoals.Eager, 1.9, 2.2), (StepGoals.PeersBest, 0.95, null)]),
        new("mobilenet_v2", 16, 224, 1000, [(StepGoals.Eager, 1.5, null)]),
        new("googlenet", 16, 224, 1000, [(StepGoals.Eager, 1.5, null)]),
    ];
}

/// <summary>The goals of a training step. One statistic decides and is reported: the ratio of the medians over the rounds.</summary>
internal static class StepGoals
{
    /// <summary>PyTorch as most people run it: float32, eager, contiguous.</summary>
    public const string Eager = "pytorch float32 eager";

    /// <summary>PyTorch at its best on a processor.</summary>
    public const string PeersBest = "pytorch bf16 channels-last";

    /// <summary>Whose speed the goals are about: Sightline in the number format that is faster, as <c>precision: auto</c> takes it.</summary>
    /// <param name="rounds">Seconds of a step for each contender, one for each round.</param>
    /// <returns>The contender's name.</returns>
    public static string Own(IReadOnlyDictionary<string, IReadOnlyList<double>> rounds) =>
        rounds.Where(r => r.Key.StartsWith("sightline", StringComparison.Ordinal)).MinBy(r => Timings.Median(r.Value)).Key;

    /// <summary>The goals against the peers that were measured.</summary>
    /// <param name="step">What was measured.</param>
    /// <param name="rounds">Seconds of a step for each contender, one for each round.</param>
    /// <returns>One goal for each peer; none where PyTorch is missing.</returns>
    public static IReadOnlyList<StepGoal> Of(StepCase step, IReadOnlyDictionary<string, IReadOnlyList<double>> rounds) =>
        [.. step.Wanted.Where(w => rounds.ContainsKey(w.Against))
            .Select(w => new StepGoal(w.Against, w.AtLeast, w.AimingAt, Timings.Median(rounds[w.Against]) / Timings.Median(rounds[Own(rounds)])))];
}
