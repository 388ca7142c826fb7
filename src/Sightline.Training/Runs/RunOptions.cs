using Sightline.Diagnosis;
using Sightline.Training.Loop;
using Sightline.Training.Recipes;
using Sightline.Training.Reporting;

namespace Sightline.Training.Runs;

/// <summary>What surrounds a training and does not change its numbers.</summary>
public sealed record RunOptions
{
    /// <summary>Stop after this epoch (from 1), to be resumed later; null goes to the end.</summary>
    public int? UntilEpoch { get; init; }

    /// <summary>Stop after the epoch in which a diagnosis of the curves becomes clear, to be resumed later.</summary>
    public bool StopWhenSick { get; init; }

    /// <summary>What reads the curves; tests put another here.</summary>
    internal Func<TrainingLog, Assessment> Judge { get; init; } = Diagnostician.Assess;

    /// <summary>Told after each step.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Told what each optimiser step saw, with its number from 1; by the token it can then end the training there.</summary>
    public Action<long, StepResult>? Stepped { get; init; }

    /// <summary>Told what happened, one line at a time.</summary>
    public Action<string>? Say { get; init; }

    /// <summary>Opens the weights of <c>pretrained: imagenet</c>; null when this program has none.</summary>
    public Func<PretrainedSource>? Imagenet { get; init; }

    /// <summary>Where the recipe was read from; its folder serves relative data paths and its git commit is recorded.</summary>
    public string? RecipePath { get; init; }
}

/// <summary>How a training ended.</summary>
public enum RunEnd
{
    /// <summary>All epochs, or early stopping.</summary>
    Finished,

    /// <summary>It was asked to stop after an epoch.</summary>
    Paused,

    /// <summary>It was interrupted; the step was finished and the state saved.</summary>
    Interrupted,

    /// <summary>Its curves showed that something is wrong, and it was asked to stop then; the state is saved.</summary>
    Sick,
}

/// <summary>What a training came to.</summary>
/// <param name="Folder">The run folder.</param>
/// <param name="End">How it ended.</param>
/// <param name="Epochs">Epochs completed.</param>
/// <param name="Steps">Optimiser steps taken.</param>
/// <param name="BestTop1">Best validation accuracy, a fraction; null without validation.</param>
/// <param name="BestEpoch">Its epoch, from 1.</param>
/// <param name="TestTop1">Accuracy on the test images, a fraction; null without them or before the end.</param>
/// <param name="WeightsHash">Hash of the final weights; null before the end.</param>
/// <param name="Seconds">Seconds this process spent.</param>
public sealed record RunSummary(string Folder, RunEnd End, int Epochs, long Steps, double? BestTop1, int? BestEpoch, double? TestTop1, string? WeightsHash, double Seconds)
{
    /// <summary>What its curves say, as far as it came; null before the first epoch.</summary>
    public ReportedDiagnosis? Diagnosis { get; init; }
}
