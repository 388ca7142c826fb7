namespace Sightline.Torch.Tracing;

/// <summary>The loaded libtorch isn't one whose inner functions this build knows; nothing was called that could end the process.</summary>
public sealed class UnsupportedLibtorchException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="reason">What doesn't fit, as a sentence.</param>
    /// <param name="inner">The exception this one explains.</param>
    public UnsupportedLibtorchException(string reason, Exception? inner = null)
        : base($"this libtorch is not supported: {reason}", inner)
    {
    }
}
