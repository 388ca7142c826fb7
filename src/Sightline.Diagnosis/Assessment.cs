namespace Sightline.Diagnosis;

/// <summary>What was made of a log.</summary>
/// <param name="Verdict">What it comes to.</param>
/// <param name="Findings">What was found, the surest first: the first is the root cause, what follows from it stands behind it.</param>
/// <param name="Missing">What is missing for a verdict, one sentence; null where there is one.</param>
public sealed record Assessment(Verdict Verdict, IReadOnlyList<Finding> Findings, string? Missing);
