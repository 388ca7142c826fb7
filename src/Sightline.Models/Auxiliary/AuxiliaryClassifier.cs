using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>A classifier at an inner layer: feature maps <c>[N, C, H, W]</c> in, logits <c>[N, classes]</c> out.</summary>
public abstract class AuxiliaryClassifier : Module<Tensor, Tensor>
{
    /// <summary>Creates the module under a name.</summary>
    /// <param name="name">The name.</param>
    protected AuxiliaryClassifier(string name)
        : base(name)
    {
    }

    /// <summary>The name of its last layer, e.g. <c>fc2</c>.</summary>
    public abstract string HeadName { get; }

    /// <summary>Its last layer, from features to logits.</summary>
    protected abstract Linear Head { get; set; }

    /// <summary>Puts a freshly initialised last layer in the place of the present one.</summary>
    /// <param name="classes">How many classes to tell apart, at least 1.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="prefix">What stands before this module's parameters in the network, e.g. <c>aux1.</c></param>
    internal void ReplaceHead(int classes, ulong seed, string prefix)
    {
        Linear old = Head, fresh = ClassifierLayer.Fresh(old, classes, seed, $"{prefix}{HeadName}.");
        register_module(HeadName, null!);
        Head = fresh;
        register_module(HeadName, fresh);
        old.Dispose();
    }
}
