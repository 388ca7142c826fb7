// A multilayer perceptron. Rumelhart, Hinton, Williams: "Learning representations by back-propagating errors", Nature 323, 1986.
//
// Every value of the image is joined to every unit: nothing in it knows that pixels have neighbours. The network that dropout was
// first shown on (Srivastava et al. 2014, section 6.1.1), and what a convolutional network is to be compared with.
//
//   3 · 32 · 32 → 512 → ReLU → dropout → 512 → ReLU → dropout → classes

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Two hidden layers of 512 units on images of 32×32.</summary>
public sealed class Mlp : Classifier
{
    private const int Side = 32, Width = 512;

    private readonly Linear fc1;
    private readonly Linear fc2;
    private readonly ScaledDropout drop1;
    private readonly ScaledDropout drop2;

    /// <summary>Builds the network.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal Mlp(int classes, NetworkOptions options)
        : base(MlpCard.Card)
    {
        fc1 = Linear(3 * Side * Side, Width);
        drop1 = new ScaledDropout(options.Dropout ?? 0, options.DropoutScaling);
        fc2 = Linear(Width, Width);
        drop2 = new ScaledDropout(options.Dropout ?? 0, options.DropoutScaling);
        RegisterComponents();
        AddHead("fc", Linear(Width, classes));
    }

    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are not 32×32 (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        InputSize.RequireExactly(GetName(), images, Side, "a weight for each pixel of");
        using DisposeScope scope = NewDisposeScope();
        Tensor x = drop1.call(functional.relu(fc1.call(images.flatten(1))));
        return drop2.call(functional.relu(fc2.call(x))).MoveToOuterDisposeScope();
    }
}
