namespace Sightline.Onnx;

/// <summary>A module cannot be exported; the message names the operator and the user's line that called it.</summary>
public sealed class OnnxExportException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What cannot be exported, where, and what to do.</param>
    /// <param name="inner">The exception this one explains.</param>
    public OnnxExportException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
