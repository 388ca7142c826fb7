namespace Sightline.Diagnosis;

/// <summary>One number of a curve.</summary>
/// <param name="Tag">The curve, e.g. <c>loss/train</c>; what stands before the slash groups curves in TensorBoard.</param>
/// <param name="Step">The optimiser step.</param>
/// <param name="Value">The value.</param>
/// <param name="WallTime">When it was written, in seconds since 1970 (UTC).</param>
public readonly record struct ScalarEvent(string Tag, long Step, float Value, double WallTime);
