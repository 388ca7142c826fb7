using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sightline.Imaging;
using Sightline.Runtime;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Cli.Prediction;

/// <summary>What was said about one picture.</summary>
/// <param name="File">The picture.</param>
/// <param name="Top">The most probable classes, the first first.</param>
internal sealed record Prediction(string File, IReadOnlyList<(string Label, double Probability)> Top);

/// <summary>A trained network or an exported model.</summary>
internal interface IPredictor : IDisposable
{
    /// <summary>What predicts, for people.</summary>
    string Name { get; }

    /// <summary>Its classes by index of the logits.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>What its logits hold for the place of service; null when they are as trained.</summary>
    ContractDecision? Decision { get; }

    /// <summary>Why that is not exact, as far as it is known.</summary>
    IReadOnlyList<string> Caveats { get; }

    /// <summary>Classifies a picture.</summary>
    Prediction Predict(string file, RgbImage image, int top);
}

/// <summary>Opens whatever a path holds.</summary>
internal static class Predictor
{
    /// <summary>An ONNX file runs in ONNX Runtime without torch; all else is a run or a checkpoint.</summary>
    /// <exception cref="BadInputException">A prior or weights are given for an exported file.</exception>
    public static IPredictor Open(string path, string? prior, string? weight)
    {
        if (!Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase) || Directory.Exists(path))
            return OpenTrained(path, prior, weight);
        return prior is null && weight is null
            ? new OnnxPredictor(path)
            : throw new BadInputException("usage", "--prior and --weight are for a run or a checkpoint; an exported file has them in its weights.", path, fix: "Export with them: sightline export RUN -o MODEL.onnx --prior … --weight …");
    }

    // Apart, so that an ONNX file never loads torch.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TrainedPredictor OpenTrained(string path, string? prior, string? weight) => new(path, prior, weight);
}

/// <summary>An exported model.</summary>
internal sealed class OnnxPredictor(string path) : IPredictor
{
    private readonly ImageClassifier classifier = ImageClassifier.Open(path, new ClassifierOptions { TopK = int.MaxValue });

    public string Name => path;

    public IReadOnlyList<string> Classes => classifier.Contract.Classes;

    public ContractDecision? Decision => classifier.Contract.Decision;

    public IReadOnlyList<string> Caveats => [];

    public Prediction Predict(string file, RgbImage image, int top) =>
        new(file, [.. classifier.Classify(image).Top.Take(top).Select(t => (t.Label, t.Probability))]);

    public void Dispose() => classifier.Dispose();
}

/// <summary>A trained network.</summary>
internal sealed class TrainedPredictor : IPredictor
{
    private readonly string path;
    private readonly TrainedModel model;

    public TrainedPredictor(string path, string? prior, string? weight)
    {
        this.path = path;
        model = TrainedModel.Load(path);
        DecisionOptions.Apply(model, prior, weight);
    }

    public string Name => $"{path}: {model.CheckpointName}";

    public IReadOnlyList<string> Classes => model.Classes;

    public ContractDecision? Decision => DecisionOptions.ForContract(model.Decision);

    public IReadOnlyList<string> Caveats => model.Decision?.Caveats ?? [];

    public Prediction Predict(string file, RgbImage image, int top)
    {
        var input = new float[model.Preprocessing.Length];
        model.Preprocessing.Apply(image, input);
        float[] probabilities = new float[model.Classes.Count];
        using (ScalarGuard.Enter())
        using (no_grad())
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor logits = model.Network.call(tensor(input).reshape(1, 3, model.Preprocessing.Height, model.Preprocessing.Width)).contiguous();
            MemoryMarshal.Cast<byte, float>(logits.bytes).CopyTo(probabilities);
        }
        Evaluator.Softmax(probabilities, probabilities.Length);
        return new Prediction(file, [.. probabilities.Select((p, i) => (model.Classes[i], (double)p)).OrderByDescending(t => t.Item2).Take(top)]);
    }

    public void Dispose() => model.Dispose();
}
