using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A module that starts its own parameters in its own way, after <see cref="WeightInitialisation"/> has set the usual.</summary>
internal interface IInitialised
{
    /// <summary>Sets the parameters that the usual rule would start wrongly.</summary>
    void Initialise();
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
    public static void Apply(nn.Module module, ulong seed, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(module);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var all = module.named_modules().Prepend(("", module)).ToList();
        foreach ((string name, nn.Module part) in all)
        {
            string path = prefix + (name.Length == 0 ? "" : name + ".");
            switch (part)
            {
                case Conv2d conv:
                    // An input value of a grouped convolution meets the filters of its own group only.
                    double fanOut = conv.weight.shape[0] / conv.groups * conv.weight.shape[2] * conv.weight.shape[3];
                    Normal(conv.weight, Math.Sqrt(2 / fanOut), seed, path + "weight");
                    if (conv.bias is not null)
                        conv.bias.zero_();
                    break;
                case Linear linear:
                    double bound = 1 / Math.Sqrt(linear.weight.shape[1]);
                    Uniform(linear.weight, bound, seed, path + "weight");
                    if (linear.bias is not null)
                        Uniform(linear.bias, bound, seed, path + "bias");
                    break;
                case BatchNorm2d norm:
                    norm.weight?.fill_(1);
                    norm.bias?.zero_();
                    break;
            }
        }
        foreach ((string _, nn.Module part) in all)
            (part as IInitialised)?.Initialise();
    }

    private static void Normal(Tensor tensor, double deviation, ulong seed, string name)
    {
        using Generator generator = Stream(seed, name);
        tensor.normal_(0, deviation, generator);
    }

    private static void Uniform(Tensor tensor, double bound, ulong seed, string name)
    {
        using Generator generator = Stream(seed, name);
        tensor.uniform_(-bound, bound, generator);
    }

    private static Generator Stream(ulong seed, string name)
    {
        var generator = new Generator(0, CPU);
        generator.manual_seed(unchecked((long)SeedStream.Derive(seed, "initialisation/" + name)));
        return generator;
    }
}
