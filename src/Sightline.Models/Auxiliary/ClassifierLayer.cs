using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>The replacement of a network's last layers, its own and those of auxiliary classifiers.</summary>
internal static class ClassifierLayer
{
    /// <summary>Makes a freshly initialised layer with another number of outputs, alike in all else.</summary>
    /// <param name="old">The layer in whose place it will stand.</param>
    /// <param name="classes">How many outputs.</param>
    /// <param name="seed">The run's seed; the new layer gets the weights that a network built with it would have there.</param>
    /// <param name="path">The layer's path in the network, e.g. <c>fc</c> or <c>aux1.fc2</c>.</param>
    /// <param name="deviation">The network's own deviation of first weights, if it has one.</param>
    /// <returns>The new layer, not yet registered.</returns>
    public static Linear Fresh(Linear old, int classes, ulong seed, string path, double? deviation = null)
    {
        using Tensor global = get_rng_state();
        Linear fresh = nn.Linear(old.weight.shape[1], classes, hasBias: old.bias is not null);
        set_rng_state(global);
        WeightInitialisation.Apply(fresh, seed, path + ".", deviation);
        fresh.to(old.weight.device);
        fresh.to(old.weight.dtype);
        fresh.train(old.training);
        return fresh;
    }

    /// <summary>Makes a layer with the same weights and a bias of zeros.</summary>
    /// <param name="old">The layer in whose place it will stand.</param>
    /// <returns>The new layer, not yet registered.</returns>
    public static Linear WithBias(Linear old)
    {
        using Tensor global = get_rng_state();
        Linear biased = nn.Linear(old.weight.shape[1], old.weight.shape[0]);
        set_rng_state(global);
        biased.to(old.weight.device);
        biased.to(old.weight.dtype);
        biased.train(old.training);
        using IDisposable noGrad = no_grad();
        biased.weight.copy_(old.weight);
        biased.bias!.zero_();
        return biased;
    }
}
