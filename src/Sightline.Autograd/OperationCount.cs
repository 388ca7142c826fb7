namespace Sightline.Autograd;

/// <summary>
/// Counts arithmetic while it is done, so that the cost of backward can be compared with that of forward: a multiplication with an
/// addition counts as one, and so does any other function of one number.
/// </summary>
public static class OperationCount
{
    // An instrument of the calling thread, like a stopwatch; it changes nothing that is computed.
    [ThreadStatic]
    private static long done;

    /// <summary>Counts what some work does on this thread.</summary>
    /// <param name="work">The work.</param>
    /// <returns>Operations.</returns>
    public static long Of(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        long before = done;
        work();
        return done - before;
    }

    internal static void Add(long operations) => done += operations;
}
