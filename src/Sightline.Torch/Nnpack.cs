using Sightline.Torch.Native;

namespace Sightline.Torch;

/// <summary>
/// NNPACK, an older kernel library inside libtorch that convolutions of one image on one thread try first. On processors and virtual
/// machines that it does not know it prints a warning for every convolution and does nothing; oneDNN does the work either way.
/// </summary>
public static unsafe class Nnpack
{
    private static readonly Lazy<bool> Done = new(Switch);

    /// <summary>Turns it off, once per process.</summary>
    /// <returns>Whether it is off; false where the switch is unknown, which does no harm.</returns>
    public static bool Disable() => Done.Value;

    private static bool Switch()
    {
        try
        {
            const string what = "the switch of NNPACK";
            var set = (delegate* unmanaged<nint, byte, void>)Libtorch.Function("_ZN2at7Context20setUserEnabledNNPACKEb", what);
            set(Libtorch.GlobalContext(what), 0);
            return true;
        }
        catch (UnsupportedLibtorchException)
        {
            return false;
        }
    }
}
