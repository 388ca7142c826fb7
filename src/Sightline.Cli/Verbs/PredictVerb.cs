using System.CommandLine;
using System.Globalization;
using System.Text;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Imaging;
using Sightline.Training.Evaluation;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline predict</c>: what a trained network or an exported model says about pictures.</summary>
internal static class PredictVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A run folder, a checkpoint file or an ONNX file." };
        var images = new Argument<string[]>("images") { Description = "Pictures, or folders of pictures.", Arity = ArgumentArity.OneOrMore };
        var top = new Option<int>("--top") { Description = "How many classes to name for each picture.", DefaultValueFactory = _ => 3 };
        Option<string?> prior = DecisionOptions.Prior(), weight = DecisionOptions.Weight();
        var csv = new Option<string?>("--csv") { Description = "Write the predictions to this CSV file: a row for each picture, a pair of columns for each of the --top classes." };
        var annotate = new Option<string?>("--annotate") { Description = "Write the pictures with their predictions drawn in to this folder." };
        var json = CommonOptions.Json();
        var command = new Command("predict", "Classify pictures. Example: sightline predict runs/first photo.jpg --annotate out")
        {
            model, images, top, prior, weight, csv, annotate, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(
            parsed.GetValue(model)!, parsed.GetValue(images)!, parsed.GetValue(top), parsed.GetValue(prior), parsed.GetValue(weight), parsed.GetValue(csv), parsed.GetValue(annotate), parsed.GetValue(json), cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(string path, string[] images, int top, string? prior, string? weight, string? csv, string? annotate, bool json, CancellationToken cancellationToken)
    {
        if (top < 1)
            throw new BadInputException("usage", $"--top is {top}; expected 1 or more.");
        if (csv is not null && Directory.Exists(csv))
            throw new BadInputException("usage", "This is a folder; expected a CSV file to write.", csv);
        if (annotate is not null && File.Exists(annotate))
            throw new BadInputException("usage", "This is a file; expected a folder for the pictures.", annotate);
        string[] files = [.. images.SelectMany(PictureFiles.At)];
        using IPredictor predictor = Predictor.Open(path, prior, weight);
        foreach (string line in DecisionOptions.Lines(predictor.Decision, predictor.Classes, predictor.Caveats))
            Messages.Note(line);
        using var progress = new ProgressReporter();
        var predictions = new List<Prediction.Prediction>();
        var unreadable = new List<BadInputException>();
        var annotated = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                RgbImage image = ImageCodec.Decode(File.ReadAllBytes(file), file);
                Prediction.Prediction prediction = predictor.Predict(file, image, top);
                predictions.Add(prediction);
                if (annotate is not null)
                    Annotation.Write(annotate, file, image, prediction, annotated);
            }
            catch (BadInputException exception)
            {
                unreadable.Add(exception);
            }
            if (files.Length > 20)
                progress.Report(new WorkProgress("predict", predictions.Count + unreadable.Count, files.Length, "images"));
        }
        if (csv is not null)
            AtomicFile.WriteText(csv, Csv(predictions));
        if (json)
            Json(predictor, predictions, unreadable);
        else if (csv is null)
            Console.Out.Write(string.Concat(predictions.Select(p => $"{p.File}\t{string.Join("  ", p.Top.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Label} {t.Probability:0.000}")))}\n")));
        return PictureFiles.End(unreadable);
    }

    private static string Csv(IReadOnlyList<Prediction.Prediction> predictions)
    {
        // One row for each picture; the second and further classes have numbers in their columns' names.
        int top = predictions.Count == 0 ? 1 : predictions.Max(p => p.Top.Count);
        var text = new StringBuilder("path,label,probability");
        for (int n = 2; n <= top; n++)
            text.Append(CultureInfo.InvariantCulture, $",label_{n},probability_{n}");
        text.Append('\n');
        foreach (Prediction.Prediction p in predictions)
        {
            text.Append(Cell(p.File));
            foreach ((string label, double probability) in p.Top)
                text.Append(CultureInfo.InvariantCulture, $",{Cell(label)},{probability:R}");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void Json(IPredictor predictor, IReadOnlyList<Prediction.Prediction> predictions, IReadOnlyList<BadInputException> unreadable) => JsonOutput.WriteObject(w =>
    {
        w.WriteString("model", predictor.Name);
        if (predictor.Decision is { } decision)
            DecisionDocument.Write(w, predictor.Classes, decision.Prior, decision.LearntPrior, decision.Weights, decision.Offsets, predictor.Caveats);
        else
            DecisionDocument.WriteNone(w);
        w.WriteObjects("predictions", predictions, p =>
        {
            w.WriteString("path", p.File);
            w.WriteString("label", p.Top[0].Label);
            w.WriteNumber("probability", p.Top[0].Probability);
            w.WriteObjects("top", p.Top, top =>
            {
                w.WriteString("label", top.Label);
                w.WriteNumber("probability", top.Probability);
            });
        });
        w.WriteUnreadable(unreadable);
    });
}
