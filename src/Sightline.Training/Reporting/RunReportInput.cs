using Sightline.Diagnosis;
using Sightline.Imaging;
using Sightline.Metrics;

namespace Sightline.Training.Reporting;

/// <summary>What a report tells. All text may hold anything: it is escaped.</summary>
public sealed record RunReportInput
{
    /// <summary>The heading, e.g. the run's name.</summary>
    public required string Title { get; init; }

    /// <summary>One line below it, e.g. <c>resnet20 · CIFAR-10 · 30 epochs · seed 1</c>.</summary>
    public string? Subtitle { get; init; }

    /// <summary>The epochs so far, oldest first; may be empty.</summary>
    public required IReadOnlyList<ReportedEpoch> Epochs { get; init; }

    /// <summary>What the curves say, when they were read.</summary>
    public ReportedDiagnosis? Diagnosis { get; init; }

    /// <summary>The evaluation, when there is one.</summary>
    public ClassificationReport? Evaluation { get; init; }

    /// <summary>What was evaluated on what, e.g. <c>best checkpoint (EMA, epoch 12) on the 1,200 images of split val</c>.</summary>
    public string? EvaluatedOn { get; init; }

    /// <summary>Wrong decisions to show as pictures, in the order to show them.</summary>
    public IReadOnlyList<ReportedMistake> WorstMistakes { get; init; } = [];

    /// <summary>The resolved recipe, as YAML.</summary>
    public required string RecipeText { get; init; }

    /// <summary>Versions, machine, seed, fingerprints: JSON or plain text.</summary>
    public required string EnvironmentText { get; init; }
}

/// <summary>What the curves of a run say.</summary>
/// <param name="Log">The run's log.</param>
/// <param name="Assessment">What was made of it.</param>
public sealed record ReportedDiagnosis(TrainingLog Log, Assessment Assessment);

/// <summary>One epoch of the curves; what was not measured is NaN.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="LearningRate">The rate of its last step.</param>
/// <param name="TrainLoss">Mean training loss.</param>
/// <param name="TrainTop1">Training accuracy, a fraction.</param>
/// <param name="ValLoss">Validation loss.</param>
/// <param name="ValTop1">Validation accuracy, a fraction.</param>
/// <param name="GradientNorm">Mean norm of the gradients.</param>
/// <param name="Seconds">How long it took, in seconds.</param>
/// <param name="SamplesPerSecond">Training images per second.</param>
public sealed record ReportedEpoch(
    int Epoch, double LearningRate, double TrainLoss, double TrainTop1, double ValLoss, double ValTop1, double GradientNorm, double Seconds, double SamplesPerSecond);

/// <summary>A wrong decision as a picture.</summary>
/// <param name="Name">The image's name in its set.</param>
/// <param name="Label">The true class's name.</param>
/// <param name="Predicted">The predicted class's name.</param>
/// <param name="Confidence">The probability given to the prediction.</param>
/// <param name="LabelProbability">The probability given to the true class.</param>
/// <param name="Picture">The picture as a JPEG or PNG file's bytes.</param>
public sealed record ReportedMistake(string Name, string Label, string Predicted, double Confidence, double LabelProbability, byte[] Picture)
{
    private const int LargestSide = 320;

    /// <summary>The picture for an image: a JPEG whose longer side is at most 320 pixels, so that a report of photos can still be mailed.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] PictureOf(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        double scale = Math.Min(1, (double)LargestSide / Math.Max(image.Width, image.Height));
        return ImageCodec.EncodeJpeg(Resize.To(image, Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale))));
    }
}
