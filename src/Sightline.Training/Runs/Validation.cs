using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Runs;

/// <summary>Scores the weights that would be used (the averaged ones if kept) on the validation images, in float32.</summary>
internal sealed class Validation : IDisposable
{
    private readonly EvaluationOptions options;
    private readonly BatchLoader loader;
    private readonly Classifier? averaged;
    private readonly int[] labels;
    private readonly int classes;

    public Validation(Recipe recipe, TrainingData data)
    {
        options = new EvaluationOptions { ChannelsLast = recipe.Training.ChannelsLast, Workers = recipe.Training.Workers, Stage = "validate" };
        classes = data.Set.Classes.Count;
        labels = [.. data.Validation.Select(s => s.Label)];
        loader = Evaluator.Loader(data.Validation, recipe.Preprocessing.ToPreprocessing(), classes, options, keep: true);
        if (recipe.Training.EmaDecay > 0)
        {
            averaged = Networks.Create(recipe.Network.Name, classes, recipe.Seed, recipe.Network.Options);
            ComputeDevice.Move(averaged, recipe.Training.Device.Type());
            if (recipe.Training.ChannelsLast)
                ChannelsLast.Apply(averaged);
        }
    }

    public (double Loss, double Top1) Score(Trainer trainer, IProgress<WorkProgress>? progress)
    {
        Classifier network = trainer.Network;
        if (averaged is not null && trainer.Average is { } average)
        {
            using IDisposable noGrad = no_grad();
            using DisposeScope scope = NewDisposeScope();
            foreach ((string name, Tensor target) in averaged.state_dict())
                target.copy_(average.Average[name]);
            network = averaged;
        }
        float[] logits = Evaluator.Logits(network, classes, loader, labels.Length, options, progress, CancellationToken.None);
        return Evaluator.Score(logits, labels, classes);
    }

    public void Dispose()
    {
        loader.Dispose();
        averaged?.Dispose();
    }
}
