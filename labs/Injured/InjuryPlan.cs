using Sightline.Injuries;

namespace Sightline.Labs.Injured;

/// <summary>One run of the bench.</summary>
/// <param name="Id">Its name: half, network, set, what was done, seed.</param>
/// <param name="Unseen">Whether it belongs to the half that rules are scored on.</param>
/// <param name="Injuries">What is wrong; none in a healthy run.</param>
/// <param name="Training">What is trained.</param>
internal sealed record PlannedRun(string Id, bool Unseen, IReadOnlyList<Injury> Injuries, InjuredTraining Training)
{
    /// <summary>The healthy run that it is held against.</summary>
    public string Twin => $"{(Unseen ? "unseen" : "known")}/{Training.Network.Kind.ToString().ToLowerInvariant()}/{Training.Data}/healthy-cosine/seed-{Training.Seed}";
}

/// <summary>All runs: each fault in three strengths on four networks and five seeds in each half, pairs of faults, and healthy runs of many kinds.</summary>
internal static class InjuryPlan
{
    private const int Seeds = 5;

    private static readonly SmallKind[] KnownKinds = [SmallKind.Mlp, SmallKind.Conv, SmallKind.ConvNorm, SmallKind.ResNet];
    private static readonly SmallKind[] UnseenKinds = [SmallKind.MlpNorm, SmallKind.Vgg, SmallKind.Separable, SmallKind.Attention];

    // Two things at once, of which the first is the root.
    private static readonly (Injury First, Injury Second)[] Pairs =
    [
        (new(Fault.LabelNoise, 2), new(Fault.NoisyValidation, 1)),
        (new(Fault.Overfitting, 2), new(Fault.NoisyValidation, 1)),
        (new(Fault.LearningRateTooLow, 2), new(Fault.NoisyValidation, 1)),
        (new(Fault.Overfitting, 2), new(Fault.LabelNoise, 1)),
        (new(Fault.LearningRateTooHigh, 2), new(Fault.NotShuffled, 1)),
    ];

    /// <summary>Every run, in an order in which any beginning is worth having: healthy twins first, then by seed.</summary>
    public static IReadOnlyList<PlannedRun> All { get; } = [.. Runs(unseen: false), .. Runs(unseen: true)];

    /// <summary>A network's usual training on a set.</summary>
    public static InjuredTraining Healthy(SmallKind kind, string data, ulong seed) => new()
    {
        Data = data,
        Network = new SmallNetworkDesign { Kind = kind, Width = kind switch { SmallKind.ResNet or SmallKind.Attention => 8, SmallKind.Vgg or SmallKind.Separable => 12, _ => 16 } },
        Seed = seed,
        Adam = kind == SmallKind.Attention,
        Rate = kind switch
        {
            SmallKind.Mlp or SmallKind.Vgg => 0.02,
            SmallKind.Conv => 0.09,
            SmallKind.MlpNorm => 0.05,
            SmallKind.Attention => 1e-3,
            _ => 0.1,
        },
    };

    private static IEnumerable<PlannedRun> Runs(bool unseen)
    {
        SmallKind[] kinds = unseen ? UnseenKinds : KnownKinds;
        IReadOnlyList<string> sets = unseen ? ImagePool.Unseen : ImagePool.Known;
        var runs = new List<(int Turn, PlannedRun Run)>();
        void Add(int turn, string what, IReadOnlyList<Injury> injuries, InjuredTraining t) => runs.Add((turn, new PlannedRun(
            $"{(unseen ? "unseen" : "known")}/{t.Network.Kind.ToString().ToLowerInvariant()}/{t.Data}/{what}/seed-{t.Seed}", unseen, injuries, t)));
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            foreach (SmallKind kind in kinds)
            {
                foreach (string data in sets)
                {
                    InjuredTraining healthy = Healthy(kind, data, seed);
                    foreach ((string name, InjuredTraining variant) in Variants(healthy))
                        Add(name == "cosine" ? 0 : 2 * (int)seed, "healthy-" + name, [], variant);
                }
                InjuredTraining own = Healthy(kind, sets[(int)((seed + (ulong)kind) % (ulong)sets.Count)], seed);
                foreach (Fault fault in Enum.GetValues<Fault>())
                {
                    foreach (int severity in (int[])[1, 2, 3])
                    {
                        var injury = new Injury(fault, severity);
                        if (injury.Fits(own))
                            Add(2 * (int)seed - 1, $"{injury.Code}-{severity}", [injury], injury.Apply(own));
                    }
                }
                foreach ((Injury first, Injury second) in Pairs)
                    Add(2 * (int)seed, $"{first.Code}-{first.Severity}+{second.Code}-{second.Severity}", [first, second], second.Apply(first.Apply(own)));
            }
        }
        return runs.OrderBy(r => r.Turn).Select(r => r.Run);
    }

    // Healthy in many ways: no alarm is due at any of them, as far as the test images agree.
    private static IEnumerable<(string Name, InjuredTraining Training)> Variants(InjuredTraining t) =>
    [
        ("cosine", t),
        ("one-cycle", t with { Shape = RateShape.OneCycle }),
        ("step", t with { Shape = RateShape.Step }),
        ("other-optimiser", t with { Adam = !t.Adam, Rate = t.Adam ? 0.02 : 1e-3 }),
        ("dropout", t with { Network = t.Network with { Dropout = 0.2 } }),
        ("smoothing", t with { Smoothing = 0.1 }),
        ("small", t with { TrainImages = 1000, Epochs = 20, ValidationImages = 250 }),
        ("large", t with { TrainImages = 2000, Batch = 64, Epochs = 25, Rate = 1.4 * t.Rate }),
        ("plain-short", t with { Augment = false, Epochs = 10 }),
        ("narrow", t with { Network = t.Network with { Width = 3 * t.Network.Width / 4 }, WeightDecay = 1e-4 }),
    ];
}
