using System.Numerics;

namespace Sightline.Simulation;

/// <summary>A half-line, cut off at a distance.</summary>
/// <param name="Origin">Where it starts, in metres.</param>
/// <param name="Direction">Where it goes; need not have length 1. Distances along the ray are in multiples of it.</param>
/// <param name="MaxDistance">Hits beyond this are no hits, in multiples of <paramref name="Direction"/>.</param>
public readonly record struct Ray(Vector3 Origin, Vector3 Direction, float MaxDistance = float.PositiveInfinity);
