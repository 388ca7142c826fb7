namespace Sightline.Injuries;

/// <summary>Whether a run came out worse than its healthy twin.</summary>
public enum Harm
{
    /// <summary>By more than twice the seeds' deviation.</summary>
    Worse,

    /// <summary>Not by that much.</summary>
    None,

    /// <summary>Its twin has not run yet, or too few seeds have.</summary>
    Unknown,
}

/// <summary>What a run came to beside its twin.</summary>
/// <param name="Harm">Whether that is worse.</param>
/// <param name="Deviations">By how many of the seeds' deviations, in accuracy or loss, whichever is more.</param>
/// <param name="Accuracy">The run's and the twin's accuracy on the test images, or how far the one on validation images is off it.</param>
/// <param name="Loss">The losses likewise.</param>
public sealed record HarmReading(Harm Harm, double Deviations, (double Run, double Twin) Accuracy, (double Run, double Twin) Loss);

/// <summary>
/// Holds runs against their healthy twins: the same network, data and seed, without the fault. Worse means worse on the test images at the
/// end; of faults of the validation itself, that it misleads, which is how far it is from the test. Deviations are those over the seeds of
/// the twins of one network and set.
/// </summary>
public sealed class HarmMeasure
{
    private const double Deviations = 2;
    private const int FewestSeeds = 2;

    private static readonly string[] Misleading = ["leak", "validation-above-training", "noisy-validation"];

    private readonly Dictionary<string, StoredRun> twins;

    /// <summary>Takes the twins among runs; one that diverged is no yardstick.</summary>
    /// <param name="runs">All runs of a half.</param>
    public HarmMeasure(IEnumerable<StoredRun> runs) => twins = runs.Where(r => r.Id == r.Twin && !r.Diverged && r.Tests.Count > 0).ToDictionary(r => r.Id);

    /// <summary>Holds a run against its twin.</summary>
    /// <param name="run">The run.</param>
    /// <returns>What it came to.</returns>
    public HarmReading Of(StoredRun run)
    {
        bool misleading = run.Injuries.Count > 0 && Misleading.Contains(run.Injuries[0].Code);
        Func<StoredRun, double> accuracy = misleading ? r => AccuracyOff(r) : r => -LastTest(r).Top1, loss = misleading ? r => LossOff(r) : r => LastTest(r).Loss;
        if (!twins.TryGetValue(run.Twin, out StoredRun? twin))
            return new HarmReading(run.Diverged ? Harm.Worse : Harm.Unknown, double.NaN, (Shown(accuracy(run)), double.NaN), (Shown(loss(run)), double.NaN));
        double more = Math.Max(Excess(accuracy, run, twin), Excess(loss, run, twin));
        Harm harm = run.Diverged || more > Deviations ? Harm.Worse : double.IsNaN(more) ? Harm.Unknown : Harm.None;
        return new HarmReading(harm, more, (Shown(accuracy(run)), Shown(accuracy(twin))), (loss(run), loss(twin)));
        double Shown(double value) => misleading ? value : -value;
    }

    // What is no number was too large for one.
    private static double Excess(Func<StoredRun, double> value, StoredRun run, StoredRun twin, double deviation)
    {
        double own = value(run), more = (double.IsNaN(own) ? double.PositiveInfinity : own) - value(twin);
        return more == 0 ? 0 : more / deviation;
    }

    private double Excess(Func<StoredRun, double> value, StoredRun run, StoredRun twin) => Excess(value, run, twin, Deviation(value, twin));

    // Over the seeds of this network and set; pooled over the networks, then over all, while there are too few.
    private double Deviation(Func<StoredRun, double> value, StoredRun twin)
    {
        (SmallKind Kind, string Data) own = Group(twin);
        double[][] groups = [.. twins.Values.GroupBy(Group).Where(g => g.Count() >= FewestSeeds && g.Key == own).Select(Values)];
        if (groups.Length == 0)
            groups = [.. twins.Values.GroupBy(Group).Where(g => g.Count() >= FewestSeeds && g.Key.Data == own.Data).Select(Values)];
        if (groups.Length == 0)
            groups = [.. twins.Values.GroupBy(Group).Where(g => g.Count() >= FewestSeeds).Select(Values)];
        return groups.Length == 0 ? double.NaN : Math.Sqrt(groups.Average(Variance));

        double[] Values(IEnumerable<StoredRun> of) => [.. of.Select(value)];
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }

    private static (SmallKind Kind, string Data) Group(StoredRun run) => (run.Training.Network.Kind, run.Training.Data);

    private static TestPoint LastTest(StoredRun run) => run.Tests.Count > 0 ? run.Tests[^1] : new TestPoint(0, double.NaN, double.NaN);

    private static double AccuracyOff(StoredRun run) => run.Log.Epochs.Count > 0 ? Math.Abs(run.Log.Epochs[^1].ValAccuracy - LastTest(run).Top1) : double.NaN;

    private static double LossOff(StoredRun run) => run.Log.Epochs.Count > 0 ? Math.Abs(run.Log.Epochs[^1].ValLoss - LastTest(run).Loss) : double.NaN;
}
