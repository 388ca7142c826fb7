using System.Diagnostics;
using Sightline.Torch;

namespace Sightline.Training.Loop;

/// <summary>
/// Keeps finalisers to the boundaries between steps: inside a step one could free a TorchSharp scalar that a native call still reads.
/// Collections may run at any time; what they find dead waits for a boundary.
/// </summary>
internal sealed class StepBoundary : IDisposable
{
    /// <summary>Finalisers have little to do where tensors are disposed; a drain takes a few milliseconds.</summary>
    private static readonly TimeSpan BetweenDrains = TimeSpan.FromSeconds(5);

    private ScalarGuard? guard;
    private long drained;

    /// <summary>Between two steps: lets finalisers run now and then.</summary>
    public void Reached()
    {
        if (guard is null || !ScalarGuard.IsHeld)
        {
            guard?.Dispose();
            guard = ScalarGuard.Enter();
            drained = Stopwatch.GetTimestamp();
        }
        else if (Stopwatch.GetElapsedTime(drained) > BetweenDrains)
        {
            guard.Drain();
            drained = Stopwatch.GetTimestamp();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        guard?.Dispose();
        guard = null;
    }
}
