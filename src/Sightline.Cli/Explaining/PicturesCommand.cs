using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Imaging;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Explanations;
using static TorchSharp.torch;

namespace Sightline.Cli.Explaining;

/// <summary><c>sightline explain RUN IMAGE…</c>: the evidence for a class, drawn over each picture.</summary>
internal static class PicturesCommand
{
    private sealed record Explained(string File, string Picture, RgbImage Fitted, Tensor Input, Explanation Explanation, string Name);

    /// <summary>Builds the command, without its sub-commands.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        Argument<string> model = RunCommand.Model();
        var images = new Argument<string[]>("images") { Description = "Pictures, or folders of pictures.", Arity = ArgumentArity.OneOrMore };
        var label = new Option<string?>("--class") { Description = "The class whose evidence is shown; by default the predicted one." };
        var sanity = new Option<bool>("--sanity") { Description = "Also draw the maps while the weights become random from the classifier downwards: what stays the same doesn't come from what was learnt." };
        Option<string> folder = RunCommand.Out();
        Option<bool> json = CommonOptions.Json();
        var methods = new MethodOptions();
        var command = new Command("explain", "Show where a trained network finds evidence for a class. Example: sightline explain runs/first photo.jpg --method grad-cam")
        {
            model, images, label, sanity, folder, json,
        };
        methods.AddTo(command);
        command.Runs((parsed, cancellationToken) =>
        {
            string to = parsed.GetValue(folder)!, path = parsed.GetValue(model)!;
            RunCommand.RequireFolder(to);
            string[] files = RunCommand.Pictures(parsed.GetValue(images)!);
            using TrainedModel trained = RunCommand.Load(path);
            ExplanationOptions options = methods.Read(parsed, trained) with { Class = MethodOptions.ClassOf(parsed.GetValue(label), trained.Classes) };
            return Run(path, trained, files, options, parsed.GetValue(sanity), to, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static int Run(string path, TrainedModel trained, string[] files, ExplanationOptions options, bool sanity, string folder, bool json, CancellationToken cancellationToken)
    {
        using ScalarGuard guard = ScalarGuard.Enter();
        using var progress = new ProgressReporter();
        var explainer = new Explainer(trained.Network);
        var explained = new List<Explained>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            IReadOnlyList<BadInputException> unreadable = RunCommand.ForEach(files, (file, picture) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                Tensor input = Explainer.Input(picture, trained.Preprocessing);
                RgbImage fitted = trained.Preprocessing.Fit(picture);
                Explanation explanation = explainer.Explain(input, options, cancellationToken);
                string name = PictureFiles.FreeName(file, taken);
                explained.Add(new Explained(file, RunCommand.Write(folder, name, HeatPicture.Draw(fitted, explanation, trained.Classes)), fitted, input, explanation, name));
                // Pictures are kept for the sanity check alone.
                if (!sanity)
                    input.Dispose();
                guard.AtBoundary();
                if (files.Length > 1)
                    progress.Report(new WorkProgress("explain", explained.Count, files.Length, "images"));
            });
            (WeightSanity Check, string[] Pictures)? checkedBy = sanity && explained.Count > 0 ? Sanity(trained, explained, options, folder, progress, cancellationToken) : null;
            if (json)
                Json(path, trained, explained, checkedBy, unreadable);
            else
                Console.Out.Write(string.Concat(explained.Select(e => Line(e, trained.Classes))) + (checkedBy is { } c ? SanityOutput.Table(c.Check) + string.Concat(c.Pictures.Select(p => p + "\n")) : ""));
            return PictureFiles.End(unreadable);
        }
        finally
        {
            explained.ForEach(e => e.Input.Dispose());
        }
    }

    private static (WeightSanity Check, string[] Pictures) Sanity(TrainedModel trained, IReadOnlyList<Explained> explained, ExplanationOptions options, string folder, ProgressReporter progress, CancellationToken cancellationToken)
    {
        WeightSanity check = SanityOutput.Run(trained, [.. explained.Select(e => e.Input)], options, keepMaps: true, progress, cancellationToken);
        return (check, [.. explained.Select((e, i) => RunCommand.Write(folder, e.Name + "-sanity", HeatPicture.DrawSanity(e.Fitted, check, i)))]);
    }

    private static string Line(Explained e, IReadOnlyList<string> classes)
    {
        Explanation x = e.Explanation;
        (int column, int row) = HeatMap.Peak(x.PixelMap());
        string complete = x.Completeness is { } c ? string.Create(CultureInfo.InvariantCulture, $"  attributions {c.Sum:0.000} of {c.Difference:0.000}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{e.File}\t{classes[x.Class]} {x.Probability:0.000}  peak at {column}, {row} of {x.Width} × {x.Height}{complete}  {e.Picture}\n");
    }

    private static void Json(string path, TrainedModel trained, IReadOnlyList<Explained> explained, (WeightSanity Check, string[] Pictures)? sanity, IReadOnlyList<BadInputException> unreadable) => JsonOutput.WriteObject(w =>
    {
        w.WriteString("model", path);
        w.WriteString("checkpoint", trained.CheckpointName);
        w.WriteObjects("explanations", explained, e =>
        {
            w.WriteString("path", e.File);
            w.WriteString("picture", e.Picture);
            Members(w, e.Explanation, trained.Classes);
        });
        if (sanity is { } s)
        {
            w.WriteStrings("sanityPictures", s.Pictures);
            SanityOutput.Write(w, s.Check);
        }
        w.WriteUnreadable(unreadable);
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
