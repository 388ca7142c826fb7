using System.Globalization;
using Sightline.Diagnosis;
using Sightline.Injuries;
using Sightline.Labs.Injured;
using Sightline.Torch;

namespace Sightline.Labs;

/// <summary>
/// Question 1: for each fault a small training that has it, what <c>sightline diagnose</c> says of it, and the same training with its first
/// remedy; and how often the diagnosis was right on all stored runs of the half that its rules were not written on.
/// </summary>
public sealed class CurvesLab : Lab
{
    private const int Severity = 2;
    private const string Rates = "rates", Half = "unseen", Set = "footage";

    /// <inheritdoc/>
    public override string Name => "curves";

    /// <inheritdoc/>
    public override int Question => 1;

    /// <inheritdoc/>
    public override string Title => "Trainings with one fault each, their diagnosis, and the same trainings cured; error rates on stored runs.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 20;

    /// <inheritdoc/>
    public override string Headline => "injuredTop1";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell> { new(Rates, 1, 0.5, new Dictionary<string, string> { ["runs"] = $"bench/diagnosis/{Half}.jsonl.br" }, Score) };
        for (ulong seed = 1; seed <= 3; seed++)
        {
            foreach (Fault fault in Enum.GetValues<Fault>())
                cells.Add(Cured(new Injury(fault, Severity), seed));
        }
        return cells;
    }

    private static LabCell Cured(Injury injury, ulong seed)
    {
        InjuredTraining healthy = InjuryPlan.Healthy(Kind(injury.Fault), Set, seed);
        var setting = new Dictionary<string, string>
        {
            ["network"] = healthy.Network.Kind.ToString().ToLowerInvariant(),
            ["images"] = $"{Set}, {healthy.TrainImages.ToString(CultureInfo.InvariantCulture)} of 16×16",
            ["fault"] = injury.Code,
            ["severity"] = $"{Severity} of 3",
        };
        return new LabCell(injury.Code, seed, 0.2, setting, context => Train(injury, healthy, context));
    }

    // Some faults need a network with BatchNorm, some one without.
    private static SmallKind Kind(Fault fault) => fault switch
    {
        Fault.BatchnormGap => SmallKind.ConvNorm,
        Fault.ExplodingGradients => SmallKind.Mlp,
        _ => SmallKind.Conv,
    };

    private static LabOutcome Train(Injury injury, InjuredTraining healthy, LabContext context)
    {
        Allocator.Configure();
        Nnpack.Disable();
        ImagePool pool = ImagePool.Open(Set, context.Quick);
        StoredRun Run(InjuredTraining training)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (context.Quick)
                training = training with { Epochs = 3, StopAfter = 0, TrainImages = Math.Min(96, training.TrainImages), ValidationImages = Math.Min(40, training.ValidationImages) };
            var planned = new PlannedRun(injury.Code, false, [injury], training);
            // As it would be stored: with the digits that are kept and the facts that a log holds.
            return StoredRun.Parse(new SmallTraining(training, DrawnImages.Of(pool, training)).Run().Stored(planned).Line(0));
        }
        InjuredTraining sick = injury.Apply(healthy), remedied = Cure.Apply(injury.Fault, sick, healthy);
        StoredRun well = Run(healthy), injured = Run(sick), cured = Run(remedied);
        Assessment before = Diagnostician.Assess(injured.Log), after = Diagnostician.Assess(cured.Log);
        Finding? first = before.Findings.Count > 0 ? before.Findings[0] : null;
        var metrics = new Dictionary<string, double>
        {
            ["healthyTop1"] = Top1(well),
            ["injuredTop1"] = Top1(injured),
            ["curedTop1"] = Top1(cured),
            ["injuredValTop1"] = LastOf(injured, e => e.ValAccuracy),
            ["curedValTop1"] = LastOf(cured, e => e.ValAccuracy),
            ["namedShare"] = before.Verdict == Verdict.Sick && first!.Code == injury.Code ? 1 : 0,
            ["curedSickShare"] = after.Verdict == Verdict.Sick ? 1 : 0,
        };
        var curves = new Dictionary<string, IReadOnlyList<double>>
        {
            ["trainTop1"] = Of(injured, e => e.TrainAccuracy),
            ["valTop1"] = Of(injured, e => e.ValAccuracy),
            ["trainLoss"] = Of(injured, e => e.TrainLoss),
            ["valLoss"] = Of(injured, e => e.ValLoss),
            ["healthyValTop1"] = Of(well, e => e.ValAccuracy),
            ["curedValTop1"] = Of(cured, e => e.ValAccuracy),
            ["mark"] = first is null ? [] : [first.FirstEpoch, first.LastEpoch],
        };
        return new LabOutcome(metrics, curves, "float32");
    }

    private static LabOutcome Score(LabContext context)
    {
        IReadOnlyList<StoredRun> runs = new RunStore(StoreFolder()).All(Half);
        if (runs.Count == 0)
            throw new BadInputException("no-stored-runs", $"There are no stored runs of the half '{Half}'.", Path.Combine("bench", "diagnosis"), fix: "Run it in a checkout.");
        MethodScores scores = MethodScores.Of(context.Quick ? [.. runs.Take(60)] : runs, watched: false);
        var metrics = new Dictionary<string, double>
        {
            ["runs"] = runs.Count,
            ["healthyRuns"] = scores.Signals.Healthy.Count,
            ["countedFaults"] = scores.Signals.Counted.Count,
            ["someShare"] = Known(scores.Signals.Total.Some),
            ["firstShare"] = Known(scores.Signals.Total.First),
            ["alarmShare"] = Known(scores.Signals.FalseAlarms),
            ["curvesSomeShare"] = Known(scores.Curves.Total.Some),
            ["curvesFirstShare"] = Known(scores.Curves.Total.First),
            ["curvesAlarmShare"] = Known(scores.Curves.FalseAlarms),
            ["textbookSomeShare"] = Known(scores.Textbook.Total.Some),
            ["textbookFirstShare"] = Known(scores.Textbook.Total.First),
            ["textbookAlarmShare"] = Known(scores.Textbook.FalseAlarms),
        };
        return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>>(), "float64");
    }

    private static double Known(Rate rate) => rate.Of > 0 ? rate.Share : 0;

    // A network whose loss was no number is no network: 0.
    private static double Top1(StoredRun run) => run.Diverged || run.Tests.Count == 0 ? 0 : run.Tests[^1].Top1;

    private static double LastOf(StoredRun run, Func<EpochPoint, double> value) => run.Log.Epochs.Count == 0 ? 0 : value(run.Log.Epochs[^1]);

    private static double[] Of(StoredRun run, Func<EpochPoint, double> value) => [.. run.Log.Epochs.Select(value).Where(double.IsFinite)];

    private static string StoreFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string here = Path.Combine(folder.FullName, "bench", "diagnosis");
            if (Directory.Exists(here))
                return here;
        }
        return Path.Combine("bench", "diagnosis");
    }
}
