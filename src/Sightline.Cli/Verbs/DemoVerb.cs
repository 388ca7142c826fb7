using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Demo;
using Sightline.Cli.Terminal;

namespace Sightline.Cli.Verbs;

/// <summary>
/// <c>sightline demo</c>: the whole road in a few minutes: record four drives, cut out the objects, train on two drives, choose on the
/// third, score on the fourth, export, verify, benchmark.
/// </summary>
internal static class DemoVerb
{
    private const string UnseenDrive = "drive-04";

    // Few drives must show many things: yards of five times the ordinary length and width, once around.
    private const double SecondsOfDriving = 375;
    private const string YardScale = "5";

    private static readonly string[] NextCommands =
    [
        "sightline data info MY-IMAGES",
        "sightline train recipes/folder.yaml --set data.path=MY-IMAGES --out runs/mine",
        "sightline export runs/mine -o mine.onnx && sightline verify mine.onnx runs/mine",
    ];

    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var output = new Option<string>("--out", "-o") { Description = "The folder to make.", DefaultValueFactory = _ => "demo" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the footage and of the training.", DefaultValueFactory = _ => 1 };
        var frames = new Option<int>("--frames") { Description = "Frames of each drive; fewer are taken further apart along the same way.", DefaultValueFactory = _ => 450 };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs of training; by default the recipe's." };
        var json = CommonOptions.Json();
        var command = new Command("demo", "The whole road in a few minutes: record, train, report, evaluate on an unseen drive, export, verify, benchmark. Example: sightline demo --out demo")
        {
            output, seed, frames, epochs, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            DemoResult result = Run(parsed.GetRequiredValue(output), parsed.GetValue(seed), parsed.GetValue(frames), parsed.GetValue(epochs), cancellationToken);
            if (parsed.GetValue(json))
                WriteJson(result);
            else
                WriteTable(result);
            return ExitCode.Done;
        }, CancellationToken.None));
        return command;
    }

    private static DemoResult Run(string folder, ulong seed, int frames, int? epochs, CancellationToken cancellationToken)
    {
        if (frames is < 1 or > 100_000)
            throw new BadInputException("usage", $"--frames is {frames}; expected 1 to 100000.");
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new BadInputException("demo-folder", "The demo makes a new folder, and there is something here already.", folder, fix: "Remove it, or name another: --out DIR.");
        var watch = Stopwatch.StartNew();
        string footage = Path.Combine(folder, "footage"), recipe = Path.Combine(folder, "recipe.yaml"), run = Path.Combine(folder, "run"), model = Path.Combine(folder, "model.onnx");
        AtomicFile.WriteText(recipe, Recipe());

        JsonElement recording = DemoStep.Run(
            ["record", footage, "--drives", "4", "--frames", Text(frames), "--fps", Text(frames / SecondsOfDriving), "--yard", YardScale, "--difficulty", "0.1", "--seed", Text(seed)], cancellationToken);
        string[] shorter = epochs is int given ? ["--set", "training.epochs=" + Text(given)] : [];
        DemoStep.Run(["train", recipe, "--set", "data.path=" + footage, "--set", "seed=" + Text(seed), .. shorter, "--out", run], cancellationToken);
        JsonElement evaluation = DemoStep.Run(["evaluate", run, "--split", "test"], cancellationToken);
        DemoStep.Run(["export", run, "-o", model], cancellationToken);
        JsonElement verify = DemoStep.Run(["verify", model, run], cancellationToken);
        JsonElement benchmark = DemoStep.Run(["benchmark", model, "--seconds", "1"], cancellationToken);
        return new DemoResult(
            folder, footage, recording.GetProperty("frames").GetInt32(), recording.GetProperty("annotations").GetInt32(),
            run, Path.Combine(run, "report.html"), model,
            evaluation.GetProperty("top1").GetDouble(), evaluation.GetProperty("images").GetInt32(), evaluation, verify, benchmark, watch.Elapsed.TotalSeconds);
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>The demo's recipe, which travels inside the command.</summary>
    private static string Recipe()
    {
        using Stream stream = typeof(DemoVerb).Assembly.GetManifestResourceStream("demo.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void WriteJson(DemoResult result) => JsonOutput.WriteObject(w =>
    {
        w.WriteNumber("top1", result.Top1);
        w.WriteNumber("testImages", result.TestImages);
        w.WritePropertyName("verify");
        result.Verify.WriteTo(w);
        w.WritePropertyName("benchmark");
        result.Benchmark.WriteTo(w);
        w.WriteNumber("seconds", Math.Round(result.Seconds, 1));
        w.WriteNumber("frames", result.Frames);
        w.WriteNumber("objects", result.Objects);
        w.WriteString("footage", Path.GetFullPath(result.Footage));
        w.WriteString("run", Path.GetFullPath(result.Run));
        w.WriteString("model", Path.GetFullPath(result.Model));
        w.WriteString("report", Path.GetFullPath(result.Report));
    });

    private static void WriteTable(DemoResult r)
    {
        JsonElement interval = r.Evaluation.GetProperty("intervals").GetProperty("top1");
        int flips = r.Verify.GetProperty("flips").GetInt32(), images = r.Verify.GetProperty("images").GetInt32();
        void Line(string what, string where, FormattableString said) =>
            Console.Out.WriteLine($"{what,-10} {where,-24} {said.ToString(CultureInfo.InvariantCulture)}");
        Console.Out.WriteLine();
        Line("footage", r.Footage, $"{r.Frames} frames of 4 drives, {r.Objects} objects with exact labels");
        Line("network", r.Run, $"trained on two drives, chosen on the third; curves and mistakes in {r.Report}");
        Line("unseen", UnseenDrive, $"top-1 {r.Top1:0.000} [{interval.GetProperty("low").GetDouble():0.000}, {interval.GetProperty("high").GetDouble():0.000}] on {r.TestImages} objects of a drive it never saw");
        Line("model", r.Model, $"{new FileInfo(r.Model).Length / 1e6:0.0} MB, pre-processing and classes inside");
        Line("verified", $"{flips} of {images} flipped", $"decides as the trained network; logits differ by at most {r.Verify.GetProperty("maxAbsDifference").GetDouble():0.0e+0}");
        Line("latency", $"{r.Benchmark.GetProperty("threads").GetInt32()} thread(s)", $"{r.Benchmark.GetProperty("p50Ms").GetDouble():0.00} ms median, {r.Benchmark.GetProperty("p99Ms").GetDouble():0.00} ms at the 99th percentile");
        Line("time", "", $"{r.Seconds:0} s");
        Console.Out.WriteLine();
        Console.Out.WriteLine("Next, on your own pictures (a folder for each class, or a COCO file):");
        foreach (string next in NextCommands)
            Console.Out.WriteLine("  " + CommandName.Typable(next));
    }
}
