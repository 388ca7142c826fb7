namespace Sightline.Torch.Tracing;

/// <summary>The line of the user's code that called an operator.</summary>
/// <param name="Method">Type and method, e.g. <c>Block.forward</c>.</param>
/// <param name="File">The source file's path, or null without debug information.</param>
/// <param name="Line">The 1-based line, or 0 without debug information.</param>
public sealed record CallSite(string Method, string? File, int Line)
{
    /// <summary>As errors say it, e.g. <c>Block.forward, Nets.cs:64</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => File is null ? Method : $"{Method}, {Path.GetFileName(File)}:{Line}";
}
