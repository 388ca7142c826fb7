using Sightline.Metrics;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>The labelled images that judge what rewriting a model costs.</summary>
/// <param name="contract">The model's contract.</param>
/// <param name="name">What to call it in errors.</param>
/// <param name="images">The images.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class Judges(ModelContract contract, string name, QuantisationImages images, IProgress<WorkProgress>? progress)
{
    private const int Batch = 32;

    /// <summary>The decisions of a model on all of them.</summary>
    /// <param name="model">The ONNX file's bytes.</param>
    /// <param name="stage">What to call the work.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>A class for each.</returns>
    public int[] Decisions(byte[] model, string stage, CancellationToken cancellationToken)
    {
        using ImageClassifier classifier = ImageClassifier.Open(model, name);
        int length = contract.Preprocessing.Length, classes = contract.Classes.Count;
        int[] decisions = new int[images.Labels.Count];
        float[] inputs = new float[Batch * length], logits = new float[Batch * classes];
        for (int start = 0; start < decisions.Length; start += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int first = start, n = Math.Min(Batch, decisions.Length - start);
            ParallelWork.Run(() => Parallel.For(0, n, i => images.WriteInput(first + i, inputs.AsMemory(i * length, length))));
            classifier.Logits(inputs.AsSpan(0, n * length), n, logits.AsSpan(0, n * classes));
            for (int i = 0; i < n; i++)
                decisions[start + i] = LogitComparison.Decision(logits.AsSpan(i * classes, classes));
            progress?.Report(new WorkProgress(stage, start + n, decisions.Length, "images"));
        }
        return decisions;
    }

    /// <summary>Says what a model costs against another.</summary>
    /// <param name="file">The rewritten model.</param>
    /// <param name="floatBytes">Length of the other's file.</param>
    /// <param name="before">The other's decisions.</param>
    /// <param name="after">Its own.</param>
    /// <param name="maxDrop">The largest loss of accuracy that holds; null for any.</param>
    /// <returns>Accuracies and what they differ by.</returns>
    public QuantisedModel Compare(byte[] file, long floatBytes, int[] before, int[] after, double? maxDrop)
    {
        bool[] right = [.. before.Zip(images.Labels, (d, l) => d == l)], now = [.. after.Zip(images.Labels, (d, l) => d == l)];
        double was = right.Average(r => r ? 1.0 : 0), will = now.Average(r => r ? 1.0 : 0);
        return new QuantisedModel
        {
            File = file,
            FloatBytes = floatBytes,
            Images = before.Length,
            AccuracyFloat = was,
            AccuracyQuantised = will,
            ChangeInterval = PairedComparison.Of(right, now, 0).DifferenceInterval,
            Flips = before.Zip(after).Count(d => d.First != d.Second),
            Damage = [],
            InFloat = [],
            Layers = 0,
            Holds = maxDrop is not double drop || was - will <= drop + 1e-12,
        };
    }
}
