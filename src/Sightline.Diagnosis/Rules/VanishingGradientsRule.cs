namespace Sightline.Diagnosis.Rules;

/// <summary>The gradient shrinks from layer to layer on its way back, so that the first layers hardly learn.</summary>
internal sealed class VanishingGradientsRule : Rule
{
    internal override string Code => "vanishing-gradients";

    internal override IReadOnlyList<string> Explains => ["underfitting", "learning-rate-too-low", "class-collapse", "plateau", "stopped-too-early", "dead-units", "label-noise", "learning-rate-too-high", "drop-too-early", "over-regularised"];

    internal override Finding? Look(Curves c)
    {
        if (c.Signals.Count == 0 || c.Signals[0].Blocks is not { Count: > 2 } blocks || blocks[0].GradientNorm is not > 0 || blocks[^1].GradientNorm is not > 0)
            return null;
        double ratio = blocks[0].GradientNorm / blocks[^1].GradientNorm;
        double own = Ramp(Math.Log10(ratio), -1, -1.7) * Ramp(c.Learned, 0.5, 0.3);
        if (own == 0)
            return null;
        return Found(0.97 * own, c.AllEpochs, ShownBy.GradientNorm,
            $"In the first epoch the gradient's norm is {blocks[0].GradientNorm:0.##e+0} in {blocks[0].Name} and {blocks[^1].GradientNorm:0.##e+0} in {blocks[^1].Name}: {1 / ratio:0} times smaller at the image's end. Training took {Math.Max(0, c.Learned):P0} of the guess's loss away.",
            "The same network with ReLU and normalisation shows gradients of like size in all blocks.",
            new Remedy("Take ReLU or a relative instead of sigmoid or tanh in hidden layers."),
            new Remedy("Add residual connections and BatchNorm: a residual network of like size.", "network.name=resnet18"));
    }
}
