using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Explaining;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Imaging;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Explanations;
using static TorchSharp.torch;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline explain</c>: where in a picture a trained network finds what it decides by.</summary>
internal static class ExplainVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A run folder (its best checkpoint, else its last) or a checkpoint file." };
        var images = new Argument<string[]>("images") { Description = "Pictures, or folders of pictures.", Arity = ArgumentArity.OneOrMore };
        var label = new Option<string?>("--class") { Description = "The class whose evidence is shown; by default the predicted one." };
        var folder = new Option<string>("--out") { Description = "The folder for the pictures.", DefaultValueFactory = _ => "explained" };
        var json = CommonOptions.Json();
        var methods = new MethodOptions();
        var command = new Command("explain", "Show where a trained network finds evidence for a class. Example: sightline explain runs/demo photo.jpg --method grad-cam")
        {
            model, images, label, folder, json,
        };
        methods.AddTo(command);
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () => Run(parsed.GetValue(model)!, parsed.GetValue(images)!, m => methods.Read(parsed, m) with { Class = MethodOptions.ClassOf(parsed.GetValue(label), m.Classes) }, parsed.GetValue(folder)!, parsed.GetValue(json), cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(string path, string[] images, Func<TrainedModel, ExplanationOptions> asked, string folder, bool json, CancellationToken cancellationToken)
    {
        if (File.Exists(folder))
            throw new BadInputException("usage", "This is a file; expected a folder for the pictures.", folder);
        string[] files = [.. images.SelectMany(PictureFiles.At)];
        Allocator.Configure();
        using TrainedModel model = TrainedModel.Load(path);
        ExplanationOptions options = asked(model);
        using ScalarGuard guard = ScalarGuard.Enter();
        using var progress = new ProgressReporter();
        var explainer = new Explainer(model.Network);
        var explained = new List<(string File, string Picture, Explanation Explanation)>();
        var unreadable = new List<BadInputException>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Decode(file, unreadable) is RgbImage picture)
            {
                using Tensor input = Explainer.Input(picture, model.Preprocessing);
                Explanation explanation = explainer.Explain(input, options, cancellationToken);
                string drawn = Path.Combine(folder, PictureFiles.FreeName(file, taken) + ".png");
                AtomicFile.WriteBytes(drawn, ImageCodec.EncodePng(HeatPicture.Draw(model.Preprocessing.Fit(picture), explanation, model.Classes)));
                explained.Add((file, drawn, explanation));
            }
            guard.AtBoundary();
            if (files.Length > 1)
                progress.Report(new WorkProgress("explain", explained.Count + unreadable.Count, files.Length, "images"));
        }
        if (json)
            Json(path, model, explained, unreadable);
        else
            Console.Out.Write(string.Concat(explained.Select(e => Line(e.File, e.Picture, e.Explanation, model.Classes))));
        foreach (BadInputException exception in unreadable)
            Messages.Error(exception.Message);
        return unreadable.Count == 0 ? ExitCode.Done : ExitCode.BadInput;
    }

    // What the picture is at fault for is told beside the others' results; what the options are at fault for ends the command.
    private static RgbImage? Decode(string file, List<BadInputException> unreadable)
    {
        try
        {
            return ImageCodec.Decode(File.ReadAllBytes(file), file);
        }
        catch (BadInputException exception)
        {
            unreadable.Add(exception);
            return null;
        }
    }

    private static string Line(string file, string picture, Explanation e, IReadOnlyList<string> classes)
    {
        (int x, int y) = HeatMap.Peak(e.PixelMap());
        string complete = e.Completeness is { } c ? string.Create(CultureInfo.InvariantCulture, $"  attributions {c.Sum:0.000} of {c.Difference:0.000}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{file}\t{classes[e.Class]} {e.Probability:0.000}  peak at {x}, {y} of {e.Width} × {e.Height}{complete}  {picture}\n");
    }

    private static void Json(string path, TrainedModel model, IReadOnlyList<(string File, string Picture, Explanation Explanation)> explained, IReadOnlyList<BadInputException> unreadable) => JsonOutput.WriteObject(w =>
    {
        w.WriteString("model", path);
        w.WriteString("checkpoint", model.CheckpointName);
        w.WriteObjects("explanations", explained, e =>
        {
            w.WriteString("path", e.File);
            w.WriteString("picture", e.Picture);
            Members(w, e.Explanation, model.Classes);
        });
        w.WriteObjects("unreadable", unreadable, exception =>
        {
            w.WriteString("code", exception.Code);
            w.WriteString("message", exception.Message);
        });
    });

    private static void Members(Utf8JsonWriter w, Explanation e, IReadOnlyList<string> classes)
    {
        w.WriteString("method", HeatPicture.NameOf(e.Method));
        w.WriteString("class", classes[e.Class]);
        w.WriteNumber("probability", e.Probability);
        w.WriteNumber("logit", e.Logit);
        w.WriteString("predicted", classes[e.Predicted]);
        w.WriteString("layer", e.Layer);
        w.WriteNumbers("input", e.Width, e.Height);
        (int x, int y) = HeatMap.Peak(e.PixelMap());
        w.WriteNumbers("peak", x, y);
        w.WriteNumbers("mapSize", e.Map.Width, e.Map.Height);
        w.WriteNumbers("map", e.Map.Values.Select(v => (double)v));
        if (e.Completeness is { } c)
        {
            w.WriteStartObject("completeness");
            w.WriteNumber("sum", c.Sum);
            w.WriteNumber("difference", c.Difference);
            w.WriteNumber("gap", c.Gap);
            w.WriteEndObject();
        }
    }
}
