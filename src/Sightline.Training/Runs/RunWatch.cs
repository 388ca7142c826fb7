using Sightline.Diagnosis;
using Sightline.Metrics;
using Sightline.Training.Loop;
using Sightline.Training.Signals;

namespace Sightline.Training.Runs;

/// <summary>
/// Reads the curves of a run while it trains. The log is kept in memory, as <see cref="LogReader"/> would read it from the run's files, so
/// that an epoch costs no more the longer the run is; only the first epoch of this process is read from them, with all before.
/// </summary>
internal sealed class RunWatch(RunFolder folder, Func<TrainingLog, Assessment> judge, Action<string>? say)
{
    private readonly Watch watch = new(judge);
    private readonly List<(long Step, StepResult Result)> steps = [];
    private readonly List<EpochPoint> epochs = [];
    private readonly List<EpochSignals> signals = [];

    private bool isBlind;

    /// <summary>The log so far; null before the first epoch.</summary>
    public TrainingLog? Log { get; private set; }

    /// <summary>A measured step.</summary>
    public void Step(long step, StepResult result) => steps.Add((step, result));

    /// <summary>The end of an epoch whose rows are written: says what became clear with it, mostly nothing.</summary>
    /// <returns>Whether something did.</returns>
    public bool Epoch(EpochMetrics row, ProbeReading probe, LogitScore? validation)
    {
        if (isBlind)
            return false;
        try
        {
            Add(row, probe, validation);
        }
        catch (BadInputException exception)
        {
            // Somebody changed the files; that is no reason not to go on.
            isBlind = true;
            say?.Invoke($"The curves are not watched any more: {exception.Message}");
            return false;
        }
        IReadOnlyList<Finding> clear = watch.See(Log!);
        foreach (Finding finding in clear)
            say?.Invoke($"Warning after epoch {row.Epoch}: {DiagnosisText.Warning(finding)}");
        return clear.Count > 0;
    }

    private void Add(EpochMetrics row, ProbeReading probe, LogitScore? validation)
    {
        if (Log is null)
        {
            TrainingLog read = LogReader.Read(folder.Root);
            epochs.AddRange(read.Epochs);
            signals.AddRange(read.Signals);
            Log = read with { Epochs = epochs, Signals = signals };
            // A run that goes on remembers what it has warned of.
            if (epochs.Count > 1)
                watch.Follow(read.UpTo(epochs[^2].Epoch));
        }
        else
        {
            epochs.Add(new EpochPoint(row.Epoch, row.LearningRate, row.TrainLoss, row.TrainTop1, row.ValLoss, row.ValTop1));
            signals.Add(new MeasuredEpoch(row.Epoch, steps, probe, validation).Signals());
        }
        steps.Clear();
    }
}
