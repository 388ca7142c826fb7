using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Explanations;
using Sightline.Training.Runs;
using static TorchSharp.torch;

namespace Sightline.Cli.Explaining;

/// <summary><c>sightline explain score</c>: maps of evidence against where the objects are, for sets that know it.</summary>
internal static class ScoreCommand
{
    /// <summary>What was scored.</summary>
    /// <param name="Model">The network.</param>
    /// <param name="Options">How it was asked.</param>
    /// <param name="Report">The scores.</param>
    /// <param name="Part">Which images.</param>
    /// <param name="Root">Of which set.</param>
    /// <param name="Layer">At which layer.</param>
    /// <param name="Exact">How many objects are known by the pixel, not by a box.</param>
    /// <param name="OffCentre">Whether the objects were moved out of the middle.</param>
    /// <param name="Unknown">How many images were left out since nothing of their object is known or left.</param>
    /// <param name="Sanity">The check with random weights, if asked for.</param>
    private sealed record Scored(TrainedModel Model, ExplanationOptions Options, LocalisationReport Report, string Part, string Root, string? Layer, int Exact, bool OffCentre, int Unknown, WeightSanity? Sanity);

    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        Argument<string> model = RunCommand.Model();
        var data = new Option<string?>("--data") { Description = "Where the images are: the run's own set at another place, or another set with the same classes; by default the run's own." };
        var split = new Option<string?>("--split") { Description = "train, val, test or all; by default test, else val." };
        var limit = new Option<int>("--limit") { Description = "Score this many images, drawn by the run's seed; 0 scores all.", DefaultValueFactory = _ => 200 };
        var offCentre = new Option<bool>("--off-centre") { Description = "Move each crop so that its object lies anywhere in it: in the middle of every picture nothing has to be found." };
        var sanity = new Option<bool>("--sanity") { Description = "Also compare the maps of the predicted class with those of the network with weights random from the classifier downwards." };
        var folder = new Option<string?>("--out") { Description = "Also draw each map, the object outlined, into this folder." };
        Option<bool> json = CommonOptions.Json();
        var methods = new MethodOptions();
        var command = new Command("score", "Score maps of the true class against where the objects are: pointing game and energy. Example: sightline explain score runs/first --split test")
        {
            model, data, split, limit, offCentre, sanity, folder, json,
        };
        methods.AddTo(command);
        command.Runs((parsed, cancellationToken) =>
        {
            (string? to, int most) = (parsed.GetValue(folder), parsed.GetValue(limit));
            RunCommand.RequireFolder(to);
            if (most < 0)
                throw new BadInputException("usage", $"--limit is {most}; expected 0 or more.");
            using TrainedModel trained = RunCommand.Load(parsed.GetValue(model)!);
            ExplanationOptions options = methods.Read(parsed, trained);
            (IReadOnlyList<ImageSample> samples, string part, string root) = EvaluationImages.Of(trained, parsed.GetValue(data), parsed.GetValue(split));
            ImageSample[] drawn = Drawn(samples, most, trained.Recipe.Seed);
            Scored scored = Run(trained, drawn, parsed.GetValue(offCentre) ? Wide(trained, root) : null, options, parsed.GetValue(sanity), part, root, to, cancellationToken);
            if (parsed.GetValue(json))
                JsonOutput.WriteObject(w => Members(w, scored));
            else
                Console.Out.Write(Text(scored));
            return ExitCode.Done;
        });
        return command;
    }

    private static ImageSample[] Drawn(IReadOnlyList<ImageSample> samples, int most, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        if (most > 0 && most < order.Length)
        {
            var draw = new SeedStream(seed, "explain-score");
            draw.Shuffle(order.AsSpan());
            order = order[..most];
        }
        return [.. order.Order().Select(i => samples[i])];
    }

    // The same crops with more of their surroundings, by name.
    private static Dictionary<string, ImageContent> Wide(TrainedModel trained, string root)
    {
        ImageSetOptions options = TrainingData.OptionsOf(trained.Recipe.Data);
        return ImageSet.Open(root, options with { CropMargin = OffCentreCrop.WideMargin(options.CropMargin) }).Samples.ToDictionary(s => s.Name, s => s.Content);
    }

    // A picture and its object; null where nothing of the object is known.
    private static (RgbImage Picture, Plane<byte> Mask, bool IsExact)? Find(ImageSample sample, IReadOnlyDictionary<string, ImageContent>? wide, TrainedModel trained)
    {
        ImageContent content = wide?.GetValueOrDefault(sample.Name) ?? sample.Content;
        if (content.FindObject() is not { } found)
            return null;
        RgbImage picture = content.Decode();
        if (wide is null)
            return (picture, found.Pixels, found.IsExact);
        // By the image's name, so that another --limit moves no crop.
        var draw = new SeedStream(trained.Recipe.Seed, "explain-off-centre/" + sample.Name);
        (RgbImage window, Plane<byte> mask) = OffCentreCrop.Window(picture, found.Pixels, trained.Recipe.Data.Crops.Margin, ref draw);
        return (window, mask, found.IsExact);
    }

    private static Scored Run(TrainedModel trained, ImageSample[] samples, IReadOnlyDictionary<string, ImageContent>? wide, ExplanationOptions options, bool sanity, string part, string root, string? folder, CancellationToken cancellationToken)
    {
        using ScalarGuard guard = ScalarGuard.Enter();
        using var progress = new ProgressReporter();
        var explainer = new Explainer(trained.Network);
        var maps = new List<(Plane<float>, Plane<byte>, int)>();
        var inputs = new List<Tensor>();
        (int exact, int done, string? layer) = (0, 0, null);
        try
        {
            foreach (ImageSample sample in samples)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Find(sample, wide, trained) is var (picture, mask, isExact) && Localisation.Seen(mask, trained.Preprocessing) is Plane<byte> truth)
                {
                    Tensor input = Explainer.Input(picture, trained.Preprocessing);
                    inputs.Add(input);
                    Explanation explanation = explainer.Explain(input, options with { Class = sample.Label }, cancellationToken);
                    maps.Add((explanation.PixelMap(), truth, sample.Label));
                    (exact, layer) = (exact + (isExact ? 1 : 0), explanation.Layer);
                    if (folder is not null)
                        RunCommand.Write(folder, $"{maps.Count:0000}-{trained.Classes[sample.Label].Replace('/', '-')}", HeatPicture.Draw(trained.Preprocessing.Fit(picture), explanation, trained.Classes, truth));
                    if (!sanity)
                        input.Dispose();
                }
                guard.AtBoundary();
                progress.Report(new WorkProgress("score", ++done, samples.Length, "images"));
            }
            if (maps.Count == 0)
            {
                throw new BadInputException("object-unknown", "This set knows the classes of its images, not where in them the objects are.", root,
                    fix: "Score on objects cut out of a recording, a COCO file or a Pascal VOC folder.");
            }
            WeightSanity? check = sanity ? SanityOutput.Run(trained, inputs, options, keepMaps: false, progress, cancellationToken) : null;
            return new Scored(trained, options, LocalisationReport.Of(maps, trained.Recipe.Seed), part, root, layer, exact, wide is not null, samples.Length - maps.Count, check);
        }
        finally
        {
            inputs.ForEach(i => i.Dispose());
        }
    }

    private static string Text(Scored s)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        string method = HeatPicture.NameOf(s.Options.Method), place = s.Layer is null ? "" : $" at {s.Layer}";
        Line($"{s.Model.NetworkName}, {s.Model.CheckpointName}, {method}{place} of the true class, {s.Report.Images} images of {s.Part}{(s.OffCentre ? ", moved out of the middle" : "")}, objects known by {(s.Exact == s.Report.Images ? "the pixel" : s.Exact == 0 ? "their boxes" : $"the pixel in {s.Exact}, by their boxes in the others")}");
        int width = Math.Max(method.Length, "above centred".Length);
        Line($"{"".PadRight(width)}  pointing game             energy on the object");
        foreach ((string name, LocalisationScore score) in ((string, LocalisationScore)[])[(method, s.Report.Method), ("even map", s.Report.Even), ("centred map", s.Report.Centred), ("above centred", s.Report.AboveCentred)])
            Line($"{name.PadRight(width)}  {Mean(score.Pointing)}   {Mean(score.Energy)}");
        Line($"pointing game, mean over classes: {s.Report.PointingByClass.Values.Average():0.000}");
        if (s.Report.Empty > 0)
            Line($"in {s.Report.Empty} images nothing speaks for the class: they count as even maps");
        if (s.Unknown > 0)
            Line($"{s.Unknown} images left out: nothing of their object is known, or left at the network's size");
        text.Append("95 % intervals over images; frames of one drive make the true ones wider\n").Append(s.Sanity is null ? "" : SanityOutput.Table(s.Sanity));
        return text.ToString();
        static string Mean(MeanOverImages m) => string.Create(CultureInfo.InvariantCulture, $"{m.Mean,6:0.000} [{m.Interval.Low,6:0.000}, {m.Interval.High,6:0.000}]");
    }

    private static void Members(Utf8JsonWriter w, Scored s)
    {
        w.WriteString("checkpoint", s.Model.CheckpointName);
        w.WriteString("data", s.Root);
        w.WriteString("split", s.Part);
        w.WriteString("method", HeatPicture.NameOf(s.Options.Method));
        w.WriteString("layer", s.Layer);
        w.WriteNumber("images", s.Report.Images);
        w.WriteBoolean("offCentre", s.OffCentre);
        w.WriteNumber("exactObjects", s.Exact);
        w.WriteNumber("leftOut", s.Unknown);
        w.WriteNumber("emptyMaps", s.Report.Empty);
        foreach ((string name, LocalisationScore score) in ((string, LocalisationScore)[])[("scores", s.Report.Method), ("evenMap", s.Report.Even), ("centredMap", s.Report.Centred), ("aboveCentred", s.Report.AboveCentred)])
        {
            w.WriteStartObject(name);
            Mean("pointing", score.Pointing);
            Mean("energy", score.Energy);
            w.WriteEndObject();
        }
        w.WriteStartObject("pointingByClass");
        foreach ((int c, double mean) in s.Report.PointingByClass)
            w.WriteNumber(s.Model.Classes[c], mean);
        w.WriteEndObject();
        if (s.Sanity is not null)
            SanityOutput.Write(w, s.Sanity);
        void Mean(string name, MeanOverImages m)
        {
            w.WriteStartObject(name);
            w.WriteNumber("mean", m.Mean);
            w.WriteNumber("low", m.Interval.Low);
            w.WriteNumber("high", m.Interval.High);
            w.WriteNumber("level", m.Interval.Level);
            w.WriteEndObject();
        }
    }
}
