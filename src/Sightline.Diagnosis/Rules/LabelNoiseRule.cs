namespace Sightline.Diagnosis.Rules;

/// <summary>A share of the labels is wrong: the network learns what the others say, and these few cost more and more.</summary>
internal sealed class LabelNoiseRule : Rule
{
    internal override string Code => "label-noise";

    internal override IReadOnlyList<string> Explains => ["underfitting", "overfitting", "plateau", "noisy-validation"];

    internal override Finding? Look(Curves c) => null;
}
