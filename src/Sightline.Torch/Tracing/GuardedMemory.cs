using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Sightline.Torch.Tracing;

/// <summary>
/// Reads of this process's own memory that fail instead of ending it: a wrong offset into a C++ object must become an error that can
/// be told. The kernel does the reading (<c>process_vm_readv</c> on oneself).
/// </summary>
internal static unsafe partial class GuardedMemory
{
    private const int BadAddress = 14;

    /// <summary>Reads one 8-byte word.</summary>
    /// <param name="address">Where it stands.</param>
    /// <returns>The word.</returns>
    /// <exception cref="UnsupportedLibtorchException">The address can't be read.</exception>
    public static nint ReadWord(nint address)
    {
        nint word;
        Read(address, &word, sizeof(nint));
        return word;
    }

    /// <summary>Reads bytes.</summary>
    /// <param name="address">Where they stand.</param>
    /// <param name="target">Where they go.</param>
    /// <param name="bytes">How many.</param>
    /// <exception cref="UnsupportedLibtorchException">The address can't be read.</exception>
    public static void Read(nint address, void* target, int bytes)
    {
        var local = new Range { Base = (nint)target, Length = bytes };
        var remote = new Range { Base = address, Length = bytes };
        nint read = process_vm_readv(Environment.ProcessId, &local, 1, &remote, 1, 0);
        if (read == bytes) return;
        int error = Marshal.GetLastPInvokeError();
        throw new UnsupportedLibtorchException(read >= 0 || error == BadAddress
            ? "an object of its tracer isn't laid out as known (an address read from it isn't mapped)."
            : $"its tracer can't be checked, since this system refuses process_vm_readv ({new Win32Exception(error).Message}).");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public nint Base;
        public nint Length;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_readv(int process, Range* local, nuint locals, Range* remote, nuint remotes, nuint flags);
}
