// LeNet-5. LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition", Proceedings of the IEEE 86, 1998.
//
//   1 · 32 · 32 → conv 5×5, 6 → ReLU → pool → conv 5×5, 16 → ReLU → pool → 120 → ReLU → 84 → ReLU → classes
//
// Ours: ReLU for the scaled tanh, mean pooling without weights, every map of the second layer joined to all of the first, a softmax.

namespace Sightline.Autograd.Networks;

/// <summary>LeNet-5 on this engine: 61,706 parameters for ten classes.</summary>
public sealed class LeNet
{
    private readonly Variable conv1, conv1Bias, conv2, conv2Bias, fc1, fc1Bias, fc2, fc2Bias, fc3, fc3Bias;

    /// <summary>Draws weights after He et al. 2015: normal with variance 2 / fan-in; biases zero.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="seed">Each parameter draws from a stream of its own name.</param>
    public LeNet(int classes, ulong seed)
    {
        Variable Weight(string name, int fanIn, params int[] shape)
        {
            var stream = new SeedStream(seed, "initialisation/" + name);
            double[] values = new double[NdArray.Count(shape)];
            for (int i = 0; i < values.Length; i++)
                values[i] = stream.Normal(0, Math.Sqrt(2.0 / fanIn));
            return Variable.Parameter(new NdArray(values, shape));
        }
        Variable Bias(params int[] shape) => Variable.Parameter(NdArray.Full(0, shape));
        (conv1, conv1Bias) = (Weight("conv1", 25, 6, 1, 5, 5), Bias(6, 1, 1));
        (conv2, conv2Bias) = (Weight("conv2", 150, 16, 6, 5, 5), Bias(16, 1, 1));
        (fc1, fc1Bias) = (Weight("fc1", 400, 400, 120), Bias(120));
        (fc2, fc2Bias) = (Weight("fc2", 120, 120, 84), Bias(84));
        (fc3, fc3Bias) = (Weight("fc3", 84, 84, classes), Bias(classes));
    }

    /// <summary>What there is to learn, in the order of the layers: weight, bias, weight, bias …</summary>
    public IReadOnlyList<Variable> Parameters => [conv1, conv1Bias, conv2, conv2Bias, fc1, fc1Bias, fc2, fc2Bias, fc3, fc3Bias];

    /// <summary>The logits of images.</summary>
    /// <param name="images"><c>[N, 1, 32, 32]</c>.</param>
    /// <returns><c>[N, classes]</c>.</returns>
    public Variable Forward(Variable images)
    {
        ArgumentNullException.ThrowIfNull(images);
        Variable x = (images.Convolve(conv1) + conv1Bias).Relu().AveragePool(); // [N, 6, 14, 14]
        x = (x.Convolve(conv2) + conv2Bias).Relu().AveragePool();               // [N, 16, 5, 5]
        x = x.Reshape(images.Shape[0], 400);
        x = (x.MatMul(fc1) + fc1Bias).Relu();
        x = (x.MatMul(fc2) + fc2Bias).Relu();
        return x.MatMul(fc3) + fc3Bias;
    }
}
