using System.Runtime.InteropServices;

namespace Sightline.Torch;

/// <summary>
/// glibc's malloc, told to keep the memory that a training step frees: libtorch allocates and frees tens of megabytes each step, and by
/// default every one of them goes back to the kernel and faults in again (about 100,000 page faults a step, a tenth with this).
/// </summary>
public static partial class Allocator
{
    private const int TrimThreshold = -1, TopPad = -2, MmapMax = -4;
    private const int TopPadBytes = 256 << 20;
    private static readonly Lock Gate = new();

    /// <summary>What is in force in this process, for people.</summary>
    public static string Settings { get; private set; } = "the platform's defaults";

    /// <summary>
    /// Sets no mmap, no trim and a top pad of 256 MiB, once per process; call it before the first tensor. Resident memory grows by
    /// 10–15 % of the peak. Does nothing where malloc is not glibc's.
    /// </summary>
    /// <returns>Whether the settings are in force.</returns>
    public static bool Configure()
    {
        lock (Gate)
        {
            if (Settings.StartsWith("glibc", StringComparison.Ordinal))
                return true;
            if (!OperatingSystem.IsLinux())
                return false;
            try
            {
                if (Mallopt(MmapMax, 0) == 0 || Mallopt(TrimThreshold, -1) == 0 || Mallopt(TopPad, TopPadBytes) == 0)
                    return false;
            }
            catch (EntryPointNotFoundException)
            {
                return false; // musl has no mallopt
            }
            catch (DllNotFoundException)
            {
                return false;
            }
            Settings = "glibc malloc: no mmap, no trim, top pad 256 MiB";
            return true;
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);
}
