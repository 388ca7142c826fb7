namespace Sightline.Diagnosis;

/// <summary>One training, as its log tells it: what every rule reads, wherever it was written.</summary>
public sealed record TrainingLog
{
    /// <summary>Where it was read from.</summary>
    public required string Source { get; init; }

    /// <summary>The epochs that the log holds, rising; some may be missing.</summary>
    public required IReadOnlyList<EpochPoint> Epochs { get; init; }

    /// <summary>What was measured beside the curves, for some of these epochs; empty for logs that hold curves alone.</summary>
    public IReadOnlyList<EpochSignals> Signals { get; init; } = [];

    /// <summary>What is known of the training itself.</summary>
    public TrainingFacts Facts { get; init; } = new();

    /// <summary>What was odd in the log and how it was read, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The log as it was at the end of an epoch, as a diagnosis during the training sees it.</summary>
    /// <param name="epoch">The last epoch that is kept.</param>
    /// <returns>The log without what came later; the same where nothing did.</returns>
    public TrainingLog UpTo(double epoch) => Epochs.Count == 0 || Epochs[^1].Epoch <= epoch
        ? this
        : this with
        {
            Epochs = [.. Epochs.Where(e => e.Epoch <= epoch)],
            Signals = [.. Signals.Where(s => s.Epoch <= epoch)],
            Facts = Facts with { Diverged = null, Running = true },
        };

    /// <summary>The log without signals and facts: what curves alone can tell. That the loss was no number any more stands in the curves.</summary>
    /// <returns>The log.</returns>
    public TrainingLog CurvesAlone() => this with { Signals = [], Facts = new TrainingFacts { Diverged = Facts.Diverged, Running = Facts.Running } };
}

/// <summary>One epoch of a log, or one evaluation of a log by steps; NaN where it says nothing.</summary>
/// <param name="Epoch">The epoch, from 1; a fraction where a log is by steps.</param>
/// <param name="LearningRate">The rate at its end.</param>
/// <param name="TrainLoss">Mean training loss, on the log's own scale.</param>
/// <param name="TrainAccuracy">Training accuracy, a fraction.</param>
/// <param name="ValLoss">Validation loss.</param>
/// <param name="ValAccuracy">Validation accuracy, a fraction.</param>
public sealed record EpochPoint(double Epoch, double LearningRate, double TrainLoss, double TrainAccuracy, double ValLoss, double ValAccuracy);

/// <summary>What is known of a training beside its log; null where nothing says it.</summary>
public sealed record TrainingFacts
{
    /// <summary>How many classes there are.</summary>
    public int? Classes { get; init; }

    /// <summary>Training images.</summary>
    public int? TrainImages { get; init; }

    /// <summary>Validation images by class.</summary>
    public IReadOnlyList<int>? ValidationImages { get; init; }

    /// <summary>Images of an optimiser step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Epochs that were planned.</summary>
    public int? PlannedEpochs { get; init; }

    /// <summary>Whether training images are augmented, or their labels mixed.</summary>
    public bool? Augments { get; init; }

    /// <summary>Whether what augments them also makes them much harder (crops of any size, erasing, colours, mixed images): training then stays below validation by itself.</summary>
    public bool? AugmentsStrongly { get; init; }

    /// <summary>The largest probability of dropping something.</summary>
    public double? Dropout { get; init; }

    /// <summary>The learning rate that was set, before the schedule.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The weight decay.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>How much of a label is spread over all classes, 0 to 1: it raises the training loss and not the validation loss.</summary>
    public double? LabelSmoothing { get; init; }

    /// <summary>Why the training ended without a finite loss, or null when it didn't.</summary>
    public string? Diverged { get; init; }

    /// <summary>Whether it still runs: what has not come yet is not missing.</summary>
    public bool Running { get; init; }
}
