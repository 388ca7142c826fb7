namespace Sightline.Training.Loop;

/// <summary>The loss, a gradient or a weight is no longer a finite number: the training stops, the last good checkpoint is kept.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="reason">What was seen and where, e.g. <c>at step 12, the loss is NaN</c>.</param>
    /// <param name="advice">What to do, in sentences.</param>
    public TrainingDivergedException(string reason, string advice)
        : base($"Training diverged: {reason}. {advice}") => Reason = reason;

    /// <summary>What was seen and where, without the advice.</summary>
    public string Reason { get; }
}
