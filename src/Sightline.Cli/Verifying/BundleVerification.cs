using System.Globalization;
using System.Text;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Verification;

namespace Sightline.Cli.Verifying;

/// <summary><c>sightline verify BUNDLE</c>: on the target, with nothing but the runtime and the bundle.</summary>
/// <param name="Bundle">The bundle's path.</param>
/// <param name="Model">Another model file to hold against it; null for the bundle's own.</param>
/// <param name="Outputs">What another program wrote down for the golden frames; null to run the model here.</param>
/// <param name="Json">Whether to print one JSON document.</param>
internal sealed record BundleVerification(string Bundle, string? Model, string? Outputs, bool Json)
{
    /// <summary>The option by which the command calls itself: ONNX Runtime may end a process, and the one that is asked has to say so.</summary>
    public const string InsideOption = "--inside";

    private const int Signalled = 128, ShownFrames = 20;

    /// <summary>Runs the check in a process of its own.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The exit code.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        if (Model is not null && Outputs is not null)
            throw new BadInputException("usage", "--model is run here, --outputs came from elsewhere; expected one of the two.");
        string[] arguments = ["verify", Bundle, InsideOption, .. Model is null ? [] : new[] { "--model", Model }, .. Outputs is null ? [] : new[] { "--outputs", Outputs }, .. Json ? ["--json"] : Array.Empty<string>()];
        int exitCode = OwnCommand.RunThrough(arguments, cancellationToken);
        if (exitCode <= Signalled || exitCode == ExitCode.Interrupted)
            return exitCode;
        Messages.Error($"{Model ?? Bundle}: the runtime ended the process by signal {exitCode - Signalled}{Meaning(exitCode - Signalled)} while the golden frames ran. Nothing can be said about the model on this machine. "
            + $"Try 'sightline doctor', another version of ONNX Runtime, or more memory; the runtime here is for {BundleMaker.Here().Architecture}.");
        return ExitCode.Failed;
    }

    /// <summary>Runs the check in this process.</summary>
    /// <param name="cancellationToken">Stops between frames.</param>
    /// <returns>The exit code.</returns>
    public int RunInside(CancellationToken cancellationToken)
    {
        Bundle bundle = BundleFile.Read(Bundle);
        BundleReport report = Outputs is not null ? BundleCheck.Run(bundle, new RecordedDeployment(Outputs), cancellationToken: cancellationToken) : OnRuntime(bundle, cancellationToken);
        if (Json)
            JsonOutput.WriteObject(w => Write(w, bundle, report));
        else
            Console.Out.Write(Text(bundle, report));
        foreach (string reason in report.Reasons)
            Messages.Error($"{Outputs ?? Model ?? Bundle}: {reason}");
        return report.Passed ? ExitCode.Done : ExitCode.Failed;
    }

    private BundleReport OnRuntime(Bundle bundle, CancellationToken cancellationToken)
    {
        byte[] model = Model is null ? bundle.Model : ReadModel(Model);
        string name = Model ?? Bundle;
        using var deployment = new RuntimeDeployment(model, name);
        return BundleCheck.Run(bundle, deployment, BundleCheck.Settings(bundle, model, name, cancellationToken), cancellationToken);
    }

    private static byte[] ReadModel(string path) =>
        File.Exists(path) ? File.ReadAllBytes(path) : throw new BadInputException("file-missing", "There is no such model file.", path, fix: "Give the ONNX file to hold against the bundle.");

    private static string Meaning(int signal) => signal switch
    {
        4 => " (illegal instruction: it was built for another processor)",
        6 => " (abort)",
        9 => " (killed: mostly for want of memory)",
        11 => " (segmentation fault)",
        _ => "",
    };

    private string Text(Bundle bundle, BundleReport report)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"{Outputs ?? Model ?? Bundle} against the golden frames of {bundle.Contract.Network}, {bundle.Contract.Checkpoint}{(bundle.Licence is null ? "" : $"; licence {bundle.Licence}")}");
        Line($"made on     {bundle.Origin.Processor}, {bundle.Origin.Architecture}, ONNX Runtime {bundle.Origin.OnnxRuntime}");
        Line($"here        {report.Here.Processor}, {report.Here.Architecture}, ONNX Runtime {report.Here.OnnxRuntime}");
        Line($"decisions   {report.Frames.Count - report.Flips} of {report.Frames.Count} as the trained network's");
        if (report.Frames.Max(f => f.LogitDistance) is double logits)
            Line($"logits      differ by at most {logits:0.0e+0} of the largest");
        foreach (SettingResult setting in report.Settings)
            Line($"  batch {setting.Batch,-4} {(setting.Threads == 0 ? "all threads" : $"{setting.Threads} thread"),-12} {setting.Flips} flip{(setting.Flips == 1 ? "" : "s")}, logits differ by at most {setting.LogitDistance:0.0e+0}");
        if (report.First is { } first)
        {
            Line($"stage       first differs at the {first.Difference.Name} ({first.Frames} of {report.Frames.Count} frames, by {first.Difference.Distance:0.0e+0} of its deviation)");
            if (first.Difference.Cause is { } cause)
                Line($"            {cause}");
        }
        else
        {
            Line($"stage       none differs: image, input, {bundle.Frames[0].Layers.Count} layers, logits, decision");
        }
        foreach (FrameResult frame in report.Frames.Where(f => f.Flipped).Take(ShownFrames))
            Line($"  {frame.Frame}: {frame.Expected} → {frame.Decision}");
        if (bundle.Expected is { } expected)
            Line($"expected    accuracy {expected.Top1:0.0000} on {expected.Images} {expected.Part} images, [{expected.Interval.Low:0.0000}, {expected.Interval.High:0.0000}]");
        Line($"{(report.Passed ? "PASSED: it decides as the trained network does" : "NOT PASSED")}");
        return text.ToString();
    }

    private void Write(Utf8JsonWriter w, Bundle bundle, BundleReport report)
    {
        w.WriteBoolean("passed", report.Passed);
        w.WriteString("bundle", Bundle);
        w.WriteString("model", Model);
        w.WriteString("outputs", Outputs);
        w.WriteNumber("frames", report.Frames.Count);
        w.WriteNumber("flips", report.Flips);
        w.WriteFinite("maxLogitDistance", report.Frames.Max(f => f.LogitDistance));
        WriteOrigin(w, "origin", bundle.Origin);
        WriteOrigin(w, "here", report.Here);
        w.WriteStartObject("firstDifference");
        if (report.First is { } first)
        {
            w.WriteNumber("frames", first.Frames);
            Write(w, first.Difference);
        }
        w.WriteEndObject();
        w.WriteObjects("settings", report.Settings, setting =>
        {
            w.WriteNumber("batch", setting.Batch);
            w.WriteNumber("threads", setting.Threads);
            w.WriteNumber("flips", setting.Flips);
            w.WriteFinite("maxLogitDistance", setting.LogitDistance);
        });
        w.WriteObjects("results", report.Frames, frame =>
        {
            w.WriteString("frame", frame.Frame);
            w.WriteString("expected", frame.Expected);
            w.WriteString("decision", frame.Decision);
            w.WriteFinite("logitDistance", frame.LogitDistance);
            if (frame.First is { } difference)
                Write(w, difference);
        });
        w.WriteStrings("reasons", report.Reasons);
    }

    private static void Write(Utf8JsonWriter w, StageDifference difference)
    {
        w.WriteString("stage", JsonNamingPolicy.CamelCase.ConvertName(difference.Stage.ToString()));
        w.WriteString("place", difference.Place);
        w.WriteFinite("distance", difference.Distance);
        w.WriteString("cause", difference.Cause);
    }

    private static void WriteOrigin(Utf8JsonWriter w, string name, BundleOrigin origin)
    {
        w.WriteStartObject(name);
        w.WriteString("processor", origin.Processor);
        w.WriteString("architecture", origin.Architecture);
        w.WriteString("onnxRuntime", origin.OnnxRuntime);
        w.WriteEndObject();
    }
}
