using Sightline.Diagnosis;
using Sightline.Injuries;

namespace Sightline.Tests;

/// <summary>A few runs as a store has them: formulas for curves, test scores that make a fault count or not.</summary>
internal static class PracticeRuns
{
    public const int Healthy = 5, EachFault = 3;

    /// <summary>What the diagnosis finds, each in three runs.</summary>
    public static readonly string[] Found = ["overfitting", "learning-rate-too-low", "plateau", "batchnorm-gap"];

    /// <summary>Those three runs of each, one with label noise that nobody can see, five healthy ones; a harmless one and one with two faults, which can't be asked.</summary>
    public static IReadOnlyList<StoredRun> All() =>
    [
        .. Enumerable.Range(0, Healthy).Select(i => Run("healthy-cosine", i, new PlantedLog(), 0.6 + 0.01 * i)),
        .. Found.SelectMany(code => Enumerable.Range(0, EachFault).Select(i => Fault(i, 0.2, code))),
        Run("label-noise-2", 0, new PlantedLog(), 0.2, "label-noise"),
        Fault(4, 0.64, "plateau"),
        Fault(4, 0.2, "overfitting", "plateau"),
    ];

    /// <summary>A healthy run that is no twin.</summary>
    public static StoredRun Calm(int seed) => Run("healthy-step", seed, new PlantedLog(), 0.6);

    /// <summary>A run with faults, whose curves are the first one's.</summary>
    public static StoredRun Fault(int seed, double top1, params string[] codes) => Run(string.Join('+', codes.Select(c => c + "-2")), seed, PlantedFaults.Of(codes[0]), top1, codes);

    private static StoredRun Run(string what, int seed, PlantedLog planted, double top1, params string[] codes)
    {
        TrainingFacts facts = planted.Facts;
        return new StoredRun
        {
            Id = $"unseen/vgg/made-up/{what}/seed-{seed}",
            Twin = $"unseen/vgg/made-up/healthy-cosine/seed-{seed % Healthy}",
            Injuries = [.. codes.Select(c => new StoredInjury(c, 2))],
            Training = new InjuredTraining
            {
                Data = "made-up",
                Network = new SmallNetworkDesign { Kind = SmallKind.Vgg, Dropout = facts.Dropout ?? 0 },
                Seed = (ulong)seed,
                Rate = 0.1,
                Batch = facts.BatchSize!.Value,
                Augment = facts.Augments == true,
                WeightDecay = facts.WeightDecay!.Value,
            },
            Tests = [new TestPoint(planted.Epochs, 1, top1)],
            Log = planted.Build(),
        };
    }
}
