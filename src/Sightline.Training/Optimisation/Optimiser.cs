using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>
/// Updates parameters from their gradients. Its whole state is tensors by name, so that it can be saved and restored bit for bit.
/// Parameters without a gradient (frozen ones) are left alone, as in torch.
/// </summary>
/// <remarks>
/// Every <see cref="Scalar"/> handed to libtorch is held by a <c>using</c> until the call is over: TorchSharp alone would let the
/// garbage collector free it in the middle of the call.
/// </remarks>
public abstract class Optimiser : IDisposable
{
    private readonly Dictionary<string, Tensor> state = [];

    private protected Optimiser(IReadOnlyList<OptimisedParameter> parameters) => Parameters = parameters;

    /// <summary>What it updates.</summary>
    public IReadOnlyList<OptimisedParameter> Parameters { get; }

    /// <summary>Its state: float32 tensors of the parameters' shapes and int64 counters <c>[1]</c>, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> State => state;

    /// <summary>What it remembers of a parameter's gradients: the velocity, or the moving mean; null without momentum.</summary>
    /// <param name="parameter">One of <see cref="Parameters"/>.</param>
    /// <returns>The state itself, of the parameter's shape.</returns>
    public Tensor? Momentum(OptimisedParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return State.GetValueOrDefault("momentum/" + parameter.Name) ?? State.GetValueOrDefault("mean/" + parameter.Name);
    }

    /// <summary>Makes the optimiser of a recipe.</summary>
    /// <param name="recipe">The rule and its constants.</param>
    /// <param name="parameters">What to update.</param>
    /// <returns>The optimiser, without any step taken.</returns>
    public static Optimiser Create(OptimiserRecipe recipe, IReadOnlyList<OptimisedParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Name switch
        {
            OptimiserName.Sgd => new Sgd(parameters, recipe.Momentum, recipe.Nesterov),
            OptimiserName.AdamW => new AdamW(parameters, recipe.Beta1, recipe.Beta2, recipe.Epsilon),
            OptimiserName.Adam => new AdamW(parameters, recipe.Beta1, recipe.Beta2, recipe.Epsilon, decoupled: false),
            _ => throw new NotSupportedException($"optimiser {recipe.Name}"),
        };
    }

    /// <summary>One step with the gradients that the parameters hold.</summary>
    /// <param name="learningRate">The schedule's rate; each parameter scales it.</param>
    public void Step(double learningRate)
    {
        using IDisposable noGrad = no_grad();
        foreach (OptimisedParameter parameter in Parameters)
        {
            using Tensor? gradient = parameter.Value.grad;
            if (gradient is null)
                continue;
            using DisposeScope scope = NewDisposeScope();
            using Scalar l1 = parameter.L1;
            Update(parameter, parameter.L1 > 0 ? gradient.add(parameter.Value.sign(), alpha: l1) : gradient, learningRate * parameter.Rate);
        }
    }

    /// <summary>Drops every gradient.</summary>
    public void ZeroGradients()
    {
        foreach (OptimisedParameter parameter in Parameters)
            parameter.Value.grad = null;
    }

    /// <summary>Puts a saved state in force.</summary>
    /// <param name="saved">What <see cref="State"/> held.</param>
    /// <exception cref="BadInputException">A tensor is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor value) in saved)
        {
            if (!state.TryGetValue(name, out Tensor? own) || !own.shape.AsSpan().SequenceEqual(value.shape) || own.dtype != value.dtype)
            {
                throw new BadInputException("checkpoint-optimiser", own is null
                    ? $"The checkpoint's optimiser has '{name}', which this one has not: it is from another recipe."
                    : $"The checkpoint's optimiser has '{name}' as [{string.Join(", ", value.shape)}] {value.dtype}, expected [{string.Join(", ", own.shape)}] {own.dtype}.");
            }
        }
        if (state.Keys.FirstOrDefault(k => !saved.ContainsKey(k)) is { } missing)
            throw new BadInputException("checkpoint-optimiser", $"The checkpoint's optimiser lacks '{missing}': it is from another recipe.");
        foreach ((string name, Tensor value) in saved)
            state[name].copy_(value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in state.Values)
            tensor.Dispose();
        state.Clear();
        GC.SuppressFinalize(this);
    }

    private protected abstract void Update(OptimisedParameter parameter, Tensor gradient, double rate);

    /// <summary>Adds a state tensor that outlives every dispose scope.</summary>
    private protected Tensor Keep(string name, Tensor tensor)
    {
        state[name] = tensor.DetachFromDisposeScope();
        return tensor;
    }
}
