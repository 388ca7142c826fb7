using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>The global L2 norm of weights.</summary>
public static class WeightNorm
{
    /// <summary>The norm over all parameters together.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <returns>The norm.</returns>
    public static double Of(IReadOnlyList<OptimisedParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using IDisposable noGrad = no_grad();
        double squares = 0;
        foreach (OptimisedParameter parameter in parameters)
        {
            using Tensor norm = parameter.Value.norm();
            double value = norm.item<float>();
            squares += value * value;
        }
        return Math.Sqrt(squares);
    }
}
