namespace Sightline.Diagnosis.Rules;

/// <summary>Training images are nearly all of one class, and the network says nothing else.</summary>
internal sealed class ClassCollapseRule : Rule
{
    internal override string Code => "class-collapse";

    internal override IReadOnlyList<string> Explains => ["overfitting", "underfitting", "plateau", "learning-rate-too-low", "batchnorm-gap", "label-noise", "leak", "noisy-validation", "stopped-too-early", "learning-rate-too-high", "drop-too-early"];

    internal override Finding? Look(Curves c)
    {
        double said = c.CommonestPrediction, guess = c.GuessAccuracy, share = c.Signal(s => s.Steps.TopLabelShare).Mean, early = c.TrainAccuracy.Part(0, 3).Mean;
        double signals = Ramp(share - (double.IsNaN(guess) ? 0.5 : guess), 0.3, 0.5) * Ramp(Math.Abs(c.TrainAccuracy.Last - share), 0.12, 0.05) * Ramp(said, 0.45, 0.7);
        // From curves alone: right from the first epoch on in training, never better than a guess on validation images.
        double curves = double.IsNaN(said) ? Ramp(early, 0.45, 0.65) * Ramp(c.TrainAccuracy.Last - early, 0.25, 0.1) * Ramp(c.ValAccuracy.Last, 0.35, 0.15) * Ramp(c.AccuracyGap, 0.3, 0.5) : 0;
        double own = Math.Max(signals, 0.8 * curves);
        if (own == 0)
            return null;
        return Found(0.96 * own, c.AllEpochs, ShownBy.Accuracy, signals > 0
                ? (FormattableString)$"{share:P0} of the training images bear one label, and {said:P0} of the validation images are taken for one class; validation accuracy is {c.ValAccuracy.Last:P0}."
                : $"Training accuracy began at {early:P0} and ends at {c.TrainAccuracy.Last:P0}, validation accuracy stays at {c.ValAccuracy.Last:P0}: what always saying one class gives.",
            "The confusion table of the validation images: one column holds nearly all.",
            new Remedy("Draw the classes more evenly.", "data.sampling.name=class-balanced"),
            new Remedy("Adjust the logits by how common each class is in training.", "loss.logitAdjustment=1"),
            new Remedy("Annotate more images of the rare classes: what isn't there can't be learnt."));
    }
}
