using System.Runtime.InteropServices;
using Sightline.Models;
using Sightline.Onnx.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Pretrained;

/// <summary>
/// The ImageNet weights of the package <c>Microsoft.ML.DnnImageFeaturizer.ResNet18</c> 0.23.1 (MIT), read from its ONNX file into
/// <see cref="NetworkName"/>: features only, the package has no classifier.
/// </summary>
/// <remarks>
/// The file pads strided layers at the beginning only. For sides that are multiples of 32 this reads the same pixels as torchvision's
/// symmetric padding, so the network is our ordinary ResNet with blocks (2, 2, 2, 3); it refuses other sizes.
/// The file takes BGR from 0 to 255 minus a mean image. The first convolution is turned to RGB, and <see cref="Mean"/> and
/// <see cref="Deviation"/> are what makes a normalised image the same numbers, but for the mean image's slight change over the picture.
/// </remarks>
public static class ImageNetResNet18
{
    /// <summary>The registered network that the weights are for.</summary>
    public const string NetworkName = "resnet18_imagenet";

    /// <summary>The mean image's average of each channel, red, green, blue, as a fraction of 255.</summary>
    /// <returns>Three numbers.</returns>
    /// <exception cref="BadInputException">The package has not been fetched (<c>pretrained-missing</c>).</exception>
    public static float[] Mean()
    {
        float[] bgr = [.. MemoryMarshal.Cast<byte, float>(Open(ImageNetPackage.MeanImage).Initializers.Single(i => i.Shape.Count == 4).RawData.Span).ToArray()
            .Chunk(224 * 224).Select(plane => plane.Average() / 255)];
        return [bgr[2], bgr[1], bgr[0]];
    }

    /// <summary>What a channel is divided by after the mean is taken off: 1/255, since the weights expect steps of one grey level.</summary>
    public static float[] Deviation { get; } = [1f / 255, 1f / 255, 1f / 255];

    /// <summary>Sets everything but the classifier layer.</summary>
    /// <param name="network">A network created as <see cref="NetworkName"/>.</param>
    /// <returns>How many tensors were set.</returns>
    /// <exception cref="BadInputException">The network is another (<c>pretrained-network</c>), or the package has not
    /// been fetched (<c>pretrained-missing</c>).</exception>
    public static int Load(Classifier network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.GetName() != NetworkName)
        {
            throw new BadInputException("pretrained-network", $"There are ImageNet weights for {NetworkName}, and this network is {network.GetName()}.",
                fix: $"Set network.name to {NetworkName}.");
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Dictionary<string, Tensor> state = network.state_dict();
        IReadOnlyDictionary<string, Tensor> weights = Weights();
        foreach ((string name, Tensor values) in weights)
            state[name].copy_(values);
        return weights.Count;
    }

    // The graph names nothing usefully, but lists each block's layers in order: a 1×1 convolution is the block's projection, the
    // others are its first and second; each is followed by its BatchNorm.
    private static Dictionary<string, Tensor> Weights()
    {
        OnnxFile file = Open(ImageNetPackage.Network);
        var values = file.Initializers.ToDictionary(i => i.Name);
        Tensor Value(string name) => tensor(MemoryMarshal.Cast<byte, float>(values[name].RawData.Span).ToArray(), [.. values[name].Shape]);
        string[] blocks = [.. new[] { 2, 2, 2, 3 }.SelectMany((count, stage) => Enumerable.Range(0, count).Select(i => $"layer{stage + 1}.{i}"))];
        var found = new Dictionary<string, Tensor>();
        int convolutions = -1;
        foreach (GraphNode convolution in file.Nodes.Where(n => n.Operator == "Conv"))
        {
            GraphNode norm = file.Nodes.Single(n => n.Operator == "BatchNormalization" && n.Inputs[0] == convolution.Outputs[0]);
            Tensor weight = Value(convolution.Inputs[1]);
            string conv, bn;
            if (convolutions < 0)
            {
                (conv, bn) = ("conv1", "bn1");
                weight = weight.flip(1); // BGR → RGB
                convolutions = 0;
            }
            else if (weight.shape[2] == 1)
            {
                (conv, bn) = ($"{blocks[convolutions / 2]}.downsample.0", $"{blocks[convolutions / 2]}.downsample.1");
            }
            else
            {
                (conv, bn) = ($"{blocks[convolutions / 2]}.conv{convolutions % 2 + 1}", $"{blocks[convolutions / 2]}.bn{convolutions % 2 + 1}");
                convolutions++;
            }
            found[conv + ".weight"] = weight;
            string[] parts = ["weight", "bias", "running_mean", "running_var"];
            for (int i = 0; i < parts.Length; i++)
                found[$"{bn}.{parts[i]}"] = Value(norm.Inputs[i + 1]);
        }
        return found;
    }

    private static OnnxFile Open(string path) => File.Exists(path)
        ? OnnxFile.Read(path)
        : throw new BadInputException("pretrained-missing", "The ImageNet weights have not been fetched.", path,
            fix: $"In a checkout: dotnet restore {ImageNetPackage.Project} (59 MB).");
}
