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

    /// <summary>Classifies a picture.</summary>
    Prediction Predict(string file, RgbImage image, int top);
}

/// <summary>Opens whatever a path holds.</summary>
internal static class Predictor
{
    /// <summary>An ONNX file runs in ONNX Runtime without torch; all else is a run or a checkpoint.</summary>
    public static IPredictor Open(string path) => Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path)
        ? new OnnxPredictor(path)
        : OpenTrained(path);

    // Apart, so that an ONNX file never loads torch.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TrainedPredictor OpenTrained(string path) => new(path);
}

/// <summary>An exported model.</summary>
internal sealed class OnnxPredictor(string path) : IPredictor
{
    private readonly ImageClassifier classifier = ImageClassifier.Open(path, new ClassifierOptions { TopK = int.MaxValue });

    public string Name => path;

    public Prediction Predict(string file, RgbImage image, int top) =>
        new(file, [.. classifier.Classify(image).Top.Take(top).Select(t => (t.Label, t.Probability))]);

    public void Dispose() => classifier.Dispose();
}

/// <summary>A trained network.</summary>
internal sealed class TrainedPredictor(string path) : IPredictor
{
    private readonly TrainedModel model = TrainedModel.Load(path);

    public string Name => $"{path}: {model.CheckpointName}";

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
