namespace Sightline.Diagnosis.Rules;

/// <summary>Weight decay or dropout so strong that the network cannot keep what it learns.</summary>
internal sealed class OverRegularisedRule : Rule
{
    internal override string Code => "over-regularised";

    internal override IReadOnlyList<string> Explains => ["underfitting", "dead-units", "learning-rate-too-low", "class-collapse", "plateau", "label-noise", "learning-rate-too-high", "stopped-too-early", "vanishing-gradients", "validation-above-training", "drop-too-early"];

    internal override Finding? Look(Curves c)
    {
        double growth = c.WeightGrowth, dropout = c.Facts.Dropout ?? 0, stuck = Ramp(c.Learned, 0.6, 0.35);
        double shrunk = Ramp(growth, 0.75, 0.45), dropped = Ramp(dropout, 0.35, 0.6);
        // What a step takes of every weight: at most 1e-4 in recipes that work. Steps too large kill a network, and then its weights decay as well.
        double decay = c.Facts.WeightDecay is double known && c.Rate.Count > 0 ? known * c.Rate.Highest : 5e-4;
        shrunk = Math.Max(shrunk, Ramp(decay, 5e-4, 2e-3) * Ramp(growth, 1.15, 0.85));
        shrunk *= Ramp(decay, 1.5e-4, 5e-4) * (1 - Ramp(c.UpdateRatio.Part(0, Math.Max(3, c.Epochs / 5)).Highest, 0.025, 0.04) * Ramp(decay, 2.5e-3, 1e-3));
        double own = Math.Max(shrunk, 0.75 * dropped * (double.IsNaN(growth) ? 1 : Ramp(growth, 1.2, 0.95))) * stuck * Ramp(c.AccuracyGap, 0.15, 0.05);
        if (own == 0)
            return null;
        string what = dropout >= 0.3 ? FormattableString.Invariant($" Dropout is {dropout:0.##}.") : "";
        return Found(0.95 * own, c.AllEpochs, ShownBy.WeightNorm,
            $"The norm of the weights ends at {growth:P0} of what it was after the first epoch, and training took only {Math.Max(0, c.Learned):P0} of the guess's loss away; training and validation accuracy end {100 * Math.Abs(c.AccuracyGap):0.0} points apart.{what}",
            "A training without weight decay and dropout reaches a lower training loss within a few epochs.",
            new Remedy("Lower the weight decay tenfold.", FormattableString.Invariant($"optimiser.weightDecay={(c.Facts.WeightDecay is double set and > 0 ? set / 10 : 5e-4):0.##e+0}")),
            new Remedy("Take dropout out until the network overfits.", "network.options.dropout=0"));
    }
}
