using Sightline.Torch;

namespace Sightline.Training.Loop;

/// <summary>
/// Keeps finalisers to the boundaries between steps: inside a step one could free a TorchSharp scalar that a native call still reads.
/// Collections may run at any time; what they find dead waits for a boundary.
/// </summary>
internal sealed class StepBoundary : IDisposable
{
    /// <summary>Finalisers have little to do where tensors are disposed; a drain costs about a collection of generation 0.</summary>
    private const int StepsBetweenDrains = 32;

    private ScalarGuard? guard;
    private int steps;

    /// <summary>Between two steps: lets finalisers run now and then.</summary>
    public void Reached()
    {
        if (guard is null || !ScalarGuard.IsHeld)
        {
            guard?.Dispose();
            guard = ScalarGuard.Enter();
            steps = 0;
        }
        else if (++steps % StepsBetweenDrains == 0)
        {
            guard.Drain();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        guard?.Dispose();
        guard = null;
    }
}
