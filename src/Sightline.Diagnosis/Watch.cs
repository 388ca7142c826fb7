namespace Sightline.Diagnosis;

/// <summary>Looks at a training while it runs, after each epoch, and speaks up when something is clear: found with high confidence in several
/// epochs running, so that one odd epoch alarms nobody. Each code is told once.</summary>
public sealed class Watch
{
    /// <summary>How sure a finding must be.</summary>
    public const double Confidence = 0.8;

    /// <summary>In how many epochs one after the other.</summary>
    public const int Epochs = 2;

    /// <summary>How many epochs of a log are followed at most: each is judged with all before it.</summary>
    public const int FollowedEpochs = 500;

    private readonly Func<TrainingLog, Assessment> judge;
    private readonly Dictionary<string, int> running = [];
    private readonly HashSet<string> told = [];

    /// <summary>Begins to watch.</summary>
    /// <param name="judge">What reads the log; the <see cref="Diagnostician"/> unless another is given.</param>
    public Watch(Func<TrainingLog, Assessment>? judge = null) => this.judge = judge ?? Diagnostician.Assess;

    /// <summary>Judges a log epoch by epoch, as if it were being written: at the end of an epoch nobody knows yet how it will end.</summary>
    /// <param name="log">The log.</param>
    /// <returns>What became clear, with the epoch at whose end it did; of a long log only within its last <see cref="FollowedEpochs"/> epochs.</returns>
    public IReadOnlyList<(double Epoch, Finding Finding)> Follow(TrainingLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var clear = new List<(double, Finding)>();
        foreach (EpochPoint point in log.Epochs.Skip(log.Epochs.Count - FollowedEpochs))
            clear.AddRange(See(log.UpTo(point.Epoch) with { Facts = log.Facts with { Diverged = null } }).Select(f => (point.Epoch, f)));
        return clear;
    }

    /// <summary>Judges the log after one more epoch.</summary>
    /// <param name="log">The log so far.</param>
    /// <returns>The findings that became clear with this epoch, the root cause first; mostly none.</returns>
    public IReadOnlyList<Finding> See(TrainingLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        Finding[] sure = [.. judge(log with { Facts = log.Facts with { Running = true } }).Findings.Where(f => f.Confidence >= Confidence && f.FollowsFrom is null)];
        foreach (string code in running.Keys.Where(c => !Array.Exists(sure, f => f.Code == c)).ToArray())
            running.Remove(code);
        foreach (Finding finding in sure)
            running[finding.Code] = running.GetValueOrDefault(finding.Code) + 1;
        return [.. sure.Where(f => running[f.Code] >= Epochs && told.Add(f.Code))];
    }
}
