namespace Sightline.Diagnosis.Rules;

/// <summary>The network learns the training images by heart: training gets better, validation gets worse or stays behind.</summary>
internal sealed class OverfittingRule : Rule
{
    internal override string Code => "overfitting";

    internal override IReadOnlyList<string> Explains => ["label-noise"];

    internal override Finding? Look(Curves c)
    {
        if (c.Epochs < 4)
            return null;
        double rise = Ramp(c.Rise, 0.03, 0.15), gap = Ramp(c.AccuracyGap, 0.15, 0.3), losses = Ramp(c.LossGap, 0.3, 0.6);
        double own = double.IsNaN(c.AccuracyGap) ? Math.Max(rise, losses) : double.IsNaN(c.LossGap) ? 0.9 * gap : Math.Max(gap * Math.Max(rise, 0.8), Math.Min(Math.Max(rise, losses), Ramp(c.AccuracyGap, 0.08, 0.16)));
        if (own == 0)
            return null;
        bool losing = c.ValLoss.Count > 0;
        int turn = losing ? c.ValLoss.LowestAt : 0;
        string turned = losing ? FormattableString.Invariant($"Validation loss is lowest at epoch {c.ValLoss.X[turn]:0.##} ({c.ValLoss.Lowest:0.###}) and ends at {c.ValLoss.Last:0.###}, {100 * c.Rise:0.0} % above; training loss ends at {c.TrainLoss.Last:0.###}. ") : "";
        string apart = double.IsNaN(c.AccuracyGap) ? "" : FormattableString.Invariant($"Training accuracy ends {100 * c.AccuracyGap:0.0} points above validation accuracy.");
        return Found(0.96 * own, (losing ? c.ValLoss.X[turn] : c.FirstEpoch, c.LastEpoch), losing ? ShownBy.Loss : ShownBy.Accuracy, $"{turned}{apart}",
            "More images, or stronger augmentation, close the gap: validation loss falls further while training loss ends higher.",
            new Remedy("Augment more strongly; more labelled drives help most.", "augmentation.horizontalFlip=0.5", "augmentation.pad=4", "augmentation.randAugment.operations=2"),
            new Remedy("Regularise: weight decay, dropout.", FormattableString.Invariant($"optimiser.weightDecay={Math.Max(5e-4, 3 * (c.Facts.WeightDecay ?? 0)):0.##e+0}"), "network.options.dropout=0.3"),
            new Remedy("Start from ImageNet's weights.", "network.pretrained=imagenet"),
            new Remedy("Stop where validation is best.", "training.earlyStoppingPatience=5"));
    }
}
