using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>The replacement of a network's last layers, its own and those of auxiliary classifiers.</summary>
internal static class ClassifierLayer
{
    /// <summary>A freshly initialised layer with another number of outputs.</summary>
    /// <param name="old">The layer whose place it takes; left as it is.</param>
    /// <param name="classes">How many outputs.</param>
    /// <param name="seed">The run's seed; the new layer gets the weights that a network built with it would have there.</param>
    /// <param name="path">What stands before its parameters in the network, e.g. <c>aux1.fc2.</c></param>
    /// <returns>The new layer, in the old one's mode, precision and place.</returns>
    public static Linear Fresh(Linear old, int classes, ulong seed, string path)
    {
        using Tensor global = get_rng_state();
        Linear fresh = nn.Linear(old.weight.shape[1], classes, hasBias: old.bias is not null);
        set_rng_state(global);
        WeightInitialisation.Apply(fresh, seed, path);
        fresh.to(old.weight.device);
        fresh.to(old.weight.dtype);
        fresh.train(old.training);
        return fresh;
    }
}
