using Sightline.Diagnosis;
using Sightline.Training.Loop;

namespace Sightline.Training.Runs;

/// <summary>The run's curves as a TensorBoard event file; a resume cuts it after the step it goes on from.</summary>
internal sealed class RunEvents(RunFolder folder, long lastStep) : IDisposable
{
    private readonly EventFileWriter writer = EventFileWriter.Open(folder.Events, lastStep);

    /// <summary>A row of signals.csv.</summary>
    public void Step(long step, StepResult result)
    {
        writer.Scalar("loss/step", step, result.Loss);
        writer.Scalar("learning_rate", step, result.LearningRate);
        writer.Scalar("gradient_norm", step, result.GradientNorm ?? double.NaN);
        writer.Scalar("weight_norm", step, result.Signals!.WeightNorm);
        writer.Scalar("update_norm", step, result.Signals.UpdateNorm);
    }

    /// <summary>A row of metrics.csv.</summary>
    public void Epoch(EpochMetrics row)
    {
        writer.Scalar("loss/train", row.Step, row.TrainLoss);
        writer.Scalar("loss/val", row.Step, row.ValLoss);
        writer.Scalar("top1/train", row.Step, row.TrainTop1);
        writer.Scalar("top1/val", row.Step, row.ValTop1);
        writer.Flush();
    }

    /// <summary>Before a checkpoint: what it remembers is in the file.</summary>
    public void Flush() => writer.Flush();

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
