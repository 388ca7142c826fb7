using Sightline.Diagnosis;

namespace Sightline.Injuries;

/// <summary>How one fault was found, over the runs in which it counts.</summary>
/// <param name="Code">The fault.</param>
/// <param name="Some">Runs that are called sick.</param>
/// <param name="Anywhere">Runs with the right code among the findings.</param>
/// <param name="First">Runs with the right code first.</param>
/// <param name="NotEnough">Runs for which the evidence was said not to suffice.</param>
/// <param name="Harmless">Runs that were not worse than their twins; of these, those called sick.</param>
/// <param name="Unknown">Runs whose twins are missing.</param>
/// <param name="Epoch">Median epoch in which a watch names the right code first, over the runs in which it does; NaN where none does.</param>
public sealed record FaultScore(string Code, Rate Some, Rate Anywhere, Rate First, Rate NotEnough, Rate Harmless, int Unknown, double Epoch)
{
    /// <summary>Puts the runs of a fault together.</summary>
    /// <param name="code">The fault.</param>
    /// <param name="runs">All runs that have it alone.</param>
    /// <returns>The score.</returns>
    public static FaultScore Of(string code, IReadOnlyCollection<DiagnosedRun> runs)
    {
        DiagnosedRun[] counted = [.. runs.Where(r => r.Counts)], harmless = [.. runs.Where(r => r.Harm.Harm == Harm.None)];
        double[] epochs = [.. counted.Where(r => r.Detected is not null).Select(r => r.Detected!.Value)];
        return new FaultScore(code, Rate.Among(counted, r => r.IsSick), Rate.Among(counted, r => r.NamesRoot), Rate.Among(counted, r => r.First == r.Root),
            Rate.Among(counted, r => r.Assessment.Verdict == Verdict.NotEnoughEvidence), Rate.Among(harmless, r => r.IsSick),
            runs.Count - counted.Length - harmless.Length, epochs.Length > 0 ? new Series(epochs, epochs).Middle : double.NaN);
    }
}

/// <summary>How runs with two faults were read.</summary>
/// <param name="Some">Runs that are called sick.</param>
/// <param name="EitherFirst">Runs with one of the two first.</param>
/// <param name="RootFirst">Runs with the root first.</param>
/// <param name="Both">Runs with both among the findings.</param>
public sealed record TwoFaultScore(Rate Some, Rate EitherFirst, Rate RootFirst, Rate Both);

/// <summary>What diagnosing all runs of a half came to.</summary>
public sealed class DiagnosisScore
{
    /// <summary>Scores runs.</summary>
    /// <param name="runs">All runs of a half, diagnosed.</param>
    public DiagnosisScore(IReadOnlyCollection<DiagnosedRun> runs)
    {
        Runs = runs.Count;
        DiagnosedRun[] one = [.. runs.Where(r => r.Run.Injuries.Count == 1)], two = [.. runs.Where(r => r.Run.Injuries.Count > 1)], twoCounted = [.. two.Where(r => r.Counts)];
        Healthy = [.. runs.Where(r => r.IsHealthy && r.Harm.Harm == Harm.None)];
        Doubtful = [.. runs.Where(r => r.IsHealthy && r.Harm.Harm == Harm.Worse)];
        Counted = [.. one.Where(r => r.Counts)];
        Faults = [.. FindingCodes.All.Select(c => FaultScore.Of(c, [.. one.Where(r => r.Root == c)]))];
        Total = FaultScore.Of("all", one);
        Two = new TwoFaultScore(Rate.Among(twoCounted, r => r.IsSick), Rate.Among(twoCounted, r => r.Run.Injuries.Any(i => i.Code == r.First)),
            Rate.Among(twoCounted, r => r.First == r.Root), Rate.Among(twoCounted, r => r.IsSick && r.Run.Injuries.All(i => r.Assessment.Findings.Any(f => f.Code == i.Code))));
        TwoHarmless = two.Count(r => r.Harm.Harm == Harm.None);
        Unknown = runs.Count(r => r.Harm.Harm == Harm.Unknown);
        Confusion = [.. Counted.Select(r => (Row: r.Root!, Column: r.First)).Concat(Healthy.Select(r => (Row: DiagnosedRun.Healthy, Column: r.First)))
            .GroupBy(c => c).Select(g => (g.Key.Row, g.Key.Column, g.Count()))];
    }

    /// <summary>All runs.</summary>
    public int Runs { get; }

    /// <summary>Runs that could not be held against a twin.</summary>
    public int Unknown { get; }

    /// <summary>Runs with one fault that counts.</summary>
    public IReadOnlyList<DiagnosedRun> Counted { get; }

    /// <summary>Healthy runs.</summary>
    public IReadOnlyList<DiagnosedRun> Healthy { get; }

    /// <summary>Runs without a fault that came out worse than their twins all the same.</summary>
    public IReadOnlyList<DiagnosedRun> Doubtful { get; }

    /// <summary>Every fault, in the order of the documentation.</summary>
    public IReadOnlyList<FaultScore> Faults { get; }

    /// <summary>All faults together.</summary>
    public FaultScore Total { get; }

    /// <summary>Runs with two faults that count.</summary>
    public TwoFaultScore Two { get; }

    /// <summary>Runs with two faults that were not worse than their twins.</summary>
    public int TwoHarmless { get; }

    /// <summary>How often which row (a fault, or healthy) was given which column (a code, healthy, not enough evidence) first.</summary>
    public IReadOnlyList<(string Row, string Column, int Runs)> Confusion { get; }

    /// <summary>Healthy runs that are called sick.</summary>
    public Rate FalseAlarms => Rate.Among(Healthy, r => r.IsSick);

    /// <summary>Healthy runs that got a warning on the way.</summary>
    public Rate Warned => Rate.Among(Healthy, r => r.Warnings.Count > 0);

    /// <summary>Healthy runs that were warned of a code on the way.</summary>
    /// <param name="code">The code.</param>
    /// <returns>The rate.</returns>
    public Rate WarnedOf(string code) => Rate.Among(Healthy, r => r.Warnings.Any(w => w.Code == code));

    /// <summary>Healthy runs that are called sick with a code first.</summary>
    /// <param name="code">The code.</param>
    /// <returns>The rate.</returns>
    public Rate FalseAlarmsOf(string code) => Rate.Among(Healthy, r => r.First == code);

    /// <summary>How often a code is right when it stands first, over counted faults and healthy runs.</summary>
    /// <param name="code">The code.</param>
    /// <returns>The rate.</returns>
    public Rate Precision(string code) => new(Confusion.Where(c => c.Column == code && c.Row == code).Sum(c => c.Runs), Confusion.Where(c => c.Column == code).Sum(c => c.Runs));

    /// <summary>
    /// The mean of two F1 scores, of runs that overfit and of those that don't, over healthy and overfitting runs: what
    /// published rules for overfitting are measured by.
    /// </summary>
    public double OverfittingMacroF1
    {
        get
        {
            const string code = "overfitting";
            int right = Counted.Count(r => r.Root == code && r.First == code), missed = Counted.Count(r => r.Root == code && r.First != code);
            int wrong = Healthy.Count(r => r.First == code), quiet = Healthy.Count - wrong;
            return (F1(right, wrong, missed) + F1(quiet, missed, wrong)) / 2;
            static double F1(int hits, int wrongly, int missed) => hits == 0 ? 0 : 2.0 * hits / (2 * hits + wrongly + missed);
        }
    }
}
