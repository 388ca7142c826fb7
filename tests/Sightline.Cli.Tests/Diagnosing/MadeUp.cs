using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>A training that learns its images by heart, with what a diagnosis might make of it.</summary>
internal static class MadeUp
{
    /// <summary>Training loss falls to nothing; validation loss turns at epoch 10.</summary>
    public static TrainingLog Log { get; } = new()
    {
        Source = "runs/made-up",
        Epochs = [.. Enumerable.Range(1, 30).Select(e => new EpochPoint(e, 0.1, 2 * Math.Exp(-e / 6.0), 1 - 0.9 * Math.Exp(-e / 6.0), 1 + Math.Pow((e - 10) / 15.0, 2), 0.5 - Math.Pow((e - 12) / 60.0, 2)))],
        Notes = ["Accuracies rise to 99: they are in percent, and are read as fractions."],
    };

    public static Finding Overfitting { get; } = new()
    {
        Code = "overfitting",
        Confidence = 0.93,
        FirstEpoch = 10,
        LastEpoch = 30,
        Evidence = "Validation loss is lowest at epoch 10 (1) and ends at 2.78, 178 % above; training loss ends at 0.013.",
        ShownBy = ShownBy.Loss,
        Remedies = [new Remedy("Augment more strongly; more labelled drives help most.", "augmentation.pad=4", "augmentation.horizontalFlip=0.5"), new Remedy("Stop where validation is best.", "training.earlyStoppingPatience=5")],
        Confirmation = "Validation loss falls further while training loss ends higher.",
    };

    public static Finding NoisyValidation { get; } = Overfitting with
    {
        Code = "noisy-validation",
        Confidence = 0.4,
        FirstEpoch = 25,
        LastEpoch = 25,
        ShownBy = ShownBy.GradientNorm,
        Remedies = [],
        FollowsFrom = "overfitting",
    };

    public static Assessment Sick { get; } = new(Verdict.Sick, [Overfitting, NoisyValidation], null);
}
