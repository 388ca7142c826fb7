using Sightline.Training.Optimisation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Signals;

/// <summary>
/// Measures one optimiser step, block by block: made when the gradients stand, asked when the weights have moved. Between the two it
/// holds a copy of the weights.
/// </summary>
public sealed class StepMeter : IDisposable
{
    private readonly IReadOnlyList<NetworkBlock> blocks;
    private readonly Tensor[][] before;
    private readonly double[] gradients;
    private readonly double[] weights;

    /// <summary>Measures gradients and weights, and remembers the weights.</summary>
    /// <param name="blocks">The network's blocks.</param>
    /// <param name="optimiser">What will step; it has not yet.</param>
    public StepMeter(IReadOnlyList<NetworkBlock> blocks, Optimiser optimiser)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(optimiser);
        this.blocks = blocks;
        using IDisposable noGrad = no_grad();
        gradients = [.. blocks.Select(b => GradientNorm.Of(b.Parameters))];
        weights = [.. blocks.Select(b => WeightNorm.Of(b.Parameters))];
        MomentumCosine = CosineToMomentum(optimiser);
        before = [.. blocks.Select(b => b.Parameters.Select(p => p.Value.detach().clone().DetachFromDisposeScope()).ToArray())];
    }

    /// <summary>The global L2 norm of the gradients.</summary>
    public double GradientNormOfAll => Together(gradients);

    /// <summary>Cosine of the angle between the gradient and the optimiser's memory of gradients; NaN while that is empty.</summary>
    public double MomentumCosine { get; }

    /// <summary>What the step did.</summary>
    /// <returns>Norms by block. The update of a frozen block is 0.</returns>
    public IReadOnlyList<BlockStep> After()
    {
        using IDisposable noGrad = no_grad();
        var steps = new BlockStep[blocks.Count];
        for (int b = 0; b < steps.Length; b++)
        {
            double squares = 0;
            for (int p = 0; p < before[b].Length; p++)
            {
                using Tensor moved = blocks[b].Parameters[p].Value.sub(before[b][p]);
                using Tensor norm = moved.norm();
                double value = norm.item<float>();
                squares += value * value;
            }
            steps[b] = new BlockStep(blocks[b].Name, gradients[b], weights[b], Math.Sqrt(squares));
        }
        return steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in before.SelectMany(b => b))
            tensor.Dispose();
    }

    private static double CosineToMomentum(Optimiser optimiser)
    {
        double product = 0, gradients = 0, remembered = 0;
        foreach (OptimisedParameter parameter in optimiser.Parameters)
        {
            using Tensor? gradient = parameter.Value.grad;
            if (gradient is null || optimiser.Momentum(parameter) is not { } momentum)
                continue;
            using DisposeScope scope = NewDisposeScope();
            product += gradient.mul(momentum).sum().item<float>();
            gradients += Math.Pow(gradient.norm().item<float>(), 2);
            remembered += Math.Pow(momentum.norm().item<float>(), 2);
        }
        return gradients > 0 && remembered > 0 ? product / Math.Sqrt(gradients * remembered) : double.NaN;
    }

    internal static double Together(IEnumerable<double> norms) => Math.Sqrt(norms.Sum(n => n * n));
}

/// <summary>One block in one optimiser step; all norms are L2 over its parameters together.</summary>
/// <param name="Block">The block's name.</param>
/// <param name="GradientNorm">Norm of its gradient, before clipping.</param>
/// <param name="WeightNorm">Norm of its weights before the step.</param>
/// <param name="UpdateNorm">Norm of what the step added to the weights.</param>
public readonly record struct BlockStep(string Block, double GradientNorm, double WeightNorm, double UpdateNorm)
{
    /// <summary>Update by weight; about 1e-3 in many healthy trainings. NaN for weights of 0.</summary>
    public double UpdateRatio => WeightNorm > 0 ? UpdateNorm / WeightNorm : double.NaN;
}
