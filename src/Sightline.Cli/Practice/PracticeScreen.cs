using System.Globalization;
using Sightline.Cli.Diagnosing;
using Sightline.Cli.Terminal;
using Sightline.Diagnosis;
using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary>A run as a question: what the reader of a log sees, further signals as hints, and the solution.</summary>
/// <param name="output">Where to.</param>
internal sealed class PracticeScreen(TextWriter output)
{
    private const int PlotHeight = 6, RateHeight = 3, CodeColumns = 3;

    // The same for every run, so that the choice of a hint gives nothing away.
    private static readonly ShownBy[] Signals = [ShownBy.GradientNorm, ShownBy.UpdateRatio, ShownBy.Probe, ShownBy.DeadUnits, ShownBy.WeightNorm];

    /// <summary>Shows a run without its verdict, and what can be answered.</summary>
    /// <param name="question">The run.</param>
    /// <param name="number">Its number in the paper, from 1.</param>
    /// <param name="of">How many the paper has.</param>
    public void Ask(PracticeQuestion question, int number, int of)
    {
        output.WriteLine(of == 1 ? "What is wrong with this training, if anything?" : $"{(number == 1 ? "" : "\n")}Run {number} of {of}");
        WrappedText.Write(output, Known(question.Log), "");
        foreach ((ShownBy kind, int height) in ((ShownBy, int)[])[(ShownBy.Loss, PlotHeight), (ShownBy.Accuracy, PlotHeight), (ShownBy.LearningRate, RateHeight)])
            Plot(question.Log, kind, Whole(question.Log), height);
        IReadOnlyList<string> codes = PracticeAnswer.Codes;
        int rows = (codes.Count + CodeColumns - 1) / CodeColumns, width = codes.Max(c => c.Length) + 2;
        for (int row = 0; row < rows; row++)
        {
            IEnumerable<string> cells = Enumerable.Range(0, CodeColumns).Select(column => column * rows + row).Where(i => i < codes.Count).Select(i => $"{i + 1,4} {codes[i].PadRight(width)}");
            output.WriteLine(string.Concat(cells).TrimEnd());
        }
    }

    /// <summary>Shows one more signal.</summary>
    /// <param name="question">The run.</param>
    /// <param name="before">How many hints were given.</param>
    /// <returns>Whether there was one more.</returns>
    public bool Hint(PracticeQuestion question, int before)
    {
        TrainingLog log = question.Log;
        ShownBy[] held = [.. Signals.Where(s => ShownCurves.In(log, s).Of == s)];
        string[] words = [.. ((string?[])[Predictions(log), Regularisers(log.Facts)]).OfType<string>()];
        if (before < held.Length)
            Plot(log, held[before], Whole(log), PlotHeight);
        else if (before - held.Length < words.Length)
            WrappedText.Write(output, words[before - held.Length], "  ");
        else
            output.WriteLine("  That is all there is of it.");
        return before < held.Length + words.Length;
    }

    /// <summary>Shows what it was, what the diagnosis and plain rules say, and the signal that tells it.</summary>
    /// <param name="answered">The answer.</param>
    public void Solve(PracticeAnswered answered)
    {
        PracticeQuestion question = answered.Question;
        Assessment assessment = question.Diagnosed.Assessment;
        string cause = question.Strength is int strength ? $"{question.Cause}, strength {strength} of 3" : question.Cause;
        output.WriteLine();
        output.WriteLine(answered.Said == question.Cause ? $"Right: {cause}." : $"No: it is {cause}; you said {answered.Said}.");
        WrappedText.WriteLabelled(output, "  run:       ", question.Diagnosed.Run.Id + Harm(question.Diagnosed));
        WrappedText.WriteLabelled(output, "  diagnose:  ", $"{Mark(question.Diagnosed.First, question)}{Said(assessment, question.Log)}");
        foreach (PracticeJudge judge in PracticeJudge.All.Skip(2))
            WrappedText.WriteLabelled(output, "  rule:      ", $"{Mark(judge.Said(answered), question)}{judge.Said(answered)} ({judge.Name})");
        if (question.Telling is { } telling)
        {
            output.WriteLine($"  told by:   {ShownCurves.In(question.Log, telling.ShownBy).Title}");
            Plot(question.Log, telling.ShownBy, telling.Epochs, PlotHeight);
        }
        else if (assessment is { Verdict: Verdict.Sick, Findings: [{ } alarm, ..] })
            Plot(question.Log, alarm.ShownBy, (alarm.FirstEpoch, alarm.LastEpoch), PlotHeight);
    }

    private static string Said(Assessment assessment, TrainingLog log)
    {
        if (assessment is not { Verdict: Verdict.Sick, Findings: [{ } first, ..] })
            return DiagnosisText.Line(assessment, log);
        return $"{first.Code}, {DiagnosisText.Confidence(first.Confidence)}, {DiagnosisText.Epochs(first)}. {first.Evidence}";
    }

    private static string Mark(string said, PracticeQuestion question) =>
        said == question.Cause ? "right: " : said == DiagnosedRun.NotEnoughEvidence ? "left open: " : "wrong: ";

    private static string Harm(DiagnosedRun run) => run switch
    {
        { IsHealthy: true } => "",
        { Run.Diverged: true } => ", which ended without a finite loss",
        { Harm.Deviations: double d } when double.IsFinite(d) => string.Create(CultureInfo.InvariantCulture, $", worse than its healthy twin by {d:0.0} of the seeds' deviations"),
        _ => ", far worse than its healthy twin",
    };

    // What stands at the head of a log.
    private static string Known(TrainingLog log)
    {
        TrainingFacts facts = log.Facts;
        string validation = facts.ValidationImages is { } images ? string.Create(CultureInfo.InvariantCulture, $" and {images.Sum():N0} validation images in {images.Count} classes") : " images";
        string end = facts.Diverged is string diverged ? $" It ended early: {diverged}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{facts.TrainImages:N0} training{validation}, {facts.BatchSize} to a step, {(facts.Augments == true ? "augmented" : "not augmented")}; {log.Epochs.Count} of {facts.PlannedEpochs} planned epochs.{end}");
    }

    private static string? Predictions(TrainingLog log) => log.Signals.LastOrDefault()?.ValPredictions is { Count: > 0 } taken
        ? $"Validation images taken for each class in the last epoch: {string.Join(", ", taken)}{(log.Facts.ValidationImages is { } images ? $"; there are {string.Join(", ", images)}" : "")}."
        : null;

    private static string? Regularisers(TrainingFacts facts) => facts.Dropout is null && facts.WeightDecay is null && facts.LabelSmoothing is null
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"Dropout {facts.Dropout ?? 0:0.###}, weight decay {facts.WeightDecay ?? 0:G3}, label smoothing {facts.LabelSmoothing ?? 0:0.###}.");

    private static (double, double) Whole(TrainingLog log) => log.Epochs.Count > 0 ? (log.Epochs[0].Epoch, log.Epochs[^1].Epoch) : (double.NaN, double.NaN);

    private void Plot(TrainingLog log, ShownBy kind, (double, double) mark, int height)
    {
        ShownCurves shown = ShownCurves.In(log, kind);
        if (shown.Of != kind && kind is ShownBy.Loss or ShownBy.Accuracy or ShownBy.LearningRate)
            return;
        DiagnosisScreen.Plot(output, shown, mark, height);
    }
}
