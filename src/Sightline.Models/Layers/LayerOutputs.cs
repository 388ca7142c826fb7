using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>What the layers of a network give, while somebody watches.</summary>
public static class LayerOutputs
{
    /// <summary>
    /// Calls back after every module with one tensor in and one out, in the order in which they finish; also after the convolutions that
    /// run as matrix products (<see cref="PointwiseConvolution"/>), for which hooks don't fire.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="seen">Gets the module's path in the network, the module and its output, which is the network's own: it may be read, not kept.</param>
    /// <returns>Dispose it to stop. Watching belongs to the thread that began it.</returns>
    public static IDisposable Watch(nn.Module network, Action<string, nn.Module, Tensor> seen)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(seen);
        var names = new Dictionary<nn.Module, string>(ReferenceEqualityComparer.Instance);
        var removals = new List<Action>();
        foreach ((string name, nn.Module part) in network.named_modules())
        {
            names[part] = name;
            if (part is not nn.Module<Tensor, Tensor> layer)
                continue;
            removals.Add(layer.register_forward_hook((_, _, output) =>
            {
                seen(name, part, output);
                return output;
            }).remove);
        }
        IDisposable pointwise = PointwiseConvolution.Watching((_, _) => { }, (convolution, _, output) =>
        {
            if (names.TryGetValue(convolution, out string? name))
                seen(name, convolution, output);
        });
        return new Watching(removals, pointwise);
    }

    private sealed class Watching(List<Action> removals, IDisposable pointwise) : IDisposable
    {
        public void Dispose()
        {
            pointwise.Dispose();
            removals.ForEach(remove => remove());
            removals.Clear();
        }
    }
}
