using System.CommandLine;

namespace Sightline.Cli.Verbs;

/// <summary>A verb and how to build it.</summary>
/// <param name="Name">What is typed.</param>
/// <param name="Create">Builds the command; called only for the verb that was asked for, or for the help of all.</param>
internal sealed record VerbEntry(string Name, Func<Command> Create);

/// <summary>All verbs, in the order of <see cref="Terminal.VerbNames"/>.</summary>
internal static class VerbList
{
    /// <summary>The verbs.</summary>
    public static IReadOnlyList<VerbEntry> All { get; } =
    [
        new("demo", DemoVerb.Create),
        new("ask", AskVerb.Create),
        new("record", RecordVerb.Create),
        new("data", DataVerb.Create),
        new("train", TrainVerb.Create),
        new("diagnose", DiagnoseVerb.Create),
        new("sweep", SweepVerb.Create),
        new("evaluate", EvaluateVerb.Create),
        new("compare", CompareVerb.Create),
        new("predict", PredictVerb.Create),
        new("explain", ExplainVerb.Create),
        new("export", ExportVerb.Create),
        new("quantize", QuantizeVerb.Create),
        new("verify", VerifyVerb.Create),
        new("benchmark", BenchmarkVerb.Create),
        new("models", ModelsVerb.Create),
        new("lab", LabVerb.Create),
        new("doctor", DoctorVerb.Create),
    ];

    /// <summary>Finds a verb by its exact name.</summary>
    /// <param name="name">What was typed.</param>
    /// <returns>The verb, or null.</returns>
    public static VerbEntry? Find(string name) => All.FirstOrDefault(v => v.Name == name);
}
