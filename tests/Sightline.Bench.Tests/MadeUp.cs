using Sightline.Bench.Diagnosis;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Runs and assessments with the few numbers that a test is about.</summary>
internal static class MadeUp
{
    /// <summary>A run whose validation says what its test says, unless told otherwise.</summary>
    public static StoredRun Run(
        string what, ulong seed, double top1, double loss, string[]? faults = null, SmallKind kind = SmallKind.Conv, double? valTop1 = null, double? valLoss = null, string? diverged = null)
    {
        InjuredTraining training = InjuryPlan.Healthy(kind, "footage", seed);
        string at = $"known/{kind.ToString().ToLowerInvariant()}/footage";
        return new StoredRun
        {
            Id = $"{at}/{what}/seed-{seed}",
            Twin = $"{at}/healthy-cosine/seed-{seed}",
            Injuries = [.. (faults ?? []).Select(f => new StoredInjury(f, 2))],
            Training = training,
            Tests = diverged is null ? [new TestPoint(1, 2, 0.1), new TestPoint(2, loss, top1)] : [],
            Log = Log([(2, 0.1, 2, 0.1), (1, 0.5, valLoss ?? loss, valTop1 ?? top1)]) with { Facts = new TrainingFacts { Diverged = diverged } },
        };
    }

    /// <summary>Five healthy twins around an accuracy of 0.6 and a loss of 1; their deviations are √0.00025 = 0.0158.</summary>
    public static StoredRun[] Twins(SmallKind kind = SmallKind.Conv) =>
        [.. ((double[])[0, 0.02, -0.02, 0.01, -0.01]).Select((d, i) => Run("healthy-cosine", (ulong)i + 1, 0.6 + d, 1 + d, kind: kind))];

    /// <summary>A log of curves.</summary>
    public static TrainingLog Log(IEnumerable<(double TrainLoss, double TrainTop1, double ValLoss, double ValTop1)> epochs) => new()
    {
        Source = "made up",
        Epochs = [.. epochs.Select((e, i) => new EpochPoint(i + 1, 0.1, e.TrainLoss, e.TrainTop1, e.ValLoss, e.ValTop1))],
    };

    /// <summary>A run with findings, the first being the root; none is healthy, and <c>?</c> is not enough evidence.</summary>
    public static DiagnosedRun Diagnosed(StoredRun run, Harm harm, params string[] codes) => new(run, new HarmReading(harm, 0, (0, 0), (0, 0)), codes switch
    {
        [] => new Assessment(Verdict.Healthy, [], null),
        ["?", .. var doubted] => new Assessment(Verdict.NotEnoughEvidence, [.. doubted.Select(c => Found(c, 0.4))], "More epochs."),
        _ => new Assessment(Verdict.Sick, [.. codes.Select(c => Found(c, 0.9))], null),
    });

    private static Finding Found(string code, double confidence) => new()
    {
        Code = code,
        Confidence = confidence,
        FirstEpoch = 1,
        LastEpoch = 2,
        Evidence = $"shows {code}",
        ShownBy = ShownBy.GradientNorm,
        Remedies = [],
        Confirmation = "",
    };
}
