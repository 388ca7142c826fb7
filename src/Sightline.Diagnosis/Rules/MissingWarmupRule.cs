namespace Sightline.Diagnosis.Rules;

/// <summary>The full rate from the first step throws the first weights away before the gradient means anything.</summary>
internal sealed class MissingWarmupRule : Rule
{
    internal override string Code => "missing-warmup";

    internal override IReadOnlyList<string> Explains => ["learning-rate-too-high", "underfitting", "dead-units", "class-collapse", "noisy-validation", "label-noise"];

    internal override Finding? Look(Curves c) => null;
}
