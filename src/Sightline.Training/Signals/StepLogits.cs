using System.Runtime.InteropServices;
using Sightline.Metrics;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Pipeline;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Signals;

/// <summary>Gathers the logits of one measured step over its batches.</summary>
internal sealed class StepLogits
{
    private readonly List<float> logits = [];
    private readonly List<int> labels = [];
    private int classes;
    private bool mixed;

    /// <summary>Takes a batch's logits.</summary>
    public void Add(Batch batch, Tensor given)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = ComputeDevice.Put(given.detach(), DeviceType.CPU).to_type(ScalarType.Float32).contiguous();
        classes = (int)values.shape[1];
        logits.AddRange(MemoryMarshal.Cast<byte, float>(values.bytes));
        foreach (long label in batch.Labels.data<long>())
            labels.Add((int)label);
        mixed |= batch.SoftTargets is not null;
    }

    /// <summary>What they say.</summary>
    public StepImages Images()
    {
        int[] counts = new int[classes];
        foreach (int label in labels)
            counts[label]++;
        double top = (double)counts.Max() / labels.Count;
        if (mixed)
            return new StepImages(double.NaN, double.NaN, double.NaN, top);
        LogitScore score = LogitScore.Of(CollectionsMarshal.AsSpan(logits), CollectionsMarshal.AsSpan(labels), classes);
        return new StepImages(score.ConfidentlyWrong, score.LossMedian, score.LossP90, top);
    }
}
