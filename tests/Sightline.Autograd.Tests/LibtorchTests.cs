using Sightline.Autograd;
using Sightline.Autograd.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>A whole network, forward, backward and steps, against libtorch in float64 on the same numbers.</summary>
public sealed class LibtorchTests
{
    [Fact]
    public void LeNet_has_libtorchs_loss_gradients_and_steps()
    {
        using DisposeScope scope = NewDisposeScope();
        var network = new LeNet(classes: 10, seed: 3);
        Assert.Equal(61_706, network.Parameters.Sum(p => p.Data.Values.Length));
        var draw = new SeedStream(4, "images");
        NdArray images = NdArray.Full(0, [6, 1, 32, 32]);
        for (int i = 0; i < images.Values.Length; i++)
            images.Values[i] = draw.Normal(0, 1);
        int[] labels = [3, 1, 4, 1, 5, 9];
        Parameter[] learnt = [.. network.Parameters.Select(p => new Parameter(Copy(p.Data)))];
        Tensor truth = tensor(labels.Select(l => (long)l).ToArray()), given = Copy(images);
        var descent = new GradientDescent(network.Parameters, momentum: 0.9);
        using var sgd = torch.optim.SGD(learnt, learningRate: 0.05, momentum: 0.9);
        for (int step = 0; step < 3; step++)
        {
            Variable loss = network.Forward(Variable.Constant(images)).CrossEntropy(labels);
            loss.Backward();
            sgd.zero_grad();
            Tensor expected = nn.functional.cross_entropy(Forward(given, learnt), truth);
            expected.backward();
            Assert.Equal(expected.item<double>(), loss.Data.Item, 1e-12);
            for (int i = 0; i < learnt.Length; i++)
                AssertNear(learnt[i].grad!, network.Parameters[i].Gradient!, $"gradient {i} in step {step}");
            descent.Step(0.05);
            sgd.step();
        }
        for (int i = 0; i < learnt.Length; i++)
            AssertNear(learnt[i], network.Parameters[i].Data, $"parameter {i}");
    }

    [Fact]
    public void Backward_costs_about_twice_forward()
    {
        var network = new LeNet(classes: 10, seed: 3);
        Variable? loss = null;
        long forward = OperationCount.Of(() => loss = network.Forward(Variable.Constant(NdArray.Full(0.5, [4, 1, 32, 32]))).CrossEntropy([0, 1, 2, 3]));
        long backward = OperationCount.Of(loss!.Backward);
        // Published: 416,520 multiply-accumulates in the layers (LeNet-5 with full second layer, 5×5, 32×32 images).
        Assert.InRange(forward, 4 * 416_520, 4 * 416_520 * 1.1);
        Assert.InRange((double)backward / forward, 1.5, 2.1);
    }

    private static Tensor Forward(Tensor images, Tensor[] w)
    {
        Tensor x = nn.functional.avg_pool2d(nn.functional.relu(nn.functional.conv2d(images, w[0]) + w[1]), 2);
        x = nn.functional.avg_pool2d(nn.functional.relu(nn.functional.conv2d(x, w[2]) + w[3]), 2).flatten(1);
        x = nn.functional.relu(x.mm(w[4]) + w[5]);
        x = nn.functional.relu(x.mm(w[6]) + w[7]);
        return x.mm(w[8]) + w[9];
    }

    private static Tensor Copy(NdArray array) => tensor(array.Values, [.. array.Shape.Select(s => (long)s)]);

    private static void AssertNear(Tensor expected, NdArray actual, string what)
    {
        double off = (expected - Copy(actual)).abs().max().item<double>(), largest = expected.abs().max().item<double>();
        Assert.True(off <= 1e-10 * Math.Max(largest, 1e-3), $"{what} is off by {off} of {largest}");
    }
}
