using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>
/// Sharpness-aware minimisation (Foret, Kleiner, Mobahi, Neyshabur: "Sharpness-Aware Minimization for Efficiently Improving
/// Generalization", ICLR 2021, equation 2 and algorithm 1): the gradient is taken not where the weights are but a little uphill of them,
/// at w + ρ · g / ‖g‖, and applied to the weights as they were. It costs a second forward and backward pass.
/// </summary>
public sealed class SharpnessAwareStep : IDisposable
{
    private readonly List<(Tensor Value, Tensor Before)> moved = [];

    /// <summary>Moves the weights uphill along the gradients that they hold.</summary>
    /// <param name="network">The network; its buffers (statistics of BatchNorms) come back as they are now, so that one step counts once.</param>
    /// <param name="parameters">The parameters; those without a gradient stay.</param>
    /// <param name="rho">ρ: how far, in the L2 norm of all weights together.</param>
    public SharpnessAwareStep(Classifier network, IReadOnlyList<OptimisedParameter> parameters, double rho)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parameters);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar step = rho / (GradientNorm.Of(parameters) + 1e-12);
        foreach (Tensor buffer in network.buffers())
            moved.Add((buffer, buffer.clone().DetachFromDisposeScope()));
        foreach (OptimisedParameter parameter in parameters)
        {
            Tensor? gradient = parameter.Value.grad;
            if (gradient is null)
                continue;
            moved.Add((parameter.Value, parameter.Value.clone().DetachFromDisposeScope()));
            parameter.Value.add_(gradient, alpha: step);
        }
    }

    /// <summary>Puts weights and buffers back, bit for bit; the gradients stay.</summary>
    public void Dispose()
    {
        using IDisposable noGrad = no_grad();
        foreach ((Tensor value, Tensor before) in moved)
        {
            value.copy_(before);
            before.Dispose();
        }
        moved.Clear();
    }
}
