namespace Sightline.Training.Loop;

/// <summary>How far an epoch has come, and its sums so far; saved in the middle of an epoch too.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="NextBatch">The loader's next batch in it.</param>
/// <param name="LossSum">Sum of the losses of its images.</param>
/// <param name="Correct">Its correct images.</param>
/// <param name="Images">Its images seen.</param>
/// <param name="NormSum">Sum of the measured gradient norms.</param>
/// <param name="NormCount">How many were measured.</param>
/// <param name="Seconds">Seconds spent on its steps.</param>
public sealed record EpochProgress(int Epoch, int NextBatch, double LossSum, long Correct, long Images, double NormSum, int NormCount, double Seconds)
{
    /// <summary>The beginning of an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <returns>Empty sums.</returns>
    public static EpochProgress Start(int epoch) => new(epoch, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Mean training loss.</summary>
    public double Loss => LossSum / Images;

    /// <summary>Training accuracy over the epoch, as the weights were moving.</summary>
    public double Top1 => (double)Correct / Images;

    /// <summary>Mean of the measured gradient norms; NaN without any.</summary>
    public double GradientNorm => NormSum / NormCount;

    /// <summary>Adds a step.</summary>
    /// <param name="step">What it saw.</param>
    /// <param name="batches">How many batches it took.</param>
    /// <param name="seconds">How long it took.</param>
    /// <returns>The sums with it.</returns>
    public EpochProgress With(StepResult step, int batches, double seconds) => this with
    {
        NextBatch = NextBatch + batches,
        LossSum = LossSum + step.Loss * step.Images,
        Correct = Correct + step.Correct,
        Images = Images + step.Images,
        NormSum = NormSum + (step.GradientNorm ?? 0),
        NormCount = NormCount + (step.GradientNorm is null ? 0 : 1),
        Seconds = Seconds + seconds,
    };
}
