namespace Sightline.Training.Sweeping;

/// <summary>Says whose progress it is.</summary>
/// <param name="inner">Who is told.</param>
/// <param name="trial">The trial.</param>
internal sealed class TrialProgress(IProgress<WorkProgress> inner, Trial trial) : IProgress<WorkProgress>
{
    /// <inheritdoc/>
    public void Report(WorkProgress value) => inner.Report(value with { Stage = $"{trial.Name}  {value.Stage}" });
}
