namespace Sightline.Autograd.Networks;

/// <summary>Stochastic gradient descent with momentum, as torch has it: v ← µ·v + g, x ← x − rate·v.</summary>
/// <param name="parameters">What to learn.</param>
/// <param name="momentum">µ, in [0, 1).</param>
public sealed class GradientDescent(IReadOnlyList<Variable> parameters, double momentum)
{
    private readonly NdArray?[] velocities = new NdArray?[parameters.Count];

    /// <summary>One step with the gradients that the parameters hold.</summary>
    /// <param name="rate">The learning rate.</param>
    public void Step(double rate)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Gradient is not { } gradient)
                continue;
            velocities[i] = velocities[i] is { } before ? NdArray.Zip(before, gradient, (v, g) => momentum * v + g) : gradient;
            parameters[i].Assign(NdArray.Zip(parameters[i].Data, velocities[i]!, (x, v) => x - rate * v));
        }
    }
}
