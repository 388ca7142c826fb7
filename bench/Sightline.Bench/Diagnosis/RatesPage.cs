using System.Globalization;
using System.Text;
using Sightline.Diagnosis;
using Sightline.Metrics;

namespace Sightline.Bench.Diagnosis;

/// <summary>Writes <c>docs/diagnosis-rates.md</c>: how often the diagnosis is right, on runs that its rules were not written on.</summary>
internal static class RatesPage
{
    private const string Bench = "dotnet run -c Release --project bench/Sightline.Bench -- diagnosis";
    private const double SomeAsked = 0.95, FirstAsked = 0.8, AlarmsAsked = 0.02;

    /// <summary>Where it lies.</summary>
    public static string Path { get; } = System.IO.Path.Combine(Timings.Root, "docs", "diagnosis-rates.md");

    /// <summary>The page.</summary>
    /// <param name="runs">The runs of the scored half.</param>
    /// <param name="planned">How many are planned.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="known">Scores of the half on which rules were written; null where it has no runs.</param>
    /// <param name="planted">A case for each code.</param>
    /// <returns>Markdown.</returns>
    public static string Of(IReadOnlyList<StoredRun> runs, int planned, MethodScores scores, MethodScores? known, IReadOnlyList<PlantedCase> planted)
    {
        var page = new StringBuilder();
        void Say(string text) => page.Append(text).Append("\n\n");
        void Table(TextTable table) => page.Append(table.Markdown()).Append('\n');
        DiagnosisScore score = scores.Signals;

        Say("# How often `sightline diagnose` is right");
        Say($"Small trainings were injured on purpose, one fault at a time, and diagnosed from what their logs hold. This page is written by `{Bench} score unseen --write-docs` out of stored runs, without training any.");

        Say("## What was trained");
        Say(Trained(runs, planned));
        Say($"A fault counts only where it did harm: the run came out worse than its healthy twin, the same training without the fault, by more than twice the deviation over the twins' seeds, in accuracy or loss on test images that no rule sees. "
            + "A run that diverged always counts. `leak`, `validation-above-training` and `noisy-validation` do harm where the validation misleads: it ends farther from the test than the twin's, by the same measure. "
            + "A healthy run is *doubtful* when it came out worse than its twin by that measure, fewer images or epochs for one; false alarms are counted over the others.");
        Say($"{score.Healthy.Count} healthy runs and {score.Doubtful.Count} doubtful ones; {score.Counted.Count} runs with one fault that counts, {score.Total.Harmless.Of} with a harmless one; "
            + $"{score.Two.Some.Of} with two faults that count, {score.TwoHarmless} with two harmless ones{(score.Unknown > 0 ? $"; {score.Unknown} whose twins are missing" : "")}.");
        Say("Percentages stand with their Wilson intervals at 95 %. *Curves and signals* is what a run folder of ours holds; *curves alone* is losses, accuracies and learning rate, as other tools log them. "
            + "A code counts as found only when the training is called sick; \"not enough evidence\" is an answer too, and a miss.");

        Say("## All faults together");
        Table(ComparedTables.Methods(scores));
        Say(Asked(score));
        Say("*Textbook rules*, the first that holds: no finite loss → `diverged`; smoothed validation loss ends 3.7 % above its minimum, or training accuracy more than 0.15 above validation accuracy → `overfitting`; "
            + "training loss ends above its first value → `learning-rate-too-high`; it fell by less than a tenth → `learning-rate-too-low`; validation accuracy more than 0.05 above training accuracy → `validation-above-training`; "
            + "one class takes more than 90 % of the predictions → `class-collapse`; else healthy. The last row is the first half of the second rule alone, which reaches F1 0.97 on a published set of overfitting curves. "
            + "Macro-F1 is over the runs that overfit and the healthy ones.");
        if (known is not null)
            Say(Known(known));

        Say("## Fault by fault");
        Table(ComparedTables.Recall(scores));
        Table(ComparedTables.Details(scores));
        Say("The first warning is that of the watch on a running training, over the runs in which it names the right code; a training that diverged is told when it ends. " + Watched(scores));
        foreach (string sentence in Short(scores))
            Say(sentence);

        Say("## What a code is worth");
        Say("How often a code is right when it stands first, over faults that count and healthy runs; how often a healthy run gets it at its end, and as a warning on the way.");
        Table(ComparedTables.Trust(scores));

        Say("## What is taken for what");
        Say("Rows are what was done, columns what was said first, numbered as the rows; curves and signals, then curves alone.");
        Table(ScoreTables.Confusion(score));
        Table(ScoreTables.Confusion(scores.Curves));

        Say("## Apart from these");
        foreach ((string name, DiagnosisScore s) in scores.Named.Take(2))
        {
            Say($"{Upper(name)}: of two faults at once, some finding in {s.Two.Some}, one of the two first in {s.Two.EitherFirst}, the root first in {s.Two.RootFirst}, both found in {s.Two.Both}. "
                + $"Harmless faults called sick: {Of(s.Total.Harmless)}. Doubtful healthy runs called sick: {Of(Rate.Among(s.Doubtful, r => r.IsSick))}. "
                + $"Healthy runs with not enough evidence: {Of(Rate.Among(s.Healthy, r => r.First == DiagnosedRun.NotEnoughEvidence))}.");
        }

        Say("## A planted case for each code");
        Say($"Each command trains one run again, in seconds; `{Bench} score known --list ID` then shows it beside its twin. Runs on `footage` need no data: their images are rendered.");
        Table(new TextTable(["code", "command", "what is said first", "with"], [.. planted.Select(p => (IReadOnlyList<string>)[
            $"`{p.Code}`", p.Id is null ? "none has run" : $"`{Bench} run --again --only {p.Id}`", p.Said.Length > 0 ? $"`{p.Said}`" : "–", p.Evidence.Replace("|", "\\|", StringComparison.Ordinal)])]));

        Say("## Published figures, for orientation");
        Say("On other data each, so that none compares with a number above: DEFault detects about 94 % of 52 real faulty programs and names the cause in 63.5 %; DeepFD names it in 52 %; "
            + "AutoTrainer claims 100 % on its own symptoms, yet calls runs at 50.00 % of two classes normal; NeuraLint's static rules have a recall of 70.5 % at a precision of 100 %.");

        Say("## Run it again");
        Table(new TextTable(["command", "what it does"],
        [
            [$"`{Bench} run`", "trains every run that is not there yet; `--part I/N` for several processes at once"],
            [$"`{Bench} collect`", "compresses them into `bench/diagnosis`"],
            [$"`{Bench} score unseen --write-docs`", "writes this page"],
            [$"`{Bench} score known --wrong`", "lists what is wrong on the half that rules are written on"],
        ]));
        return page.ToString().TrimEnd() + "\n";
    }

    private static string Trained(IReadOnlyList<StoredRun> runs, int planned)
    {
        string Listed(Func<StoredRun, string> what) => string.Join(", ", runs.Select(what).Distinct().Order(StringComparer.Ordinal));
        string number = runs.Count == planned ? $"{runs.Count} runs" : $"{runs.Count} of {planned} planned runs";
        return $"{number} of the half that was not looked at while rules were written: networks {Listed(r => r.Training.Network.Kind.ToString().ToLowerInvariant())}; images of 16 × 16 pixels from {Listed(r => r.Training.Data)}; "
            + $"{runs.Select(r => r.Training.Seed).Distinct().Count()} seeds. Each fault comes in three strengths. A healthy training takes 1,500 images and 30 epochs; healthy ones differ in schedule, optimiser, regulariser, size and length.";
    }

    private static string Asked(DiagnosisScore score) =>
        $"Asked were a finding in at least 95 % of the counted faults ({Met(score.Total.Some.Share >= SomeAsked)}), the right code first in at least 80 % ({Met(score.Total.First.Share >= FirstAsked)}) "
        + $"and alarms at no more than 2 % of the healthy runs ({Met(score.FalseAlarms.Share <= AlarmsAsked)}).";

    private static string Met(bool met) => met ? "met" : "missed";

    private static string Known(MethodScores known) =>
        $"On the half that rules were written on ({known.Signals.Counted.Count} counted faults, {known.Signals.Healthy.Count} healthy runs): some finding in {known.Signals.Total.Some}, "
        + $"the right code first in {known.Signals.Total.First}, alarms at {known.Signals.FalseAlarms}; by curves alone {known.Curves.Total.Some}, {known.Curves.Total.First} and {known.Curves.FalseAlarms}.";

    private static string Watched(MethodScores scores) =>
        $"It warned in {Of(scores.Signals.Warned)} healthy trainings, in {Of(scores.Curves.Warned)} by curves alone.";

    // What is found less often than was asked, with what it is taken for; and what curves alone can't tell.
    private static IEnumerable<string> Short(MethodScores scores)
    {
        FaultScore[] missed = [.. scores.Signals.Faults.Where(f => f.Some.Of > 0 && (f.Some.Share < SomeAsked || f.First.Share < FirstAsked))];
        if (missed.Length > 0)
            yield return "Found less often than asked: " + string.Join("; ", missed.Select(f => $"`{f.Code}`: some finding {Percent(f.Some)}, right code first {Percent(f.First)}{Instead(scores.Signals, f.Code)}")) + ".";
        (FaultScore Signals, FaultScore Curves)[] blind = [.. scores.Signals.Faults.Zip(scores.Curves.Faults).Where(f => f.First.First.Range is Interval s && f.Second.First.Range is Interval c && c.High < s.Low)];
        if (blind.Length > 0)
            yield return "Not told from curves alone as it is with signals: " + string.Join("; ", blind.Select(f => $"`{f.Signals.Code}`: right code first {Percent(f.Curves.First)} against {Percent(f.Signals.First)}, shown by {ComparedTables.ShownBy(scores.Signals, f.Signals.Code)}")) + ".";
    }

    private static string Instead(DiagnosisScore score, string code)
    {
        (string _, string column, int runs) = score.Confusion.Where(c => c.Row == code && c.Column != code).OrderByDescending(c => c.Runs).ThenBy(c => c.Column, StringComparer.Ordinal).FirstOrDefault();
        return runs > 0 ? $", most often `{column}` instead ({runs})" : "";
    }

    private static string Percent(Rate rate) => string.Create(CultureInfo.InvariantCulture, $"{100 * rate.Share:0.0} %");

    private static string Of(Rate rate) => string.Create(CultureInfo.InvariantCulture, $"{rate.Hits} of {rate.Of}");

    private static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
