namespace Sightline.Diagnosis.Rules;

/// <summary>A step's images bear nearly all the same label, though the set has several: the network learns one class after the other and forgets.</summary>
internal sealed class NotShuffledRule : Rule
{
    internal override string Code => "not-shuffled";

    internal override IReadOnlyList<string> Explains => ["diverged", "learning-rate-too-high", "underfitting", "plateau", "noisy-validation", "class-collapse", "label-noise", "missing-warmup", "batchnorm-gap", "validation-above-training", "overfitting", "exploding-gradients", "learning-rate-too-low", "dead-units"];

    internal override Finding? Look(Curves c)
    {
        double share = c.Signal(s => s.Steps.TopLabelShare).Mean, mixed = Mixed(c);
        // Of a set that is mostly one class, the network says that class and is right as often.
        double own = Ramp(share - mixed, 0.25, 0.5) * Ramp(share - c.TrainAccuracy.Last, 0.02, 0.1);
        if (own == 0)
            return null;
        return Found(0.97 * own, c.AllEpochs, ShownBy.Loss,
            $"Of the images of a step {share:P0} bear one label on average; mixed well it would be about {mixed:P0}. Training accuracy ends at {c.TrainAccuracy.Last:P0}, so the set itself isn't one class.",
            "The labels of a few batches, printed: they are all alike.",
            new Remedy("Shuffle the training images anew in every epoch (our loader does; look where the order comes from: a sorted list, a shuffle buffer smaller than a class)."));
    }

    // The commonest of K labels among B images drawn evenly: its mean share by the normal approximation of the largest of K counts.
    private static double Mixed(Curves c) => c.Classes is int k and > 1 && c.Facts.BatchSize is int b and > 0 ? Math.Min(1, c.GuessAccuracy + Math.Sqrt(2 * Math.Log(k) * (1.0 / k) * (1 - 1.0 / k) / b)) : 0.5;
}
