using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>The global L2 norm of gradients, and clipping to it (Pascanu et al. 2013, section 3.2).</summary>
public static class GradientNorm
{
    /// <summary>The norm over all gradients together.</summary>
    /// <param name="parameters">Their holders; those without a gradient count nothing.</param>
    /// <returns>The norm; NaN or infinite when a gradient is.</returns>
    public static double Of(IReadOnlyList<OptimisedParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double squares = 0;
        foreach (OptimisedParameter parameter in parameters)
        {
            using Tensor? gradient = parameter.Value.grad;
            if (gradient is null)
                continue;
            using Tensor norm = gradient.norm();
            double value = norm.item<float>();
            squares += value * value;
        }
        return Math.Sqrt(squares);
    }

    /// <summary>Scales all gradients by <paramref name="limit"/> / <paramref name="norm"/> when the norm is above the limit.</summary>
    /// <param name="parameters">Their holders.</param>
    /// <param name="norm">What <see cref="Of"/> gave.</param>
    /// <param name="limit">The largest norm allowed, more than 0.</param>
    public static void Clip(IReadOnlyList<OptimisedParameter> parameters, double norm, double limit)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(norm > limit))
            return;
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar factor = limit / (norm + 1e-6);
        foreach (OptimisedParameter parameter in parameters)
        {
            Tensor? gradient = parameter.Value.grad;
            gradient?.mul_(factor);
        }
    }
}
