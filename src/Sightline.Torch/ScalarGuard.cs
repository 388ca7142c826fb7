using System.Runtime.CompilerServices;

namespace Sightline.Torch;

/// <summary>
/// Keeps finalisers out for a stretch of work, so that none of them frees a scalar that a native call still reads.
/// </summary>
/// <remarks>
/// TorchSharp 0.107 reads <c>Scalar.Handle</c> and keeps nothing alive over the native call. A collection in that moment finds the
/// scalar dead, and its finaliser frees it under the call ("Expected false to be true", "Unknown scalar type"). Measured: small training
/// steps beside a thread that forces collections, 82 failed steps in 805,000 collections without the guard, none in 810,000 with it.
/// Collections themselves do no harm: it takes the finaliser thread. So the guard parks that thread, in the finaliser of an object of its own. Collections go on; what they
/// find dead waits. Two limits: native memory of undisposed tensors isn't freed inside (<see cref="Drain"/> is for step boundaries), and
/// <c>GC.WaitForPendingFinalizers</c> inside would wait for <see cref="Limit"/>. Guards count: the last one out lets the thread go.
/// </remarks>
public sealed class ScalarGuard : IDisposable
{
    private static readonly Lock gate = new();
    private static int holders;
    private static Parking? parking;

    private bool disposed;

    private ScalarGuard()
    {
    }

    /// <summary>How long finalisers can be kept out at a stretch; afterwards they run, whether or not the guard still stands.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether finalisers are kept out now.</summary>
    public static bool IsHeld
    {
        get
        {
            lock (gate) return parking is { HasEnded: false };
        }
    }

    /// <summary>Lets finalisers finish what is waiting, then keeps them out. Costs about one collection of generation 0.</summary>
    /// <returns>The guard, to be disposed.</returns>
    public static ScalarGuard Enter()
    {
        lock (gate)
        {
            if (holders++ == 0 || parking is null or { HasEnded: true }) parking = Park();
        }

        return new ScalarGuard();
    }

    /// <summary>Lets finalisers run what is waiting, for between steps: no native call that uses scalars may be in progress.</summary>
    /// <remarks>Does nothing while another guard stands too.</remarks>
    public void Drain()
    {
        lock (gate)
        {
            if (disposed || holders != 1) return;
            parking?.Release();
            parking = Park();
        }
    }

    /// <summary>Lets finalisers run again, unless another guard stands.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            if (--holders > 0) return;
            parking?.Release();
            parking = null;
        }
    }

    private static Parking Park()
    {
        var made = new Parking();
        Abandon(made);
        // Generation 0 is where the abandoned object lies, unless a collection on another thread has just moved it on.
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        for (int attempt = 0; attempt < 50 && !made.WaitUntilParked(TimeSpan.FromMilliseconds(100)); attempt++) GC.Collect();

        return made;
    }

    // On a frame of its own: a reference left in a register or a slot would keep it alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(Parking place) => _ = new Sentinel(place);

    private sealed class Parking
    {
        private readonly ManualResetEventSlim parked = new(), released = new();

        public bool HasEnded { get; private set; }

        public bool WaitUntilParked(TimeSpan time) => parked.Wait(time);

        public void Release() => released.Set();

        public void Stay()
        {
            parked.Set();
            released.Wait(Limit);
            HasEnded = true;
        }
    }

    private sealed class Sentinel(Parking place)
    {
        ~Sentinel() => place.Stay();
    }
}
