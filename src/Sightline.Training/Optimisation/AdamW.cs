using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as torch has it: θ ← θ·(1 − η·λ), then
/// θ ← θ − η · m̂ / (√v̂ + ε) with bias-corrected means of gradients and squared gradients. Each parameter counts its own steps, so
/// that one released late is corrected from its first. With its decay coupled it is Adam with an L2 penalty (Kingma and Ba 2015): λ·θ is
/// added to the gradient, and so is divided by √v̂ like it.
/// </summary>
public sealed class AdamW : Optimiser
{
    private readonly double beta1;
    private readonly double beta2;
    private readonly double epsilon;
    private readonly bool decoupled;

    /// <summary>Creates it without any step taken.</summary>
    /// <param name="parameters">What to update.</param>
    /// <param name="beta1">Decay of the mean of gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of squared gradients, in [0, 1).</param>
    /// <param name="epsilon">Added to the denominator.</param>
    /// <param name="decoupled">Whether decay is taken from the weights; else it is added to the gradient.</param>
    public AdamW(IReadOnlyList<OptimisedParameter> parameters, double beta1, double beta2, double epsilon, bool decoupled = true)
        : base(parameters)
    {
        (this.beta1, this.beta2, this.epsilon, this.decoupled) = (beta1, beta2, epsilon, decoupled);
        using IDisposable noGrad = no_grad();
        foreach (OptimisedParameter p in parameters)
        {
            Keep("mean/" + p.Name, zeros_like(p.Value));
            Keep("square/" + p.Name, zeros_like(p.Value));
            Keep("steps/" + p.Name, zeros(1, dtype: int64));
        }
    }

    private protected override void Update(OptimisedParameter parameter, Tensor gradient, double rate)
    {
        Tensor mean = State["mean/" + parameter.Name], square = State["square/" + parameter.Name], steps = State["steps/" + parameter.Name];
        long n = steps.item<long>() + 1;
        using Scalar one = 1L, decay = parameter.WeightDecay, shrink = 1 - rate * parameter.WeightDecay, b1 = beta1, b2 = beta2, c1 = 1 - beta1, c2 = 1 - beta2,
            eps = epsilon, rootCorrection = Math.Sqrt(1 - Math.Pow(beta2, n)), minusRate = -rate / (1 - Math.Pow(beta1, n));
        steps.add_(one);
        if (parameter.WeightDecay > 0 && decoupled)
            parameter.Value.mul_(shrink);
        else if (parameter.WeightDecay > 0)
            gradient = gradient.add(parameter.Value, alpha: decay);
        mean.mul_(b1);
        mean.add_(gradient, alpha: c1);
        square.mul_(b2);
        square.addcmul_(gradient, gradient, value: c2);
        Tensor denominator = square.sqrt();
        denominator.div_(rootCorrection);
        denominator.add_(eps);
        parameter.Value.addcdiv_(mean, denominator, value: minusRate);
    }
}
