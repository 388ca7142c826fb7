namespace Sightline.Diagnosis.Rules;

/// <summary>So few validation images that their accuracy moves by chance: neither the best epoch nor a comparison can be trusted.</summary>
internal sealed class NoisyValidationRule : Rule
{
    internal override string Code => "noisy-validation";

    internal override IReadOnlyList<string> Explains => ["validation-above-training", "leak", "overfitting"];

    internal override Finding? Look(Curves c)
    {
        if (c.RawValAccuracy.Count < 4)
            return null;
        double deviation = c.ValidationDeviation, rough = c.RawValAccuracy.Roughness;
        double few = Ramp(deviation, 0.045, 0.07), jumps = double.IsNaN(deviation) ? Ramp(rough, 0.03, 0.06) * Ramp(c.RawTrainAccuracy.Count > 0 ? rough / Math.Max(0.003, c.RawTrainAccuracy.Roughness) : double.NaN, 2.5, 5) : 0;
        double own = Math.Max(few, 0.75 * jumps);
        if (own == 0)
            return null;
        string images = c.ValidationImages is int n ? FormattableString.Invariant($" There are {n} validation images: chance alone moves it by ±{100 * deviation:0.0} points (one deviation).") : "";
        return Found(0.78 * own, c.AllEpochs, ShownBy.Accuracy,
            $"Validation accuracy jumps by {100 * rough:0.0} points from epoch to epoch.{images}",
            "Another draw of validation images gives another curve.",
            new Remedy("Validate on more images, of drives of their own.", "data.split.validationFraction=0.2"),
            new Remedy("Judge by intervals (`sightline compare`), and don't choose the epoch by this curve."));
    }
}
