using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>The multiply-accumulates of one layer.</summary>
/// <param name="Name">The layer's path, e.g. <c>layer1.0.conv1</c>.</param>
/// <param name="OutputShape">The shape it gave, with batch 1.</param>
/// <param name="Macs">Multiply-accumulates.</param>
public sealed record LayerMacs(string Name, IReadOnlyList<long> OutputShape, long Macs);

/// <summary>
/// Counts the multiply-accumulates of convolutions and linear layers from the shapes that pass through them, as torchvision and fvcore
/// count them (normalisation, activations, pooling and additions are left out).
/// </summary>
/// <remarks>It sees layers that are modules and are called through <c>call</c>, not functional calls.</remarks>
public static class MacCounter
{
    /// <summary>Runs one forward pass and counts.</summary>
    /// <param name="module">Any module; its mode is restored afterwards.</param>
    /// <param name="sampleShape">The shape of one sample, e.g. <c>[3, 224, 224]</c>.</param>
    /// <returns>One entry for each call of a layer, in the order of the calls.</returns>
    public static IReadOnlyList<LayerMacs> Count(nn.Module<Tensor, Tensor> module, IReadOnlyList<long> sampleShape)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(sampleShape);
        var counted = new List<LayerMacs>();
        var removals = new List<Action>();
        Dictionary<nn.Module, string> names = new(ReferenceEqualityComparer.Instance);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var evaluating = new EvaluationMode(module);
        try
        {
            foreach ((string name, nn.Module part) in module.named_modules().Prepend(("", module)))
            {
                if (part is nn.Module<Tensor, Tensor> layer && WeightOf(part) is not null)
                {
                    names[part] = name;
                    removals.Add(layer.register_forward_hook((_, input, output) =>
                    {
                        counted.Add(new(name, output.shape, Macs(part, input, output)));
                        return output;
                    }).remove);
                }
            }
            using IDisposable watch = PointwiseConvolution.Watching((_, _) => { }, (conv, input, output) =>
                counted.Add(new(names[conv], output.shape, Macs(conv, input, output))));
            module.call(zeros([1, .. sampleShape]));
        }
        finally
        {
            foreach (Action remove in removals)
                remove();
        }
        return counted;
    }

    /// <summary>The multiply-accumulates of one call of a convolution or linear layer; 0 for other modules.</summary>
    internal static long Macs(nn.Module part, Tensor input, Tensor output)
    {
        if (WeightOf(part) is not Tensor weight)
            return 0;
        // Without sharing, each weight is used once for an image.
        if (part is LocallyConnected2d)
            return output.shape[0] * weight.numel();
        // Each output value takes one weight slice. A transposed convolution is the other way round: each input value meets one.
        Tensor values = part is ConvTranspose1d or ConvTranspose2d or ConvTranspose3d ? input : output;
        return values.numel() * (weight.numel() / weight.shape[0]);
    }

    private static Tensor? WeightOf(nn.Module part) => part switch
    {
        Conv1d c => c.weight,
        Conv2d c => c.weight,
        Conv3d c => c.weight,
        ConvTranspose1d c => c.weight,
        ConvTranspose2d c => c.weight,
        ConvTranspose3d c => c.weight,
        Linear l => l.weight,
        LocallyConnected2d l => l.weight,
        _ => null,
    };
}
