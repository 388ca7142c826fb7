using System.Runtime;

namespace Sightline.Torch;

/// <summary>
/// A stretch of work in which the garbage collector doesn't run, so that no finaliser can free a native object that a call in
/// progress still uses.
/// </summary>
/// <remarks>
/// TorchSharp 0.107 reads <c>Scalar.Handle</c> and keeps nothing alive over the native call: a collection at that moment finalises
/// the scalar under it. Pauses don't nest: inside one, a second does nothing. A pause ends early if more than its budget is
/// allocated (by any thread): then <see cref="Held"/> is false.
/// </remarks>
public sealed class CollectionPause : IDisposable
{
    private readonly bool owns;
    private readonly int before;

    private CollectionPause(bool owns)
    {
        this.owns = owns;
        before = GC.CollectionCount(0);
    }

    /// <summary>Whether no collection has run since the pause began.</summary>
    public bool Held => GC.CollectionCount(0) == before;

    /// <summary>Begins a pause; the collector runs once before it, to make room.</summary>
    /// <param name="budgetBytes">How much managed memory may be allocated in it. The runtime commits that much.</param>
    /// <returns>The pause, to be disposed.</returns>
    public static CollectionPause Begin(long budgetBytes = 200L << 20)
    {
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) return new CollectionPause(false);
        try
        {
            return new CollectionPause(GC.TryStartNoGCRegion(budgetBytes));
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentOutOfRangeException)
        {
            return new CollectionPause(false); // another thread's pause, or a runtime with a smaller limit
        }
    }

    /// <summary>Ends the pause.</summary>
    public void Dispose()
    {
        if (!owns || GCSettings.LatencyMode != GCLatencyMode.NoGCRegion) return;
        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // A collection that another thread induced ended it between the two lines above.
        }
    }
}
