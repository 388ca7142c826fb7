using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>
/// Keeps what a layer gives in a pass, as the leaf from which gradients are counted: what lies before the layer needs none, so a backward
/// pass ends at it.
/// </summary>
/// <remarks>Together with <see cref="FrozenParameters"/>, without which the layer's output would not be a leaf.</remarks>
internal sealed class LayerCapture : IDisposable
{
    private readonly Action remove;
    private readonly IDisposable pointwise;
    private readonly bool forGradients;
    private Tensor? output;

    /// <summary>Watches a layer until disposed.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">The layer's path.</param>
    /// <param name="forGradients">Whether gradients will be asked for.</param>
    public LayerCapture(Classifier network, string layer, bool forGradients)
    {
        this.forGradients = forGradients;
        var module = (nn.Module<Tensor, Tensor>)network.named_modules().First(m => m.name == layer).module;
        remove = module.register_forward_hook((_, _, map) => Take(map).alias()).remove;
        pointwise = PointwiseConvolution.Watching((_, _) => { }, (convolution, _, map) =>
        {
            if (ReferenceEquals(convolution, module))
                Take(map);
        });
    }

    /// <summary>The map of the last pass, <c>[N, C, H, W] float32</c>; its gradient stands in it after a backward pass.</summary>
    public Tensor Output => output ?? throw new InvalidOperationException("The layer took no part in the pass.");

    /// <inheritdoc/>
    public void Dispose()
    {
        remove();
        pointwise.Dispose();
        output?.Dispose();
    }

    // The handle is kept here: a Sequential disposes what it has passed on. So the network goes on with an alias.
    private Tensor Take(Tensor map)
    {
        output?.Dispose();
        output = map.DetachFromDisposeScope();
        if (forGradients)
            map.requires_grad_(true);
        return map;
    }
}

/// <summary>Takes a network's parameters out of the gradients' way until disposed.</summary>
internal sealed class FrozenParameters : IDisposable
{
    private readonly List<Parameter> frozen = [];

    /// <summary>Freezes.</summary>
    public FrozenParameters(nn.Module network)
    {
        foreach (Parameter parameter in network.parameters().Where(p => p.requires_grad))
        {
            parameter.requires_grad = false;
            frozen.Add(parameter);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Parameter parameter in frozen)
            parameter.requires_grad = true;
    }
}
