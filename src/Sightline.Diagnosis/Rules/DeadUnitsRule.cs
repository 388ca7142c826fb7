namespace Sightline.Diagnosis.Rules;

/// <summary>Units that no image wakes, from the beginning: a ReLU whose input is always below zero passes no gradient and never comes back.</summary>
internal sealed class DeadUnitsRule : Rule
{
    internal override string Code => "dead-units";

    internal override IReadOnlyList<string> Explains => ["vanishing-gradients", "underfitting", "learning-rate-too-low", "class-collapse", "plateau", "stopped-too-early", "label-noise", "learning-rate-too-high", "drop-too-early", "over-regularised"];

    internal override Finding? Look(Curves c)
    {
        BlockSignals[] early = [.. c.Signals.Take(1).SelectMany(s => s.Blocks.SkipLast(1)).Where(b => !double.IsNaN(b.DeadShare))];
        if (early.Length == 0)
            return null;
        BlockSignals worst = early.MaxBy(b => b.DeadShare)!;
        double own = Ramp(worst.DeadShare, 0.65, 0.9);
        if (own == 0)
            return null;
        return Found(0.96 * own, c.AllEpochs, ShownBy.DeadUnits,
            $"In {worst.Name} {worst.DeadShare:P0} of the units were below zero for every image of the probe after the first epoch; healthy networks have a few percent.",
            "The biases and inputs of that block: its sums lie far below zero for all images.",
            new Remedy("Start biases at zero and weights by He's rule (our networks do), and look for inputs that aren't normalised."),
            new Remedy("Put BatchNorm before the activations, or take a leaky one."),
            new Remedy("Lower the learning rate if the units died in the first steps.", Settings.Rate(c, 0.1)));
    }
}
