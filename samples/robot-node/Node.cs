using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Sightline.Runtime;
using Sightline.Verification;

namespace Sightline.Samples;

/// <summary>The node: a verified model, and frames through it one by one.</summary>
internal sealed class Node : IDisposable
{
    private readonly NodeOptions options;
    private readonly ImageClassifier classifier;
    private int dropped, late, decided;

    private Node(NodeOptions options, ImageClassifier classifier) => (this.options, this.classifier) = (options, classifier);

    /// <summary>Opens the bundle and verifies it on this machine.</summary>
    /// <param name="options">What was typed.</param>
    /// <returns>The node.</returns>
    /// <exception cref="BadInputException">There is no bundle, or it is not decided here as where it was trained.</exception>
    public static Node Start(NodeOptions options)
    {
        Bundle bundle = BundleFile.Read(options.Bundle);
        using (var deployment = new RuntimeDeployment(bundle.Model, options.Bundle, options.Threads))
        {
            BundleReport report = BundleCheck.Run(bundle, deployment);
            double logits = report.Frames.Max(f => f.LogitDistance) ?? double.NaN;
            Console.Error.WriteLine(FormattableString.Invariant($"robot-node: {report.Here.Processor}, {report.Here.Architecture}, ONNX Runtime {report.Here.OnnxRuntime}: {report.Frames.Count - report.Flips} of {report.Frames.Count} golden frames decided as on {bundle.Origin.Processor}, {bundle.Origin.Architecture}; logits differ by at most {logits:0.0e+0} of the largest"));
            if (report.First is { } first)
                Console.Error.WriteLine(FormattableString.Invariant($"robot-node: first differs at the {first.Difference.Name}, by {first.Difference.Distance:0.0e+0} of its deviation"));
            if (options.Frames is null)
                Print(bundle, report, logits);
            if (!report.Passed)
                throw new BadInputException("bundle-fails", $"The model does not work here: {string.Join("; ", report.Reasons)}.", options.Bundle, fix: "Run sightline verify on it for the stage, and don't drive with it.");
        }
        return new Node(options, ImageClassifier.Open(bundle.Model, options.Bundle, new ClassifierOptions { Threads = options.Threads, TopK = 1 }));
    }

    /// <summary>Classifies until the frames end or it is stopped.</summary>
    /// <param name="stop">Ends it after the frame at hand.</param>
    /// <returns>The exit code.</returns>
    public int Run(CancellationToken stop)
    {
        if (options.Frames is null)
            return 0;
        using Stream output = Console.OpenStandardOutput();
        foreach (string frame in options.Frames == "-" ? FromInput(stop) : FromFolder(options.Frames))
        {
            if (stop.IsCancellationRequested)
                break;
            // A line is written whole, so that who reads never sees half a decision, whenever the node ends.
            output.Write(Line(frame));
            output.Flush();
        }
        Console.Error.WriteLine($"robot-node: {decided} frames, {late} late, {dropped} dropped");
        return 0;
    }

    // What a script reads that has no frames, only the question whether the model works here.
    private static void Print(Bundle bundle, BundleReport report, double logits)
    {
        using Stream output = Console.OpenStandardOutput();
        output.Write(Json(json =>
        {
            json.WriteString("bundle", bundle.Name);
            json.WriteString("architecture", report.Here.Architecture);
            json.WriteString("onnxRuntime", report.Here.OnnxRuntime);
            json.WriteBoolean("passed", report.Passed);
            json.WriteNumber("frames", report.Frames.Count);
            json.WriteNumber("flips", report.Flips);
            json.WriteNumber("maxLogitDistance", double.IsFinite(logits) ? logits : 1e9);
            json.WriteString("firstDifference", report.First?.Difference.Name);
            json.WriteNumber("maxResidentBytes", Environment.WorkingSet);
        }));
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        return line.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => classifier.Dispose();

    private byte[] Line(string frame)
    {
        long start = Stopwatch.GetTimestamp();
        Classification? decision = null;
        string? problem = null;
        try
        {
            decision = classifier.Classify(File.ReadAllBytes(frame));
        }
        catch (Exception exception) when (exception is BadInputException or IOException or UnauthorizedAccessException)
        {
            // One bad frame is no reason to stop a robot's eye: it is told and left out.
            problem = exception.Message;
        }
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        bool isLate = options.BudgetMs is double budget && milliseconds > budget;
        decided++;
        late += isLate ? 1 : 0;
        return Json(json =>
        {
            json.WriteString("frame", frame);
            if (decision is not null)
            {
                json.WriteString("label", decision.Label);
                json.WriteNumber("probability", Math.Round(decision.Probability, 4));
            }
            else
            {
                json.WriteString("problem", problem);
            }
            json.WriteNumber("milliseconds", Math.Round(milliseconds, 3));
            json.WriteBoolean("late", isLate);
            json.WriteNumber("dropped", Volatile.Read(ref dropped));
        });
    }

    private static IEnumerable<string> FromFolder(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png").Order(StringComparer.Ordinal)
        : throw new BadInputException("frames-missing", "There is no such folder.", folder, fix: "Give a folder of images, or - for paths on standard input.");

    // With a budget the newest frame counts: those that came while one was decided make room for it. Without, all are decided.
    private IEnumerable<string> FromInput(CancellationToken stop)
    {
        var waiting = options.BudgetMs is null
            ? Channel.CreateUnbounded<string>()
            : Channel.CreateBounded<string>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }, _ => Interlocked.Increment(ref dropped));
        var reader = new Thread(() =>
        {
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            while (input.ReadLine() is { } path)
                waiting.Writer.TryWrite(path);
            waiting.Writer.Complete();
        })
        { IsBackground = true };
        reader.Start();
        while (true)
        {
            bool more;
            try
            {
                more = waiting.Reader.WaitToReadAsync(stop).AsTask().GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                yield break;
            }
            if (!more)
                yield break;
            while (waiting.Reader.TryRead(out string? path))
                yield return path;
        }
    }
}
