using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>
/// Three convolutions with BatchNorm, with dropout in front of the second and third (so that their BatchNorms see what dropout left) or
/// behind the last (so that none does): the smallest network that shows the variance shift of Li et al. 2019.
/// </summary>
internal sealed class NormNetwork : Classifier
{
    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm2d bn1, bn2, bn3;
    private readonly ScaledDropout drop1, drop2, drop3;

    /// <summary>Builds it.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="before">The probability of dropping in front of the second and third convolution.</param>
    /// <param name="after">The probability of dropping behind the last BatchNorm.</param>
    public NormNetwork(int classes, double before, double after)
        : base(nameof(NormNetwork))
    {
        conv1 = Conv2d(3, 32, kernel_size: 3, padding: 1, bias: false);
        bn1 = BatchNorm2d(32);
        conv2 = Conv2d(32, 64, kernel_size: 3, stride: 2, padding: 1, bias: false);
        bn2 = BatchNorm2d(64);
        conv3 = Conv2d(64, 128, kernel_size: 3, stride: 2, padding: 1, bias: false);
        bn3 = BatchNorm2d(128);
        (drop1, drop2, drop3) = (new ScaledDropout(before), new ScaledDropout(before), new ScaledDropout(after));
        RegisterComponents();
        AddHead("fc", Linear(128, classes));
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = drop1.call(functional.relu(bn1.call(conv1.call(images))));
        x = drop2.call(functional.relu(bn2.call(conv2.call(x))));
        x = drop3.call(functional.relu(bn3.call(conv3.call(x))));
        return x.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>The variance that the last BatchNorm gets in use over the one it learnt in training, mean over its channels: 1 without
    /// a shift. Both are of the training images; afterwards the statistics are those of <see cref="EstimateAnew"/>.</summary>
    /// <param name="pass">Passes the training images through.</param>
    /// <returns>The ratio.</returns>
    public double VarianceInUse(Action pass)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor learnt = bn3.running_var!.clone();
        EstimateAnew(pass);
        return (bn3.running_var! / learnt).mean().item<float>();
    }

    /// <summary>Replaces what the BatchNorms learnt in training by the statistics of images as in use: without dropout.</summary>
    /// <param name="pass">Passes the training images through.</param>
    public void EstimateAnew(Action pass)
    {
        eval();
        foreach (BatchNorm2d norm in (BatchNorm2d[])[bn1, bn2, bn3])
        {
            norm.train();
            norm.reset_running_stats();
        }
        // Momentum 0.1 forgets the start: a few passes, so that what is left of it is below a thousandth.
        for (int i = 0; i < 10; i++)
            pass();
        eval();
    }
}
