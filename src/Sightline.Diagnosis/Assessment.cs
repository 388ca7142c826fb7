namespace Sightline.Diagnosis;

/// <summary>What was made of a log.</summary>
/// <param name="Verdict">What it comes to.</param>
/// <param name="Findings">What was found, the surest first: the first is the root cause, what follows from it stands behind it.</param>
/// <param name="Missing">What is missing for a verdict, one sentence; null where there is one.</param>
public sealed record Assessment(Verdict Verdict, IReadOnlyList<Finding> Findings, string? Missing)
{
    /// <summary>What was found by itself, the surest first.</summary>
    /// <returns>The findings that follow from no other.</returns>
    public IEnumerable<Finding> Causes() => Findings.Where(f => f.FollowsFrom is null || Findings.All(c => c.Code != f.FollowsFrom));

    /// <summary>What follows from a finding.</summary>
    /// <param name="cause">The finding.</param>
    /// <returns>Its symptoms.</returns>
    public IReadOnlyList<Finding> SymptomsOf(Finding cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return [.. Findings.Where(f => f.FollowsFrom == cause.Code)];
    }
}
