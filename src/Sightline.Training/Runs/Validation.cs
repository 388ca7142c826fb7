using Sightline.Metrics;
using Sightline.Models;
using Sightline.Training.Evaluation;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Scores the weights that would be used (the averaged ones if kept) on the validation images, in float32.</summary>
internal sealed class Validation : IDisposable
{
    private readonly EvaluationOptions options;
    private readonly BatchLoader loader;
    private readonly int[] labels;
    private readonly int classes;

    public Validation(Recipe recipe, TrainingData data)
    {
        options = new EvaluationOptions { ChannelsLast = recipe.Training.ChannelsLast, Workers = recipe.Training.Workers, Stage = "validate" };
        classes = data.Set.Classes.Count;
        labels = [.. data.Validation.Select(s => s.Label)];
        loader = Evaluator.Loader(data.Validation, recipe.Preprocessing.ToPreprocessing(), classes, options, keep: true);
    }

    public LogitScore Score(Trainer trainer, AveragedNetwork? averaged, IProgress<WorkProgress>? progress)
    {
        Classifier network = trainer.Average is { InUse: true } average && averaged is not null ? averaged.With(average) : trainer.Network;
        float[] logits = Evaluator.Logits(network, classes, loader, labels.Length, options, progress, CancellationToken.None);
        return LogitScore.Of(logits, labels, classes);
    }

    public void Dispose() => loader.Dispose();
}
