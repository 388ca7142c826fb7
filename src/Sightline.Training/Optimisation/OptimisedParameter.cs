using Sightline.Models;
using Sightline.Training.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>A parameter and how it is treated.</summary>
/// <param name="Name">Its name in the network.</param>
/// <param name="Value">The parameter, float32.</param>
/// <param name="WeightDecay">Its weight decay.</param>
/// <param name="Rate">Its learning rate, relative to the schedule's.</param>
/// <param name="L1">What times the sign of each weight is added to its gradient.</param>
public sealed record OptimisedParameter(string Name, Parameter Value, double WeightDecay, double Rate, double L1 = 0)
{
    /// <summary>Every trainable parameter of a network, with the recipe's treatment.</summary>
    /// <param name="network">The network; parameters that never require a gradient are left out.</param>
    /// <param name="recipe">What the recipe says.</param>
    /// <param name="backboneRate">Learning rate of all but the classifier layer, relative to it.</param>
    /// <returns>The parameters in the network's order.</returns>
    public static IReadOnlyList<OptimisedParameter> Of(Classifier network, OptimiserRecipe recipe, double backboneRate = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(recipe);
        HashSet<string> norms = [.. network.named_modules().Where(m => m.module is NormBase or LayerNorm or GroupNorm or LayerNorm2d or DynamicTanh).Select(m => m.name)];
        var treated = new List<OptimisedParameter>();
        foreach ((string name, Parameter value) in network.named_parameters())
        {
            if (!value.requires_grad)
                continue;
            bool norm = norms.Contains(name[..Math.Max(0, name.LastIndexOf('.'))]);
            bool decays = recipe.DecayNormsAndBiases || (!norm && IsMatrix(value));
            bool head = network.IsHead(name);
            double decay = norm && recipe.NormDecay is double own ? own : decays ? recipe.WeightDecay : 0;
            treated.Add(new OptimisedParameter(name, value, decay, (norm ? recipe.NormRate : 1) * (head ? 1 : backboneRate), decays ? recipe.L1 : 0));
        }
        return treated;
    }

    // Weights that mix inputs into outputs. A scale for each channel [C, 1, 1] (ConvNeXt) and a learnt position for each token [1, T, C]
    // (ViT) have more dimensions than a bias, and are as little of a matrix; their authors don't let them decay either.
    private static bool IsMatrix(Parameter value) => value.shape is not ([] or [_] or [_, 1, 1] or [1, _, _]);
}
