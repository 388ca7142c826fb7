using System.Runtime.ExceptionServices;

namespace Sightline;

/// <summary>Loops on several cores whose failure comes out as it is, not wrapped as several.</summary>
public static class ParallelWork
{
    /// <summary>Runs a parallel loop.</summary>
    /// <param name="loop">The loop, e.g. <c>() =&gt; Parallel.For(…)</c>.</param>
    public static void Run(Action loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        try
        {
            loop();
        }
        catch (AggregateException exception) when (exception.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException);
        }
    }
}
