using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A module that starts its own parameters in its own way, after <see cref="WeightInitialisation"/> has set the usual.</summary>
internal interface IInitialised
{
    /// <summary>Sets the parameters that the usual rule would start wrongly.</summary>
    /// <param name="draw">Where random values come from.</param>
    void Initialise(FirstWeights draw);
}

/// <summary>A network all of whose convolutions and linear layers start normal with one deviation, biases at zero, as ViT's do.</summary>
internal interface INormallyInitialised
{
    /// <summary>The deviation.</summary>
    double Deviation { get; }
}

/// <summary>Draws first values: each tensor from the run's stream of its name.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Path">What stands before the module's own names.</param>
internal readonly record struct FirstWeights(ulong Seed, string Path)
{
    /// <summary>Fills with normal values of mean 0.</summary>
    /// <param name="tensor">What to fill.</param>
    /// <param name="deviation">Their deviation.</param>
    /// <param name="name">The parameter's name in its module.</param>
    public void Normal(Tensor tensor, double deviation, string name)
    {
        using Generator generator = Stream(name);
        tensor.normal_(0, deviation, generator);
    }

    /// <summary>Fills with values uniform in ±<paramref name="bound"/>.</summary>
    /// <param name="tensor">What to fill.</param>
    /// <param name="bound">The largest.</param>
    /// <param name="name">The parameter's name in its module.</param>
    public void Uniform(Tensor tensor, double bound, string name)
    {
        using Generator generator = Stream(name);
        tensor.uniform_(-bound, bound, generator);
    }

    private Generator Stream(string name)
    {
        var generator = new Generator(0, CPU);
        generator.manual_seed(unchecked((long)SeedStream.Derive(Seed, "initialisation/" + Path + name)));
        return generator;
    }
}

/// <summary>
/// The first weights of every network: He et al. 2015, "Delving Deep into Rectifiers", normal with variance 2 / fan-out for convolutions
/// (as torchvision's ResNet), ones and zeros for normalisation, uniform in ±1/√fan-in for linear layers (as torch). The fan-out of a
/// grouped convolution is that of one group, as in timm; torch's <c>kaiming_normal_</c> takes all groups' together, and so starts the
/// filters of a depthwise layer of 512 channels 23 times smaller.
/// </summary>
/// <remarks>
/// Each parameter has a stream of its own, named after it. So a network and its plain twin, or the same network with another number of
/// classes, start from the same weights wherever they have the same parameter: comparisons between them are paired.
/// </remarks>
public static class WeightInitialisation
{
    /// <summary>Sets all parameters and buffers of <paramref name="module"/>.</summary>
    /// <param name="module">The network, or a part of it.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="prefix">What stands before the names of the parameters, e.g. <c>fc.</c> for a part.</param>
    public static void Apply(nn.Module module, ulong seed, string prefix = "") => Apply(module, seed, prefix, (module as INormallyInitialised)?.Deviation);

    /// <summary>Sets all parameters and buffers of a part of a network.</summary>
    /// <param name="module">The part.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="prefix">What stands before the names of its parameters.</param>
    /// <param name="deviation">The network's own deviation, if it has one (<see cref="INormallyInitialised"/>).</param>
    internal static void Apply(nn.Module module, ulong seed, string prefix, double? deviation)
    {
        ArgumentNullException.ThrowIfNull(module);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var all = module.named_modules().Prepend(("", module)).Select(m => (Part: m.Item2, Draw: new FirstWeights(seed, prefix + (m.Item1.Length == 0 ? "" : m.Item1 + ".")))).ToList();
        foreach ((nn.Module part, FirstWeights draw) in all)
        {
            switch (part)
            {
                case Conv2d conv:
                    // An input value of a grouped convolution meets the filters of its own group only.
                    double fanOut = conv.weight.shape[0] / conv.groups * conv.weight.shape[2] * conv.weight.shape[3];
                    draw.Normal(conv.weight, deviation ?? Math.Sqrt(2 / fanOut), "weight");
                    conv.bias?.zero_();
                    break;
                case LocallyConnected2d local:
                    // By what a place's output sums over: there is no fan-out beyond one place.
                    draw.Normal(local.weight, Math.Sqrt(2.0 / local.weight.shape[1]), "weight");
                    break;
                case Linear linear when deviation is double normal:
                    draw.Normal(linear.weight, normal, "weight");
                    linear.bias?.zero_();
                    break;
                case Linear linear:
                    double bound = 1 / Math.Sqrt(linear.weight.shape[1]);
                    draw.Uniform(linear.weight, bound, "weight");
                    if (linear.bias is not null)
                        draw.Uniform(linear.bias, bound, "bias");
                    break;
                case BatchNorm2d norm:
                    norm.weight?.fill_(1);
                    norm.bias?.zero_();
                    break;
            }
        }
        foreach ((nn.Module part, FirstWeights draw) in all)
            (part as IInitialised)?.Initialise(draw);
    }
}
