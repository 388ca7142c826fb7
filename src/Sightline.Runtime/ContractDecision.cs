namespace Sightline.Runtime;

/// <summary>
/// What was added to the logits of an exported classifier so that it decides for where it works: the class frequencies there, and what
/// missing each class costs. The offsets are in the model's weights already; nothing is to be added again.
/// </summary>
/// <param name="Prior">The class frequencies in service, by index of the class, summing to 1; null leaves those that training left in the logits.</param>
/// <param name="LearntPrior">The class frequencies that training left in the logits, replaced by <paramref name="Prior"/>; null when that is.</param>
/// <param name="Weights">What a miss of each class costs, relative to the others; null when all cost the same. With weights the softmax of
/// the logits gives decision scores, no probabilities.</param>
/// <param name="Offsets">What was added to each logit: log(prior / learnt prior) + log(weight).</param>
public sealed record ContractDecision(IReadOnlyList<double>? Prior, IReadOnlyList<double>? LearntPrior, IReadOnlyList<double>? Weights, IReadOnlyList<double> Offsets)
{
    /// <summary>Whether both say the same, lists by value.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True when every member is equal.</returns>
    public bool Equals(ContractDecision? other) =>
        other is not null && Same(Prior, other.Prior) && Same(LearntPrior, other.LearntPrior) && Same(Weights, other.Weights) && Same(Offsets, other.Offsets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Prior?.Count, Weights?.Count, Offsets.Count, Offsets.Count > 0 ? Offsets[0] : 0);

    private static bool Same(IReadOnlyList<double>? a, IReadOnlyList<double>? b) => a is null ? b is null : b is not null && a.SequenceEqual(b);
}
