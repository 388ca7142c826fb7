namespace Sightline.Simulation;

/// <summary>Takes rays and gives what they meet. Cameras and lidars see the world through this.</summary>
public interface IRayCaster
{
    /// <summary>Finds the nearest hit of each ray.</summary>
    /// <param name="rays">The rays; neighbours that point the same way are fastest.</param>
    /// <param name="hits">Receives one hit for each ray; at least as long as <paramref name="rays"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="hits"/> is shorter than <paramref name="rays"/>.</exception>
    void Cast(ReadOnlySpan<Ray> rays, Span<Hit> hits);
}
