using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Cli.Verifying;
using Sightline.Onnx;
using Sightline.Runtime;
using Sightline.Training.Evaluation;
using Sightline.Verification;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline export</c>: writes a trained network as ONNX with its contract inside.</summary>
internal static class ExportVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A run folder (its best checkpoint, else its last) or a checkpoint file." };
        var output = new Option<string>("--out", "-o") { Description = "The ONNX file to write.", Required = true };
        var opset = new Option<int>("--opset") { Description = "The ONNX operator set, 17 or more.", DefaultValueFactory = _ => OnnxExporter.LowestOpset };
        Option<string?> bundle = BundleOptions.Bundle(), licence = BundleOptions.Named();
        Option<int?> golden = BundleOptions.Golden();
        var data = new Option<string?>("--data") { Description = "Where the run's images are, if they moved; golden frames come from them." };
        Option<string?> prior = DecisionOptions.Prior(), weight = DecisionOptions.Weight();
        var json = CommonOptions.Json();
        var command = new Command("export", "Write a trained network as ONNX, pre-processing and classes inside, checked in ONNX Runtime. Example: sightline export runs/first -o model.onnx")
        {
            model, output, opset, prior, weight, bundle, golden, licence, data, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(model)!, parsed.GetValue(output)!, parsed.GetValue(opset), parsed.GetValue(prior), parsed.GetValue(weight),
            BundleOptions.Of(parsed.GetValue(bundle), parsed.GetValue(golden), parsed.GetValue(licence), parsed.GetValue(data)), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, string output, int opset, string? prior, string? weight, BundleOptions? wanted, bool json)
    {
        if (opset is < OnnxExporter.LowestOpset or > OnnxExporter.HighestOpset)
            throw new BadInputException("usage", $"--opset is {opset}; expected {OnnxExporter.LowestOpset} to {OnnxExporter.HighestOpset}.");
        if (Directory.Exists(output))
            throw new BadInputException("usage", "This is a folder; expected a file to write.", output);
        using TrainedModel model = TrainedModel.Load(path);
        DecisionOptions.Apply(model, prior, weight);
        ModelContract contract = ModelContracts.Of(model);
        ExportedModel exported = OnnxExporter.Export(model.Network, new ExportOptions
        {
            SampleShape = [3, model.Preprocessing.Height, model.Preprocessing.Width],
            InputName = contract.Input,
            OutputName = contract.Output,
            Opset = opset,
            Metadata = new Dictionary<string, string> { [ModelContract.MetadataKey] = contract.ToJson() },
        });
        Bundle? bundle = null;
        if (wanted is not null)
        {
            using var progress = new ProgressReporter();
            bundle = GoldenChoice.Exported(exported.Bytes, model, wanted, progress);
            BundleFile.Write(wanted.Path, bundle);
        }
        AtomicFile.WriteBytes(output, exported.Bytes);
        if (json)
        {
            JsonOutput.WriteObject(w =>
            {
                w.WriteString("model", Path.GetFullPath(output));
                w.WriteString("checkpoint", model.CheckpointName);
                w.WriteString("fingerprint", model.Fingerprint);
                DecisionDocument.Write(w, model.Classes, model.Decision);
                w.WriteNumber("bytes", exported.Bytes.LongLength);
                w.WriteNumber("nodes", exported.Nodes);
                w.WriteNumber("opset", opset);
                w.WriteNumber("maxAbsDifference", exported.MaxAbsDifference);
                if (bundle is not null)
                {
                    w.WriteString("bundle", Path.GetFullPath(wanted!.Path));
                    w.WriteNumber("goldenFrames", bundle.Frames.Count);
                    w.WriteNumber("expectedTop1", bundle.Expected!.Top1);
                }
            });
        }
        Messages.Note(string.Create(CultureInfo.InvariantCulture, $"{output}: {model.NetworkName}, {model.CheckpointName}, {exported.Nodes} nodes, {exported.Bytes.Length / 1e6:0.00} MB; differs from torch by at most {exported.MaxAbsDifference:0.0e+0}"));
        foreach (string line in DecisionOptions.Lines(contract.Decision, model.Classes, model.Decision?.Caveats))
            Messages.Note($"In its weights and its contract: {line}");
        if (bundle is not null)
            Messages.Note(string.Create(CultureInfo.InvariantCulture, $"{wanted!.Path}: {bundle.Frames.Count} golden frames, accuracy {bundle.Expected!.Top1:0.0000} on {bundle.Expected.Images} {bundle.Expected.Part} images; on the robot: sightline verify {wanted.Path}"));
        Messages.Note($"Next: sightline verify {output} {path} | sightline benchmark {output}");
        return ExitCode.Done;
    }
}

/// <summary>The contract of a trained network.</summary>
internal static class ModelContracts
{
    /// <summary>What an exported file of <paramref name="model"/> carries.</summary>
    /// <param name="model">The network.</param>
    /// <returns>The contract.</returns>
    public static ModelContract Of(TrainedModel model) => new(
        ModelContract.CurrentVersion, ModelContract.ClassificationTask, model.NetworkName, model.Classes, model.Preprocessing, "images", "logits", model.Fingerprint, model.CheckpointName)
    {
        Decision = DecisionOptions.ForContract(model.Decision),
    };
}
