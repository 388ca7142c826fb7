// For one image with target t (a distribution over classes), logits z, class frequencies π in training, and p = softmax(z + τ · log π):
//
//   loss = Σₖ tₖ · wₖ · (1 − pₖ)^γ · (−log pₖ)
//
//   cross-entropy        w = 1, γ = 0, τ = 0
//   weighted             wₖ by inverse frequency, or by effective number     Cui et al., CVPR 2019
//   focal                γ > 0: what is right already counts less            Lin, Goyal, Girshick, He, Dollár, ICCV 2017, equation 5
//   logit adjustment     τ > 0                                               Menon et al., ICLR 2021, equation 10
//   balanced softmax     the same at τ = 1: Σⱼ nⱼ·exp(zⱼ) below              Ren et al., NeurIPS 2020, equation 4
//   label smoothing      t = (1 − ε) · target + ε / K                        Szegedy et al., CVPR 2016, section 7

using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>The loss of a classifier, by a recipe and the classes' frequencies.</summary>
public sealed class ClassificationLoss : IDisposable
{
    private readonly LossRecipe recipe;
    private readonly Tensor? weights;
    private readonly Tensor? adjustment;

    /// <summary>Creates the loss.</summary>
    /// <param name="recipe">What the recipe says.</param>
    /// <param name="counts">Training images of each class.</param>
    /// <param name="device">Where logits will be.</param>
    /// <exception cref="BadInputException">The recipe balances by frequency and a class has no images (<c>class-empty</c>), or its weights
    /// are not one a class (<c>class-weights</c>).</exception>
    public ClassificationLoss(LossRecipe recipe, IReadOnlyList<int> counts, DeviceType device = DeviceType.CPU)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(counts);
        this.recipe = recipe;
        if (ClassWeights.Of(recipe, counts) is { } w)
            weights = Kept(w, device);
        if (recipe.LogitAdjustment > 0)
        {
            double images = ClassWeights.Filled(counts).Sum();
            adjustment = Kept([.. counts.Select(n => recipe.LogitAdjustment * Math.Log(n / images))], device);
        }
    }

    /// <summary>The mean loss over a batch's images.</summary>
    /// <param name="logits"><c>[N, K] float32</c>.</param>
    /// <param name="labels"><c>[N] int64</c>.</param>
    /// <param name="softTargets"><c>[N, K] float32</c>, rows summing to 1; they replace the labels.</param>
    /// <returns>A scalar, float32.</returns>
    public Tensor Mean(Tensor logits, Tensor labels, Tensor? softTargets = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (weights is null && adjustment is null && recipe.Name == LossName.CrossEntropy)
            return nn.functional.cross_entropy(logits, softTargets ?? labels, label_smoothing: recipe.LabelSmoothing);

        using DisposeScope scope = NewDisposeScope();
        // region: balanced
        Tensor logP = nn.functional.log_softmax(adjustment is null ? logits : logits + adjustment, 1);
        Tensor targets = softTargets ?? nn.functional.one_hot(labels, logits.shape[1]).to(float32);
        if (recipe.LabelSmoothing > 0)
        {
            using Scalar kept = 1 - recipe.LabelSmoothing, spread = recipe.LabelSmoothing / logits.shape[1];
            targets = targets.mul(kept).add(spread);
        }
        if (weights is not null)
            targets = targets * weights;
        if (recipe.Name == LossName.Focal && recipe.FocalGamma > 0)
        {
            using Scalar gamma = recipe.FocalGamma;
            // Right where p rounds to 1, a power below 1 has no derivative.
            targets = targets * logP.exp().neg().add(1).clamp(min: 1e-7).pow(gamma);
        }
        return (targets * logP).sum(1).mean().neg().MoveToOuterDisposeScope();
        // endregion
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        weights?.Dispose();
        adjustment?.Dispose();
    }

    private static Tensor Kept(double[] values, DeviceType device)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor(Array.ConvertAll(values, v => (float)v)).to(device).DetachFromDisposeScope();
    }
}
