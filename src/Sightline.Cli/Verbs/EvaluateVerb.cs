using System.CommandLine;
using System.Globalization;
using System.Text;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Datasets;
using Sightline.Metrics;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline evaluate</c>: scores a run or a checkpoint on images.</summary>
internal static class EvaluateVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A run folder (its best checkpoint, else its last) or a checkpoint file." };
        var data = new Option<string?>("--data") { Description = "Where the images are: the run's own set at another place, or another set with the same classes; by default the run's own." };
        var split = new Option<string?>("--split") { Description = "train, val, test or all; by default test, else val. Of another set: a split's name there, by default all images." };
        var augment = new Option<string>("--tta") { Description = "Test-time augmentation: none, flip or flip-shift.", DefaultValueFactory = _ => "none" };
        Option<string?> prior = DecisionOptions.Prior(), weight = DecisionOptions.Weight();
        var batch = new Option<int>("--batch-size") { Description = "Images in one forward pass.", DefaultValueFactory = _ => 128 };
        var device = new Option<string>("--device") { Description = "auto, cpu or cuda.", DefaultValueFactory = _ => "auto" };
        var json = CommonOptions.Json();
        var command = new Command("evaluate", "Score a trained network: accuracy, per class, calibration, with intervals. Example: sightline evaluate runs/first --split test")
        {
            model, data, split, augment, prior, weight, batch, device, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(
            new Choices(parsed.GetValue(model)!, parsed.GetValue(data), parsed.GetValue(split), parsed.GetValue(augment)!, parsed.GetValue(prior), parsed.GetValue(weight), parsed.GetValue(batch), parsed.GetValue(device)!),
            parsed.GetValue(json), cancellationToken), CancellationToken.None));
        return command;
    }

    private sealed record Choices(string Model, string? Data, string? Split, string Augment, string? Prior, string? Weight, int Batch, string Device);

    private static int Run(Choices choices, bool json, CancellationToken cancellationToken)
    {
        (string path, string? data, string? split, string augment, string? prior, string? weight, int batch, string device) = choices;
        TestTimeAugmentation views = augment switch
        {
            "none" => TestTimeAugmentation.None,
            "flip" => TestTimeAugmentation.Flip,
            "flip-shift" => TestTimeAugmentation.FlipShift,
            _ => throw new BadInputException("usage", $"--tta is '{augment}'; expected none, flip or flip-shift."),
        };
        if (batch < 1)
            throw new BadInputException("usage", $"--batch-size is {batch}; expected 1 or more.");
        if (!Enum.TryParse(device, ignoreCase: true, out DeviceChoice choice) || !Enum.IsDefined(choice) || char.IsDigit(device[0]))
            throw new BadInputException("usage", $"--device is '{device}'; expected auto, cpu or cuda.");
        Allocator.Configure();
        using TrainedModel model = TrainedModel.Load(path);
        DecisionOptions.Apply(model, prior, weight);
        model.MoveTo(choice);
        (IReadOnlyList<ImageSample> samples, string part, string root) = EvaluationImages.Of(model, data, split);
        using var progress = new ProgressReporter();
        var options = new EvaluationOptions { BatchSize = batch, Augmentation = views, ChannelsLast = model.Recipe.Training.ChannelsLast };
        float[] probabilities = Evaluator.Probabilities(model, samples, options, progress, cancellationToken);
        ClassificationReport report = ClassificationReport.From(probabilities, [.. samples.Select(s => s.Label)], model.Classes, model.Recipe.Seed);
        if (json)
            JsonOutput.WriteObject(w => EvaluationDocument.Write(w, report, model, root, part, views));
        else
            Console.Out.Write(Text(report, model, part, views));
        return ExitCode.Done;
    }

    private static string Text(ClassificationReport report, TrainedModel model, string part, TestTimeAugmentation views)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"{model.NetworkName}, {model.CheckpointName}, {report.Images} images of {part}{(views == TestTimeAugmentation.None ? "" : $", test-time augmentation {EvaluationDocument.OptionOf(views)}")}");
        foreach (string line in DecisionOptions.Lines(DecisionOptions.ForContract(model.Decision), model.Classes, model.Decision?.Caveats))
            Line($"{line}");
        Line($"top-1   {report.Top1:0.0000}  [{report.Intervals.Top1.Low:0.0000}, {report.Intervals.Top1.High:0.0000}]");
        if (model.Classes.Count > 5)
            Line($"top-5   {report.Top5:0.0000}  [{report.Intervals.Top5.Low:0.0000}, {report.Intervals.Top5.High:0.0000}]");
        Line($"macro F1 {report.MacroF1:0.0000}  ECE {report.Ece:0.0000}  NLL {report.NegativeLogLikelihood:0.0000}  (95 % intervals: bootstrap, of few images or mistakes Wilson's; frames of one drive make the true ones wider)");
        int width = Math.Max(5, model.Classes.Max(c => c.Length));
        Line($"{"class".PadRight(width)}  precision  recall      F1  images");
        foreach (ClassMetrics c in report.PerClass)
            Line($"{c.Name.PadRight(width)}  {c.Precision,9:0.000}  {c.Recall,6:0.000}  {c.F1,6:0.000}  {c.Support,6}");
        if (model.Classes.Count <= 20)
        {
            text.Append("confusion (rows: true, columns: predicted)\n");
            for (int i = 0; i < model.Classes.Count; i++)
                Line($"{model.Classes[i].PadRight(width)}  {string.Join(' ', Enumerable.Range(0, model.Classes.Count).Select(j => report.Confusion[i, j].ToString(CultureInfo.InvariantCulture).PadLeft(5)))}");
        }
        return text.ToString();
    }
}
