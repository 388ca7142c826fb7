using Sightline.Models;
using Sightline.Training.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Runs;

/// <summary>Batches of one image: where the map has shrunk to 1×1, a BatchNorm in training gets one value a channel, and has no variance.</summary>
/// <remarks>PyTorch refuses; TorchSharp 0.107 doesn't, gives the shift as output and leaves NaN as the running variance.</remarks>
internal static class SingleImageCheck
{
    /// <summary>Makes sure that a network can train on batches of one image of the recipe's size; larger batches need no check.</summary>
    /// <param name="network">The network; its statistics and torch's generator are as before afterwards.</param>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="trainImages">How many training images there are.</param>
    /// <exception cref="BadInputException">A BatchNorm would get one value a channel (<c>batch-of-one</c>).</exception>
    public static void Require(Classifier network, Recipe recipe, int trainImages)
    {
        if (Math.Min(recipe.Training.BatchSize, trainImages) > 1)
            return;
        int width = recipe.Preprocessing.Width!.Value, height = recipe.Preprocessing.Height!.Value;
        bool training = network.training;
        var unhook = new List<Action>();
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor generator = get_rng_state();
        (Tensor Buffer, Tensor Value)[] before = [.. network.buffers().Select(b => (b, b.clone()))];
        try
        {
            network.train();
            foreach ((string name, nn.Module part) in network.named_modules())
            {
                if (part is BatchNorm norm)
                {
                    unhook.Add(norm.register_forward_pre_hook((_, x) => x.numel() > x.shape[1] ? x : throw new BadInputException("batch-of-one",
                        $"{network.GetName()} cannot train on one image of {width}×{height} at a time: its map is 1×1 at {name}, and a BatchNorm needs more than one value a channel.",
                        fix: trainImages > 1 ? "Set training.batchSize to 2 or more, or take larger images." : "Take larger images, or more than one.")).remove);
                }
            }
            TrainingLogits.Of(network, zeros(1, 3, height, width));
        }
        finally
        {
            unhook.ForEach(remove => remove());
            foreach ((Tensor buffer, Tensor value) in before)
                buffer.copy_(value);
            network.train(training);
            set_rng_state(generator);
        }
    }
}
