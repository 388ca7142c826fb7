namespace Sightline.Injuries;

/// <summary>How the learning rate goes.</summary>
public enum RateShape
{
    /// <summary>Up over a tenth of the epochs, then a cosine.</summary>
    Cosine,

    /// <summary>Up over a third, then down.</summary>
    OneCycle,

    /// <summary>Drops.</summary>
    Step,

    /// <summary>Always the same.</summary>
    Constant,
}

/// <summary>A small training: all that a fault can change. Plain values, so that it is recorded with its curves.</summary>
public sealed record InjuredTraining
{
    /// <summary>The image set.</summary>
    public required string Data { get; init; }

    /// <summary>The network.</summary>
    public required SmallNetworkDesign Network { get; init; }

    /// <summary>The seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Training images.</summary>
    public int TrainImages { get; init; } = 1500;

    /// <summary>Validation images.</summary>
    public int ValidationImages { get; init; } = 400;

    /// <summary>Epochs that the schedule is laid over.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>The epoch after which it ends all the same; 0 goes to the end.</summary>
    public int StopAfter { get; init; }

    /// <summary>Images of a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Whether AdamW steps; else gradient descent with Nesterov momentum 0.9.</summary>
    public bool Adam { get; init; }

    /// <summary>The highest learning rate.</summary>
    public required double Rate { get; init; }

    /// <summary>How it goes.</summary>
    public RateShape Shape { get; init; } = RateShape.Cosine;

    /// <summary>Whether it rises at first.</summary>
    public bool Warmup { get; init; } = true;

    /// <summary>For drops: after which share of the epochs the first comes.</summary>
    public double DropAt { get; init; } = 0.6;

    /// <summary>For drops: the factor; a second drop comes at 0.85.</summary>
    public double DropFactor { get; init; } = 0.1;

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Label smoothing.</summary>
    public double Smoothing { get; init; }

    /// <summary>The largest gradient norm; 0 leaves gradients.</summary>
    public double Clip { get; init; }

    /// <summary>Whether images are shifted by up to two pixels, and mirrored where that keeps the label.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Share of the validation images that are drawn from the easy ones.</summary>
    public double EasyValidation { get; init; }

    /// <summary>Share of the validation images that are training images.</summary>
    public double Leaked { get; init; }

    /// <summary>What is left of every class but the first: a share of its images, at least two; 1 leaves all.</summary>
    public double Thinning { get; init; } = 1;

    /// <summary>Share of the labels that are wrong, in training and validation.</summary>
    public double WrongLabels { get; init; }

    /// <summary>Whether every class is drawn as often, however many images it has.</summary>
    public bool Balanced { get; init; }

    /// <summary>Images of one class that come in a row: 0 shuffles well.</summary>
    public int SortedBlock { get; init; }
}
