using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>
/// Stochastic gradient descent with momentum as torch has it (Sutskever et al. 2013): v ← μ·v + g, then θ ← θ − η·(g + μ·v) with
/// Nesterov's form, θ ← θ − η·v without; weight decay is added to g.
/// </summary>
public sealed class Sgd : Optimiser
{
    private readonly double momentum;
    private readonly bool nesterov;

    /// <summary>Creates it with all momenta zero.</summary>
    /// <param name="parameters">What to update.</param>
    /// <param name="momentum">μ in [0, 1).</param>
    /// <param name="nesterov">Nesterov's form.</param>
    public Sgd(IReadOnlyList<OptimisedParameter> parameters, double momentum, bool nesterov)
        : base(parameters)
    {
        this.momentum = momentum;
        this.nesterov = nesterov;
        using IDisposable noGrad = no_grad();
        foreach (OptimisedParameter p in momentum > 0 ? parameters : [])
            Keep("momentum/" + p.Name, zeros_like(p.Value));
    }

    private protected override void Update(OptimisedParameter parameter, Tensor gradient, double rate)
    {
        using Scalar mu = momentum, minusRate = -rate, decay = parameter.WeightDecay;
        Tensor step = parameter.WeightDecay > 0 ? gradient.add(parameter.Value, alpha: decay) : gradient;
        if (momentum > 0)
        {
            Tensor velocity = State["momentum/" + parameter.Name];
            velocity.mul_(mu);
            velocity.add_(step);
            step = nesterov ? step.add(velocity, alpha: mu) : velocity;
        }
        parameter.Value.add_(step, alpha: minusRate);
    }
}
