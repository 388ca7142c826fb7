using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Cli.Verifying;
using Sightline.Datasets;
using Sightline.Onnx.Graph;
using Sightline.Runtime;
using Sightline.Training.Evaluation;
using Sightline.Training.Runs;
using Sightline.Verification;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline quantize</c>: an exported model in 8-bit integers, judged by its accuracy.</summary>
internal static class QuantizeVerb
{
    private const string MetadataKey = "sightline.quantisation";
    private const string Half = "float16";
    private const int ShownLayers = 8;

    private static readonly Dictionary<string, RangeMethod> methods = new()
    {
        ["mse"] = RangeMethod.MeanSquaredError,
        ["percentile"] = RangeMethod.Percentile,
        ["entropy"] = RangeMethod.Entropy,
        ["min-max"] = RangeMethod.MinMax,
    };

    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The exported ONNX file, in float32." };
        var run = new Argument<string>("RUN") { Description = "The run it came from: its training images calibrate, its validation images judge." };
        var output = new Option<string>("--out", "-o") { Description = "The ONNX file to write.", Required = true };
        var to = new Option<string>("--to") { Description = "int8, or float16: half the bytes, for hardware that reckons in it.", DefaultValueFactory = _ => "int8" };
        to.AcceptOnlyFromAmong("int8", Half);
        var data = new Option<string?>("--data") { Description = "Where the run's images are, if they moved." };
        var calibration = new Option<int>("--calibration") { Description = "How many training images calibrate, of every class alike.", DefaultValueFactory = _ => 256 };
        var method = new Option<string>("--method") { Description = "How ranges of activations are chosen: mse, percentile, entropy or min-max.", DefaultValueFactory = _ => "mse" };
        method.AcceptOnlyFromAmong([.. methods.Keys]);
        var perTensor = new Option<bool>("--per-tensor") { Description = "One step for all weights of a layer, not one for each output channel." };
        var sevenBit = new Option<bool>("--seven-bit") { Description = "Weights in 7 of the 8 bits: for processors with AVX2 or AVX-512 but without VNNI, whose sums would overflow." };
        var plainBias = new Option<bool>("--no-bias-correction") { Description = "Leave the biases as they are." };
        var maxDrop = new Option<double?>("--max-drop") { Description = "The largest loss of accuracy, 0–1, e.g. 0.005: the layers that do most damage stay in float32 until it holds." };
        Option<string?> bundle = BundleOptions.Bundle(), licence = BundleOptions.Named();
        Option<int?> golden = BundleOptions.Golden();
        var json = CommonOptions.Json();
        var command = new Command("quantize", "Bring an exported model to 8-bit integers or 16-bit floats, with the accuracy it keeps. Example: sightline quantize model.onnx runs/first -o model-int8.onnx --max-drop 0.005")
        {
            model, run, output, to, data, calibration, method, perTensor, sevenBit, plainBias, maxDrop, bundle, golden, licence, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(
            parsed.GetRequiredValue(model), parsed.GetRequiredValue(run), parsed.GetRequiredValue(output), parsed.GetValue(to)!, parsed.GetValue(data), parsed.GetValue(calibration),
            new QuantisationOptions
            {
                Method = methods[parsed.GetValue(method)!],
                PerChannel = !parsed.GetValue(perTensor),
                SevenBitWeights = parsed.GetValue(sevenBit),
                BiasCorrection = !parsed.GetValue(plainBias),
                MaxDrop = parsed.GetValue(maxDrop),
            }, BundleOptions.Of(parsed.GetValue(bundle), parsed.GetValue(golden), parsed.GetValue(licence), parsed.GetValue(data)), parsed.GetValue(json), cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(string path, string run, string output, string kind, string? data, int calibration, QuantisationOptions options, BundleOptions? wanted, bool json, CancellationToken cancellationToken)
    {
        if (calibration is < 1 or > 100_000)
            throw new BadInputException("usage", $"--calibration is {calibration}; expected 1 to 100000.");
        if (options.MaxDrop is double drop && !(drop is >= 0 and <= 1))
            throw new BadInputException("usage", "--max-drop is a share; expected 0 to 1, e.g. 0.005 for half a point.");
        if (Directory.Exists(output))
            throw new BadInputException("usage", "This is a folder; expected a file to write.", output);
        ModelContract contract;
        using (var exported = ImageClassifier.Open(path))
            contract = exported.Contract;
        using TrainedModel trained = TrainedModel.Load(run);
        if (!contract.Classes.SequenceEqual(trained.Classes))
            throw new BadInputException("contract-mismatch", "The file's classes are not the run's.", path, fix: "Name the run that it was exported from.");
        (IReadOnlyList<ImageSample> training, _, _) = EvaluationImages.Of(trained, data, null, "train");
        (IReadOnlyList<ImageSample> judges, string part, _) = EvaluationImages.Of(trained, data, null, "val", "test", "train");
        ImageSample[] chosen = kind == Half ? [] : [.. Stratified(training, calibration, trained.Recipe.Seed)];
        using var progress = new ProgressReporter();
        float[][] inputs = [.. chosen.Select(s => Input(contract, s))];
        var images = new QuantisationImages
        {
            Calibration = inputs,
            Labels = [.. judges.Select(s => s.Label)],
            WriteInput = (i, to) => contract.Preprocessing.Apply(judges[i].Content.Decode(), to.Span),
        };
        QuantisedModel quantised = kind == Half
            ? Quantiser.Half(File.ReadAllBytes(path), path, images, options.MaxDrop, progress, cancellationToken)
            : Quantiser.Run(File.ReadAllBytes(path), path, images, options, progress, cancellationToken);
        byte[] file = OnnxFile.Parse(quantised.File).WithMetadata(MetadataKey, Provenance(kind, options, quantised, chosen.Length, part)).ToBytes();
        if (wanted is not null)
            BundleFile.Write(wanted.Path, GoldenChoice.Quantised(file, judges, part, wanted));
        AtomicFile.WriteBytes(output, file);
        if (json)
            JsonOutput.WriteObject(w => Write(w, kind, options, quantised, chosen.Length, part, output));
        else
            Console.Out.Write(Text(output, kind, options, quantised, chosen.Length, part));
        if (!quantised.Holds)
            Messages.Error(string.Create(CultureInfo.InvariantCulture, $"{output}: the accuracy falls by {100 * (quantised.AccuracyFloat - quantised.AccuracyQuantised):0.###} points (at most {100 * options.MaxDrop:0.###} may){(quantised.Stopped ? "; the search was stopped, this is the best so far" : "")}."));
        if (wanted is not null)
            Messages.Note($"{wanted.Path}: golden frames of the quantised file; on the robot: sightline verify {wanted.Path}");
        Messages.Note($"Next: sightline verify {output} {run} --max-flips 0.01 --max-accuracy-change 0.01 | sightline benchmark {output}");
        return quantised.Stopped ? ExitCode.Interrupted : quantised.Holds ? ExitCode.Done : ExitCode.Failed;
    }

    private static float[] Input(ModelContract contract, ImageSample sample)
    {
        float[] input = new float[contract.Preprocessing.Length];
        contract.Preprocessing.Apply(sample.Content.Decode(), input);
        return input;
    }

    // Of each class in turn, in an order that the run's seed draws.
    private static IEnumerable<ImageSample> Stratified(IReadOnlyList<ImageSample> samples, int count, ulong seed)
    {
        ImageSample[] shuffled = [.. samples];
        new SeedStream(seed, "calibration").Shuffle<ImageSample>(shuffled);
        return shuffled.GroupBy(s => s.Label).SelectMany(g => g.Select((sample, turn) => (sample, turn))).OrderBy(x => x.turn).ThenBy(x => x.sample.Label).Take(count).Select(x => x.sample);
    }

    private static string Provenance(string kind, QuantisationOptions options, QuantisedModel quantised, int calibration, string part)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            Write(json, kind, options, quantised, calibration, part, null);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter w, string kind, QuantisationOptions options, QuantisedModel quantised, int calibration, string part, string? output)
    {
        if (output is not null)
            w.WriteString("model", Path.GetFullPath(output));
        w.WriteString("to", kind);
        w.WriteString("method", methods.First(m => m.Value == options.Method).Key);
        w.WriteBoolean("perChannel", options.PerChannel);
        w.WriteBoolean("sevenBitWeights", options.SevenBitWeights);
        w.WriteBoolean("biasCorrection", options.BiasCorrection);
        w.WriteNumber("calibrationImages", calibration);
        w.WriteString("split", part);
        w.WriteNumber("images", quantised.Images);
        w.WriteNumber("accuracyFloat", quantised.AccuracyFloat);
        w.WriteNumber("accuracyQuantised", quantised.AccuracyQuantised);
        w.WriteNumbers("accuracyChangeInterval", quantised.ChangeInterval.Low, quantised.ChangeInterval.High);
        w.WriteNumber("flips", quantised.Flips);
        w.WriteNumber("layers", quantised.Layers);
        w.WriteStrings("inFloat", quantised.InFloat);
        w.WriteNumber("bytesFloat", quantised.FloatBytes);
        w.WriteNumber("bytes", quantised.File.LongLength);
        w.WriteBoolean("holds", quantised.Holds);
        w.WriteBoolean("stopped", quantised.Stopped);
        w.WriteObjects("damage", quantised.Damage, layer =>
        {
            w.WriteString("layer", layer.Layer);
            w.WriteNumber("damage", layer.Damage);
        });
    }

    private static string Text(string output, string kind, QuantisationOptions options, QuantisedModel q, int calibration, string part)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        if (kind == Half)
            Line($"{output}: weights and values in float16");
        else
            Line($"{output}: {q.Layers - q.InFloat.Count} of {q.Layers} layers in int8, ranges by {methods.First(m => m.Value == options.Method).Key} from {calibration} training images");
        Line($"accuracy    {q.AccuracyFloat:0.0000} in float32, {q.AccuracyQuantised:0.0000} in {kind} on {q.Images} {part} images; change in [{100 * q.ChangeInterval.Low:+0.###;-0.###;0}, {100 * q.ChangeInterval.High:+0.###;-0.###;0}] points");
        Line($"decisions   {q.Flips} of {q.Images} differ");
        Line($"size        {q.FloatBytes / 1e6:0.00} MB, {q.File.Length / 1e6:0.00} MB");
        foreach (string layer in q.InFloat.Take(ShownLayers))
            Line($"  in float32: {layer}");
        if (q.InFloat.Count > ShownLayers)
            Line($"  … and {q.InFloat.Count - ShownLayers} more; --json lists all");
        return text.ToString();
    }
}
