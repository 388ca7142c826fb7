namespace Sightline.Cli.Terminal;

/// <summary>What is typed behind <c>sightline</c>: the two to start with, then in the order of the road.</summary>
internal static class VerbNames
{
    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["demo", "ask", "record", "data", "train", "diagnose", "sweep", "evaluate", "compare", "predict", "explain", "export", "quantize", "verify", "benchmark", "models", "lab", "doctor"];
}
