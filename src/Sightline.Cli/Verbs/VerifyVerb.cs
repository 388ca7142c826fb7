using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Cli.Verifying;
using Sightline.Datasets;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Runs;
using Sightline.Verification;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline verify</c>: proves that an exported file decides as the trained network does.</summary>
internal static class VerifyVerb
{
    private const int ShownFlips = 20;

    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The exported ONNX file; or a bundle (a folder or .zip of export --bundle), which needs neither run nor torch nor images." };
        var run = new Argument<string?>("RUN") { Description = "The run folder (its best checkpoint, else its last) or the checkpoint file that an ONNX file came from.", Arity = ArgumentArity.ZeroOrOne };
        var other = new Option<string?>("--model") { Description = "Of a bundle: hold this ONNX file against its golden frames, not its own; the robot's copy, say.", HelpName = "FILE" };
        var outputs = new Option<string?>("--outputs") { Description = "Of a bundle: hold what another program wrote for the golden frames: a folder NNNN for each, with any of decoded.png, input.f32, logits.f32, decision.txt.", HelpName = "DIR" };
        var inside = new Option<bool>(BundleVerification.InsideOption) { Hidden = true };
        var data = new Option<string?>("--data") { Description = "Where the images are: the run's own set at another place, or another set with the same classes; by default the run's own." };
        var split = new Option<string?>("--split") { Description = "train, val, test or all; by default the run's validation images, else its test images, else its training images. Of another set: a split's name there, by default all." };
        var batch = new Option<int>("--batch-size") { Description = "The batch size beside 1.", DefaultValueFactory = _ => 32 };
        var random = new Option<int>("--random") { Description = "How many random inputs to try beside the images.", DefaultValueFactory = _ => 128 };
        var maxFlips = new Option<double>("--max-flips") { Description = "The largest share of flipped decisions that passes, 0–1.", DefaultValueFactory = _ => new ParityBounds().MaxFlipRate };
        var maxChange = new Option<double>("--max-accuracy-change") { Description = "The largest change of accuracy that passes, 0–1.", DefaultValueFactory = _ => new ParityBounds().MaxAccuracyChange };
        var json = CommonOptions.Json();
        var command = new Command("verify", "Prove that an exported model decides as the trained network: over all validation images, or on a bundle's golden frames, stage by stage. Examples: sightline verify model.onnx runs/first | sightline verify bundle.zip")
        {
            model, run, other, outputs, inside, data, split, batch, random, maxFlips, maxChange, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            string file = parsed.GetRequiredValue(model);
            if (parsed.GetValue(run) is null)
            {
                RequireBundle(file);
                var bundle = new BundleVerification(file, parsed.GetValue(other), parsed.GetValue(outputs), parsed.GetValue(json));
                return parsed.GetValue(inside) ? bundle.RunInside(cancellationToken) : bundle.Run(cancellationToken);
            }
            if (parsed.GetValue(other) is not null || parsed.GetValue(outputs) is not null)
                throw new BadInputException("usage", "--model and --outputs are for bundles.", fix: "Give a bundle and no run: sightline verify BUNDLE --model FILE");
            var options = new Options(
                file, parsed.GetValue(run)!, parsed.GetValue(data), parsed.GetValue(split), parsed.GetValue(batch), parsed.GetValue(random),
                new ParityBounds { MaxFlipRate = parsed.GetValue(maxFlips), MaxAccuracyChange = parsed.GetValue(maxChange) });
            return Run(options, parsed.GetValue(json), cancellationToken);
        }, CancellationToken.None));
        return command;
    }

    private static void RequireBundle(string path)
    {
        if (File.Exists(path) && !BundleFile.IsBundle(path))
            throw new BadInputException("usage", "An ONNX file is verified against the run it came from.", path, fix: $"Name the run: sightline verify {path} RUN; or give a bundle.");
    }

    private sealed record Options(string Model, string Run, string? Data, string? Split, int Batch, int Random, ParityBounds Bounds);

    private static int Run(Options options, bool json, CancellationToken cancellationToken)
    {
        if (options.Batch is < 1 or > 4096)
            throw new BadInputException("usage", $"--batch-size is {options.Batch}; expected 1 to 4096.");
        if (options.Random is < 0 or > 100_000)
            throw new BadInputException("usage", $"--random is {options.Random}; expected 0 to 100000.");
        if (!(options.Bounds.MaxFlipRate is >= 0 and <= 1) || !(options.Bounds.MaxAccuracyChange is >= 0 and <= 1))
            throw new BadInputException("usage", "--max-flips and --max-accuracy-change are shares; expected 0 to 1.");
        // Before the long work: a file that is missing or not ours is told at once.
        Runtime.ModelContract contract;
        using (var exported = Runtime.ImageClassifier.Open(options.Model))
            contract = exported.Contract;
        Allocator.Configure();
        using TrainedModel trained = TrainedModel.Load(options.Run);
        // The offsets that the file names are reckoned anew from the run, and added to the trained network's logits too.
        if (contract.Decision is { } decision && contract.Classes.SequenceEqual(trained.Classes))
            trained.Decide(DecisionRule.Of(trained, decision.Prior, decision.Weights));
        (IReadOnlyList<ImageSample> samples, string part, string root) = EvaluationImages.Of(trained, options.Data, options.Split, "val", "test", "train");
        if (options.Split is null && part is ("test" or "train"))
            Messages.Note($"The run has no validation images: verified on its {part}{(part == "train" ? "ing" : "")} images.");
        using var progress = new ProgressReporter();
        ulong seed = trained.Recipe.Seed;
        float[] logits = Evaluator.Logits(trained, samples, new EvaluationOptions { BatchSize = options.Batch, ChannelsLast = trained.Recipe.Training.ChannelsLast, Stage = "trained network" }, progress, cancellationToken);
        float[] randomLogits = RandomLogits(trained, seed, options.Random, cancellationToken);
        ParityReport report = ParityCheck.Run(
            new ParityInput
            {
                ModelPath = options.Model,
                Classes = trained.Classes,
                Preprocessing = trained.Preprocessing,
                RunFingerprint = trained.Fingerprint,
                Decision = DecisionOptions.ForContract(trained.Decision),
                ImageNames = [.. samples.Select(s => s.Name)],
                Labels = [.. samples.Select(s => s.Label)],
                ReadImage = i => samples[i].Content.Decode(),
                TrainedLogits = logits,
                TrainedRandomLogits = randomLogits,
                Seed = seed,
                Batch = options.Batch,
                Bounds = options.Bounds,
            },
            progress, cancellationToken);
        if (json)
            JsonOutput.WriteObject(w => WriteJson(w, options, report, trained, part, root));
        else
            Console.Out.Write(Text(options.Model, report, trained, part));
        foreach (string reason in report.Reasons)
            Messages.Error($"{options.Model}: {reason}");
        return report.Passed ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>The trained network's logits on the random inputs, sixteen at a time, in float32.</summary>
    private static float[] RandomLogits(TrainedModel trained, ulong seed, int count, CancellationToken cancellationToken)
    {
        const int chunk = 16;
        int length = trained.Preprocessing.Length, classes = trained.Classes.Count;
        float[] logits = new float[checked(count * classes)];
        using ScalarGuard guard = ScalarGuard.Enter();
        using IDisposable noGrad = no_grad();
        for (int start = 0; start < count; start += chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int n = Math.Min(chunk, count - start);
            float[] inputs = new float[n * length];
            for (int i = 0; i < n; i++)
                RandomInputs.Write(seed, start + i, inputs.AsSpan(i * length, length));
            using DisposeScope scope = NewDisposeScope();
            Tensor images = tensor(inputs, [n, 3, trained.Preprocessing.Height, trained.Preprocessing.Width]);
            Tensor output = trained.Network.call(trained.Recipe.Training.ChannelsLast ? ChannelsLast.Of(images) : images);
            MemoryMarshal.Cast<byte, float>(output.contiguous().bytes).CopyTo(logits.AsSpan(start * classes));
            guard.AtBoundary();
        }
        return logits;
    }

    private static void WriteJson(Utf8JsonWriter w, Options options, ParityReport report, TrainedModel trained, string part, string root)
    {
        w.WriteBoolean("passed", report.Passed);
        w.WriteNumber("flips", report.Flips);
        w.WriteNumber("images", report.Images);
        w.WriteFinite("maxAbsDifference", report.MaxAbsDifference);
        w.WriteNumber("accuracyTrained", report.AccuracyTrained);
        w.WriteNumber("accuracyExported", report.AccuracyExported);
        w.WriteNumbers("accuracyChangeInterval", report.AccuracyChangeInterval.Low, report.AccuracyChangeInterval.High);
        w.WriteNumbers("flipRateInterval", report.FlipRateInterval.Low, report.FlipRateInterval.High);
        w.WriteFinite("p999AbsDifference", report.P999AbsDifference);
        w.WriteFinite("maxAbsLogit", report.MaxAbsLogit);
        w.WriteNumber("randomInputs", report.RandomInputs);
        w.WriteNumber("randomFlips", report.RandomFlips);
        w.WriteNumbers("batches", report.Batches.Select(batch => (double)batch));
        w.WriteNumber("maxFlipRate", options.Bounds.MaxFlipRate);
        w.WriteNumber("maxAccuracyChange", options.Bounds.MaxAccuracyChange);
        w.WriteString("checkpoint", trained.CheckpointName);
        w.WriteString("checkpointInFile", report.Checkpoint);
        w.WriteString("fingerprint", trained.Fingerprint);
        DecisionDocument.Write(w, trained.Classes, trained.Decision);
        w.WriteString("data", root);
        w.WriteString("split", part);
        w.WriteStrings("reasons", report.Reasons);
        w.WriteObjects("flippedImages", report.FlippedImages, flip =>
        {
            w.WriteString("image", flip.Image);
            w.WriteString("label", flip.Label);
            w.WriteString("trained", flip.Trained);
            w.WriteString("exported", flip.Exported);
            w.WriteFinite("margin", flip.Margin);
            w.WriteNumber("batch", flip.Batch);
        });
    }

    private static string Text(string model, ParityReport report, TrainedModel trained, string part)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"{model} against {trained.NetworkName}, {trained.CheckpointName}, in float32");
        foreach (string line in DecisionOptions.Lines(DecisionOptions.ForContract(trained.Decision), trained.Classes))
            Line($"{line}");
        Line($"decisions   {report.Flips} of {report.Images} flip on {part} images (true rate up to {100 * report.FlipRateInterval.High:0.##} %), {report.RandomFlips} of {report.RandomInputs} on random inputs, at batch {string.Join(" and ", report.Batches)}");
        Line($"accuracy    {report.AccuracyTrained:0.0000} trained, {report.AccuracyExported:0.0000} exported; change in [{100 * report.AccuracyChangeInterval.Low:+0.###;-0.###;0}, {100 * report.AccuracyChangeInterval.High:+0.###;-0.###;0}] points");
        Line($"logits      differ by at most {report.MaxAbsDifference:0.0e+0}, 99.9 % of them by at most {report.P999AbsDifference:0.0e+0} (largest logit {report.MaxAbsLogit:0.##})");
        foreach (FlippedDecision flip in report.FlippedImages.Take(ShownFlips))
            Line($"  {flip.Image}: {flip.Trained} → {flip.Exported} (labelled {flip.Label}; margin was {flip.Margin:0.####}; batch {flip.Batch})");
        if (report.FlippedImages.Count > ShownFlips)
            Line($"  … and {report.FlippedImages.Count - ShownFlips} more; --json lists all");
        Line($"{(report.Passed ? "PASSED: it decides as the trained network does" : "NOT PASSED")}");
        return text.ToString();
    }
}
