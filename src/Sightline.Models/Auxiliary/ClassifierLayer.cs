using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>The replacement of a network's last layers, its own and those of auxiliary classifiers.</summary>
internal static class ClassifierLayer
{
    /// <summary>Registers a freshly initialised layer with another number of outputs in the place of an old one, which is disposed.</summary>
    /// <param name="owner">The module that has it.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="old">The old layer.</param>
    /// <param name="classes">How many outputs.</param>
    /// <param name="seed">The run's seed; the new layer gets the weights that a network built with it would have there.</param>
    /// <param name="prefix">What stands before the owner's parameters in the network.</param>
    /// <returns>The new layer.</returns>
    public static Linear Replace(nn.Module owner, string name, Linear old, int classes, ulong seed, string prefix)
    {
        using Tensor global = get_rng_state();
        Linear fresh = nn.Linear(old.weight.shape[1], classes, hasBias: old.bias is not null);
        set_rng_state(global);
        WeightInitialisation.Apply(fresh, seed, $"{prefix}{name}.");
        fresh.to(old.weight.device);
        fresh.to(old.weight.dtype);
        fresh.train(owner.training);
        owner.register_module(name, null!);
        owner.register_module(name, fresh);
        old.Dispose();
        return fresh;
    }
}
