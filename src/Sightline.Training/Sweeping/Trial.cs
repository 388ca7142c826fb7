using Sightline.Training.Recipes;

namespace Sightline.Training.Sweeping;

/// <summary>What a trial gives a key.</summary>
/// <param name="Key">The dotted key.</param>
/// <param name="Value">The value, as YAML.</param>
public readonly record struct TrialValue(string Key, string Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key}={Value}";
}

/// <summary>One combination of values; it is trained in a run folder of its own.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Values">Its values, in the order of the sweep's keys.</param>
public sealed record Trial(int Number, ValueList<TrialValue> Values)
{
    /// <summary>The name of its run folder inside the sweep's.</summary>
    public string Name => FormattableString.Invariant($"trial-{Number:000}");

    /// <summary>Its values as they would stand behind <c>--set</c>, e.g. <c>optimiser.learningRate=0.1 optimiser.weightDecay=0</c>.</summary>
    public string Description => string.Join(' ', Values);
}
