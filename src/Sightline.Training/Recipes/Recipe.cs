using Sightline.Models;
using Sightline.Training.Augmentation;

namespace Sightline.Training.Recipes;

/// <summary>
/// All that decides a training: one YAML file mirrors this record key by key (camelCase; choices in kebab-case). Equal recipes on equal
/// data on one machine give equal weights.
/// </summary>
public sealed record Recipe
{
    /// <summary>What to call the run.</summary>
    public string Name { get; init; } = "run";

    /// <summary>The one seed; initialisation, order, augmentation and splits derive from it by name.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The images, and how they are split.</summary>
    public required DataRecipe Data { get; init; }

    /// <summary>What turns an image into the network's input.</summary>
    public PreprocessingRecipe Preprocessing { get; init; } = new();

    /// <summary>What changes training images at random.</summary>
    public AugmentationRecipe Augmentation { get; init; } = new();

    /// <summary>The network.</summary>
    public required NetworkRecipe Network { get; init; }

    /// <summary>The loss.</summary>
    public LossRecipe Loss { get; init; } = new();

    /// <summary>The optimiser.</summary>
    public OptimiserRecipe Optimiser { get; init; } = new();

    /// <summary>The learning rate over time.</summary>
    public ScheduleRecipe Schedule { get; init; } = new();

    /// <summary>How the training runs.</summary>
    public TrainingRecipe Training { get; init; } = new();

    /// <summary>When the state is saved, and what is logged.</summary>
    public CheckpointingRecipe Checkpointing { get; init; } = new();
}

/// <summary>The network to train.</summary>
public sealed record NetworkRecipe
{
    /// <summary>A registered name; <c>sightline models list</c> prints them.</summary>
    public required string Name { get; init; }

    /// <summary>Variants of the network.</summary>
    public NetworkOptions Options { get; init; } = new();

    /// <summary>Where the first weights come from.</summary>
    public PretrainedWeights Pretrained { get; init; } = PretrainedWeights.None;

    /// <summary>
    /// A weight file (safetensors, .pth or a checkpoint of a run, whose averaged weights are taken if it has them) to start from instead;
    /// the classifier layer starts fresh when its shape differs, everything else has to fit.
    /// </summary>
    public string? Weights { get; init; }

    /// <summary>With <c>weights</c>: the classifier layer starts fresh though the file's would fit, as in two-stage training (Kang et al. 2020, classifier re-training); with <c>frozenEpochs</c> it is all that trains.</summary>
    public bool FreshHead { get; init; }

    /// <summary>With <c>weights</c>: the differences between file and network that are accepted beside the classifier layer's; what doesn't fit starts fresh, and the run says what it is.</summary>
    public ValueList<WeightDifference> Allow { get; init; } = [];

    /// <summary>With first weights: this many epochs train the classifier layer alone before the rest is released; as many as all epochs never release it (a linear probe).</summary>
    public int FrozenEpochs { get; init; }

    /// <summary>Learning rate of all but the classifier layer, relative to it (discriminative learning rates; Howard and Ruder 2018, section 3.2).</summary>
    public double BackboneRate { get; init; } = 1;
}

/// <summary>How a weight file can differ from a network.</summary>
public enum WeightDifference
{
    /// <summary>The network has tensors that the file lacks.</summary>
    Missing,

    /// <summary>The file has tensors that the network lacks.</summary>
    Unexpected,

    /// <summary>Tensors of one name differ in shape.</summary>
    Shape,
}

/// <summary>Published weights a training can start from.</summary>
public enum PretrainedWeights
{
    /// <summary>None: freshly initialised.</summary>
    None,

    /// <summary>Weights trained on ImageNet.</summary>
    Imagenet,
}

/// <summary>How the training runs.</summary>
public sealed record TrainingRecipe
{
    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images in one forward pass.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Forward passes whose gradients are averaged before one optimiser step.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Gradients are scaled down to this global L2 norm when above it; 0 leaves them.</summary>
    public double ClipNorm { get; init; }

    /// <summary>
    /// Decay of the moving average of the weights, in [0, 1); 0 keeps none. The average warms up: step n uses
    /// min(decay, (1 + n) / (10 + n)). Evaluation and export use the averaged weights.
    /// </summary>
    public double EmaDecay { get; init; }

    /// <summary>
    /// Stochastic weight averaging: the mean of the weights at the ends of the last epochs, at a high learning rate; null is off. Each time
    /// weights are taken in, the statistics of BatchNorms are measured by a pass over the training images (augmented and sampled as in
    /// training, dropout off). From then on the averaged weights are validated, and what evaluation and export use; the best epoch can
    /// still be one from before. Not together with <c>emaDecay</c>.
    /// </summary>
    public SwaRecipe? Swa { get; init; }

    /// <summary>
    /// ρ of sharpness-aware minimisation (Foret et al. 2021): gradients are taken this far uphill of the weights; 0 is off. Twice the time.
    /// Dropout and stochastic depth draw anew for the second pass.
    /// </summary>
    public double Sharpness { get; init; }

    /// <summary>Training stops after this many epochs without a better validation accuracy; 0 never does.</summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>The number format of the forward pass.</summary>
    public PrecisionChoice Precision { get; init; } = PrecisionChoice.Auto;

    /// <summary>Whether convolutions see images in channels-last order in memory: same numbers, faster.</summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>Whether the same recipe gives the same bits.</summary>
    public DeterminismMode Determinism { get; init; } = DeterminismMode.Fast;

    /// <summary>Where the network computes; <see cref="DeviceChoice.Auto"/> is resolved when a run starts.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;

    /// <summary>Threads that torch computes with; 0 takes the machine's cores (or OMP_NUM_THREADS).</summary>
    public int Threads { get; init; }

    /// <summary>Threads that decode and augment; 0 takes the machine's cores.</summary>
    public int Workers { get; init; }
}

/// <summary>The number format of the forward pass. Weights, gradients and optimiser are float32 always.</summary>
public enum PrecisionChoice
{
    /// <summary>float32 throughout.</summary>
    Float32,

    /// <summary>bfloat16 by autocast where it is safe.</summary>
    Bf16,

    /// <summary>Three steps of each are timed first, and the faster is taken; narrow networks are slower in bf16.</summary>
    Auto,
}

/// <summary>Whether the same recipe gives the same bits on the same machine.</summary>
public enum DeterminismMode
{
    /// <summary>The fastest kernels.</summary>
    Fast,

    /// <summary>Deterministic kernels, an explicit precision: same machine, same bits.</summary>
    Exact,
}

/// <summary>When the state is saved, and what is logged.</summary>
public sealed record CheckpointingRecipe
{
    /// <summary>The state is saved every this many optimiser steps, beside every epoch's end; 0 only there.</summary>
    public int EverySteps { get; init; }

    /// <summary>A row of signals.csv is written every this many optimiser steps.</summary>
    public int SignalsEverySteps { get; init; } = 10;
}
