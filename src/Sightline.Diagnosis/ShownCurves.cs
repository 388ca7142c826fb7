namespace Sightline.Diagnosis;

/// <summary>The curves that show a finding, as terminals and pages draw them.</summary>
/// <param name="Of">What kind they are.</param>
/// <param name="Title">What they are of, in words.</param>
/// <param name="IsShare">Whether they are fractions, best read in percent.</param>
/// <param name="Curves">The curves that hold a value, the training's before the validation's; none where the log holds none at all.</param>
public sealed record ShownCurves(ShownBy Of, string Title, bool IsShare, IReadOnlyList<ShownCurve> Curves)
{
    /// <summary>Takes them from a log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="shownBy">Which; where the log has nothing of the kind, losses are shown, else accuracies.</param>
    /// <returns>The curves.</returns>
    public static ShownCurves In(TrainingLog log, ShownBy shownBy)
    {
        ArgumentNullException.ThrowIfNull(log);
        foreach (ShownBy kind in (ShownBy[])[shownBy, ShownBy.Loss, ShownBy.Accuracy])
        {
            if (Measured(log, kind) is { Curves.Count: > 0 } shown)
                return shown;
        }
        return Measured(log, ShownBy.LearningRate);
    }

    private static ShownCurves Measured(TrainingLog log, ShownBy kind) => kind switch
    {
        ShownBy.Loss => new(kind, "loss", false, Curve(log.Epochs, ("training", e => e.TrainLoss), ("validation", e => e.ValLoss))),
        ShownBy.Accuracy => new(kind, "accuracy", true, Curve(log.Epochs, ("training", e => e.TrainAccuracy), ("validation", e => e.ValAccuracy))),
        ShownBy.LearningRate => new(kind, "learning rate", false, Curve(log.Epochs, ("at the epoch's end", e => e.LearningRate))),
        ShownBy.GradientNorm => new(kind, "gradient norm", false, Curve(log.Signals, ("all weights", s => s.Steps.GradientNorm), ("highest step", s => s.Steps.HighestGradientNorm), ("first block", s => s.Blocks.Count > 0 ? s.Blocks[0].GradientNorm : double.NaN))),
        ShownBy.Probe => new(kind, "loss of the probe", false, Curve(log.Signals, ("running statistics", s => s.ProbeLoss), ("its own", s => s.ProbeBatchLoss))),
        ShownBy.DeadUnits => new(kind, "share of dead units", true, Curve(log.Signals, ("worst block", s => OfBlocks(s, b => b.DeadShare, Enumerable.Max)), ("mean of blocks", s => OfBlocks(s, b => b.DeadShare, Enumerable.Average)))),
        ShownBy.UpdateRatio => new(kind, "updates by weights", false, Curve(log.Signals, ("largest block", s => OfBlocks(s, b => b.UpdateRatio, Enumerable.Max)), ("smallest block", s => OfBlocks(s, b => b.UpdateRatio, Enumerable.Min)))),
        ShownBy.WeightNorm => new(kind, "weight norm", false, Curve(log.Signals, ("all weights", s => s.Steps.WeightNorm))),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "These curves are not known."),
    };

    private static double OfBlocks(EpochSignals signals, Func<BlockSignals, double> value, Func<IEnumerable<double>, double> of)
    {
        double[] known = [.. signals.Blocks.Select(value).Where(double.IsFinite)];
        return known.Length > 0 ? of(known) : double.NaN;
    }

    private static ShownCurve[] Curve(IReadOnlyList<EpochPoint> epochs, params (string Name, Func<EpochPoint, double> Value)[] curves) => Curve(epochs, e => e.Epoch, curves);

    private static ShownCurve[] Curve(IReadOnlyList<EpochSignals> epochs, params (string Name, Func<EpochSignals, double> Value)[] curves) => Curve(epochs, e => e.Epoch, curves);

    private static ShownCurve[] Curve<T>(IReadOnlyList<T> epochs, Func<T, double> epoch, (string Name, Func<T, double> Value)[] curves) =>
        [.. curves.Select(c => new ShownCurve(c.Name, [.. epochs.Select(e => (epoch(e), c.Value(e)))])).Where(c => c.Points.Any(p => double.IsFinite(p.Value)))];
}

/// <summary>One curve over epochs.</summary>
/// <param name="Name">What it is called in a legend.</param>
/// <param name="Points">Epochs and values; a value that is no finite number leaves a gap.</param>
public sealed record ShownCurve(string Name, IReadOnlyList<(double Epoch, double Value)> Points);
