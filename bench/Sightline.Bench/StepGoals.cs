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

/// <summary>The goals of the training step. One statistic decides and is reported: the ratio of the medians over the rounds.</summary>
internal static class StepGoals
{
    /// <summary>Whose speed the goals are about.</summary>
    public const string Own = "sightline bf16";

    private static readonly (string Against, double AtLeast, double? AimingAt)[] Wanted =
    [
        ("pytorch float32 eager", 1.9, 2.2),
        ("pytorch bf16 channels-last", 0.95, null),
    ];

    /// <summary>The goals against the peers that were measured.</summary>
    /// <param name="rounds">Seconds of a step for each contender, one for each round.</param>
    /// <returns>One goal for each peer; none where PyTorch is missing.</returns>
    public static IReadOnlyList<StepGoal> Of(IReadOnlyDictionary<string, IReadOnlyList<double>> rounds) =>
        [.. Wanted.Where(w => rounds.ContainsKey(w.Against))
            .Select(w => new StepGoal(w.Against, w.AtLeast, w.AimingAt, Timings.Median(rounds[w.Against]) / Timings.Median(rounds[Own])))];
}
