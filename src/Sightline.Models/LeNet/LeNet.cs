// LeNet-5. LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition", Proceedings of the IEEE 86, 1998,
// section II.B and figure 2.
//
//   1·32·32 → C1: 5×5, 6 → S2: mean 2×2 → C3: 5×5, 16 → S4: mean 2×2 → C5: 120 → F6: 84 → classes
//                 28           14               10           5
//
// Shared weights, local receptive fields and subsampling, trained by backpropagation as one: all that a convolutional network is. Of the
// 61,706 parameters 48,120 are in C5, a convolution whose kernel is as large as its map: a linear layer.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>LeNet-5 for grey images of 32×32, <c>[N, 1, 32, 32]</c>.</summary>
public sealed class LeNet : Classifier
{
    private const int Side = 32, MapSide = 5;

    private readonly Conv2d conv1;
    private readonly Conv2d conv2;
    private readonly Linear fc1;
    private readonly Linear fc2;

    /// <summary>Builds the network.</summary>
    /// <param name="classes">How many classes.</param>
    internal LeNet(int classes)
        : base(LeNetCard.Card)
    {
        conv1 = Conv2d(1, 6, kernel_size: 5);
        conv2 = Conv2d(6, 16, kernel_size: 5);
        fc1 = Linear(16 * MapSide * MapSide, 120);
        fc2 = Linear(120, 84);
        RegisterComponents();
        AddHead("fc3", Linear(84, classes));
    }

    /// <summary>What the last layer takes.</summary>
    /// <param name="images"><c>[N, 1, 32, 32] float32</c>.</param>
    /// <returns><c>[N, 84] float32</c>.</returns>
    /// <exception cref="BadInputException">The images are not grey, or not 32×32 (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        InputSize.RequireExactly(GetName(), images, Side, "weights for the map of", " pixels");
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.avg_pool2d(functional.relu(conv1.call(images)), 2);  // [N, 6, 14, 14]
        x = functional.avg_pool2d(functional.relu(conv2.call(x)), 2);              // [N, 16, 5, 5]
        x = functional.relu(fc1.call(x.flatten(1)));
        return functional.relu(fc2.call(x)).MoveToOuterDisposeScope();
    }
}
