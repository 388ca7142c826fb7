namespace Sightline.Torch;

/// <summary>
/// The libtorch that is loaded lacks something that Sightline calls past TorchSharp's public API, or does not behave as the version it
/// was written for. Said plainly instead of a crash.
/// </summary>
public sealed class UnsupportedLibtorchException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="what">What is missing or behaves otherwise.</param>
    /// <param name="inner">The exception this one explains.</param>
    public UnsupportedLibtorchException(string what, Exception? inner = null)
        : base($"This libtorch is not supported: {what} Sightline knows {string.Join(", ", Native.Libtorch.KnownVersions)}; use the TorchSharp and libtorch packages that it pins.", inner)
    {
    }
}
