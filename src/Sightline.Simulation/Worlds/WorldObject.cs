namespace Sightline.Simulation.Worlds;

/// <summary>An object that is labelled.</summary>
/// <param name="Id">Its track id, from 1; unique in its drive.</param>
/// <param name="Class">What it is.</param>
/// <param name="First">Its first primitive, among the standing ones or among the moving ones.</param>
/// <param name="Count">How many primitives it has.</param>
/// <param name="Moves">Whether its primitives are among the moving ones.</param>
internal sealed record WorldObject(int Id, SemanticClass Class, int First, int Count, bool Moves);
