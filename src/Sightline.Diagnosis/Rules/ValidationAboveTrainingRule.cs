namespace Sightline.Diagnosis.Rules;

/// <summary>Validation images are easier than training images, beyond what augmentation and dropout explain.</summary>
internal sealed class ValidationAboveTrainingRule : Rule
{
    internal override string Code => "validation-above-training";

    internal override Finding? Look(Curves c)
    {
        if (c.IsBefore(0.5))
            return null;
        double accuracy = Curves.AtEnd(c.RawValAccuracy) - Curves.AtEnd(c.RawTrainAccuracy), loss = (c.Honest(Curves.AtEnd(c.RawTrainLoss)) - Curves.AtEnd(c.RawValLoss)) / c.GuessLoss;
        double chance = double.IsNaN(c.ValidationDeviation) ? 0.025 : c.ValidationDeviation;
        // Dropout makes training harder; where nothing tells how much of it there is, some is taken for granted.
        double explained = c.Facts.Dropout is double dropout ? 0.01 + 0.25 * dropout : 0.04;
        double above = double.IsNaN(accuracy) ? 0.6 * Ramp(loss, 0.05 + explained, 0.12 + explained) : Ramp(accuracy, explained + 0.5 * chance, explained + 2 * chance) * (double.IsNaN(loss) ? 0.7 : Ramp(loss, -0.01, 0.03));
        // Hard augmentation explains any distance, but not one from the probe: a few training images as they are.
        if (c.Facts.AugmentsStrongly == true)
            above *= Ramp(Curves.AtEnd(c.RawValAccuracy) - Curves.AtEnd(c.Signal(s => s.ProbeTop1)), 0.02, 0.08);
        double own = above * Ramp(c.Learned, 0.03, 0.1) * Ramp(c.Epochs, 4, 8);
        if (own == 0)
            return null;
        return Found(0.9 * own, (c.ValAccuracy.Count > 0 ? c.ValAccuracy.X[c.ValAccuracy.Count / 2] : c.FirstEpoch, c.LastEpoch), ShownBy.Accuracy,
            $"At the end validation is {100 * accuracy:+0.0;-0.0} points of accuracy above training, and its loss {100 * loss:0} % of the guess's loss below.",
            "A test on drives of their own lies below the validation; the training images, scored without augmentation and dropout, lie above it.",
            new Remedy("Draw validation images as service brings them: whole drives, all of their frames.", "data.split.by=group"),
            new Remedy("Score the training images in evaluation mode before believing the gap (`sightline evaluate --split train`)."));
    }
}
