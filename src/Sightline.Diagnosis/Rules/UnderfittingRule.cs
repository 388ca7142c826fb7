namespace Sightline.Diagnosis.Rules;

/// <summary>Training itself ends poorly, and nothing else explains it: the network is too small for the task, or the images too small for it.</summary>
internal sealed class UnderfittingRule : Rule
{
    internal override string Code => "underfitting";

    internal override Finding? Look(Curves c)
    {
        if (c.Epochs < 6 || c.IsBefore(0.9))
            return null;
        double poor = Ramp(c.LearnedAtBest, 0.41, 0.27), together = Ramp(c.LossGap, 0.12, 0.06);
        // With a finished schedule and a known guess it can be told; otherwise it may be anything.
        double own = poor * together * (c.GuessIsKnown ? 1 : 0.7);
        if (own == 0)
            return null;
        return Found(0.85 * own, (c.TrainLoss.X[c.TrainLoss.Count / 2], c.LastEpoch), ShownBy.Loss,
            $"Training took {Math.Max(0, c.Learned):P0} of the guess's loss away and ends at {c.TrainLoss.Last:0.###}; validation ends at {c.ValLoss.Last:0.###}, so it isn't the new images.",
            "A network of twice the width reaches a lower training loss in the same epochs.",
            new Remedy("Take a larger network.", "network.name=resnet18"),
            new Remedy("Regularise less, train longer.", [.. Settings.Epochs(c, 2), "augmentation.randAugment=null"]),
            new Remedy("Start from ImageNet's weights, or give it larger images."));
    }
}
