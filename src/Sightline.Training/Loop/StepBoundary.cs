using Sightline.Torch;

namespace Sightline.Training.Loop;

/// <summary>
/// Keeps the garbage collector to the boundaries between steps: inside a step it could finalise a TorchSharp scalar that a native call
/// still reads. One pause spans many steps, as long as little has been allocated in it.
/// </summary>
/// <remarks>A step that allocates more than the budget (large photos being decoded beside it) ends the pause early; it begins again at
/// the next boundary.</remarks>
internal sealed class StepBoundary : IDisposable
{
    private const long Budget = 200L << 20;
    private CollectionPause? pause;
    private long begun;

    /// <summary>Between two steps: lets the collector run when most of the budget is used up.</summary>
    public void Reached()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        if (pause is { Held: true } && allocated - begun < Budget / 2)
            return;
        pause?.Dispose();
        pause = CollectionPause.Begin(Budget);
        begun = GC.GetTotalAllocatedBytes();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pause?.Dispose();
        pause = null;
    }
}
