namespace Sightline.Training.Loop;

/// <summary>The loss, a gradient or a weight is no longer a finite number: the training stops, the last good checkpoint is kept.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was seen, where, and what to do.</param>
    public TrainingDivergedException(string message)
        : base(message)
    {
    }
}
