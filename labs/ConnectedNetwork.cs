using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>What a unit of a layer is joined to, and whether units share weights.</summary>
internal enum Connection
{
    /// <summary>To its neighbourhood, with weights shared by all places.</summary>
    Convolution,

    /// <summary>To its neighbourhood, with weights of its own.</summary>
    Local,

    /// <summary>To everything.</summary>
    Full,
}

/// <summary>
/// Three layers with BatchNorm and ReLU, then a classifier, on images of 32×32: 3 → 16 × 16² → 32 × 8² → 64 × 4² by 3×3 neighbourhoods
/// with stride 2, or two fully connected layers of any width. Flattened, not pooled, at the end: places stay told apart in all of them.
/// </summary>
internal sealed class ConnectedNetwork : Classifier
{
    private const int Side = 32;

    private readonly Sequential body;

    /// <summary>Builds it.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="connection">How its layers are connected.</param>
    /// <param name="width">Units of each hidden layer, where it is fully connected.</param>
    public ConnectedNetwork(int classes, Connection connection, int width)
        : base(nameof(ConnectedNetwork))
    {
        var layers = new List<Module<Tensor, Tensor>>();
        if (connection == Connection.Full)
        {
            foreach (int inputs in (int[])[3 * Side * Side, width])
                layers.AddRange([Linear(inputs, width, hasBias: false), BatchNorm1d(width), ReLU()]);
            layers.Insert(0, Flatten());
        }
        else
        {
            int[] channels = [3, 16, 32, 64];
            for (int i = 0; i < 3; i++)
            {
                layers.Add(connection == Connection.Convolution
                    ? Conv2d(channels[i], channels[i + 1], kernel_size: 3, stride: 2, padding: 1, bias: false)
                    : new LocallyConnected2d(channels[i], channels[i + 1], Side >> i, kernelSize: 3, stride: 2, padding: 1));
                layers.AddRange([BatchNorm2d(channels[i + 1]), ReLU()]);
            }
            layers.Add(Flatten());
        }
        body = Sequential(layers);
        RegisterComponents();
        AddHead("fc", Linear(connection == Connection.Full ? width : 64 * (Side / 8) * (Side / 8), classes));
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor images) => body.call(images);
}
