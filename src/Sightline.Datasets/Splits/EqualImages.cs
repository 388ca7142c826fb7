using System.Runtime.InteropServices;

namespace Sightline.Datasets.Splits;

/// <summary>Finds images that are stored twice, so that a random split need not tear them apart.</summary>
public static class EqualImages
{
    /// <summary>Groups samples by their stored bytes, whatever their names and labels.</summary>
    /// <param name="samples">The samples; each is read once, on all cores.</param>
    /// <returns>The groups of two and more equal ones, as ascending indices, in the order of their first. An image that cannot be read equals none.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Of(IReadOnlyList<ImageSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var hashes = new UInt128?[samples.Count];
        Parallel.For(0, samples.Count, i =>
        {
            try
            {
                hashes[i] = MemoryMarshal.Read<UInt128>(samples[i].Content.StoredHash());
            }
            catch (BadInputException)
            {
                // The audit tells of it.
            }
        });
        return [.. Enumerable.Range(0, samples.Count).Where(i => hashes[i] is not null).GroupBy(i => hashes[i]).Select(g => g.ToArray()).Where(g => g.Length > 1)];
    }
}
