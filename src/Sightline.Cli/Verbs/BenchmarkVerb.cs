using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Runtime;
using Sightline.Verification;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline benchmark</c>: how fast an exported model is on this machine.</summary>
internal static class BenchmarkVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var model = new Argument<string>("MODEL.onnx") { Description = "The exported model." };
        var threads = new Option<int[]>("--threads") { Description = "Thread counts to try, e.g. --threads 1 --threads 4; 1, 2, 4 … and all cores if not given.", AllowMultipleArgumentsPerToken = true };
        var batch = new Option<int>("--batch-size", "--batch") { Description = "Batch size for the throughput.", DefaultValueFactory = _ => 8 };
        var seconds = new Option<double>("--seconds") { Description = "Seconds of measuring for each figure.", DefaultValueFactory = _ => 2 };
        var json = CommonOptions.Json();
        var command = new Command("benchmark", "Measure an exported model in ONNX Runtime: latency, throughput, memory, by thread count (--json: the figures of the count with the lowest median latency, then all). Example: sightline benchmark model.onnx")
        {
            model, threads, batch, seconds, json,
        };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            int[] counts = parsed.GetValue(threads) ?? [];
            if (counts.Any(t => t is < 1 or > 1024))
                throw new BadInputException("usage", "--threads takes numbers from 1 to 1024.");
            if (parsed.GetValue(batch) is < 1 or > 4096)
                throw new BadInputException("usage", "--batch-size takes a number from 1 to 4096.");
            if (!(parsed.GetValue(seconds) is > 0 and <= 600))
                throw new BadInputException("usage", "--seconds takes a number above 0, at most 600.");
            var options = new BenchmarkOptions { Threads = counts.Length > 0 ? counts : null, Batch = parsed.GetValue(batch), Seconds = parsed.GetValue(seconds) };
            string path = parsed.GetRequiredValue(model);
            BenchmarkReport report;
            using (var progress = new ProgressReporter())
                report = Measure(path, options, progress, cancel);
            if (parsed.GetValue(json))
                WriteJson(report);
            else
                WriteTable(path, report);
            return ExitCode.Done;
        }, CancellationToken.None));
        return command;
    }

    /// <summary>One thread count is measured here; several in a process each, so that each has a peak of memory of its own.</summary>
    private static BenchmarkReport Measure(string path, BenchmarkOptions options, ProgressReporter progress, CancellationToken cancel)
    {
        IReadOnlyList<int> counts = options.Threads ?? ModelBenchmark.DefaultThreads();
        if (counts.Count == 1)
            return ModelBenchmark.Run(path, options with { Threads = counts }, progress, cancel);
        // A file that is missing or not ours is told at once.
        using (ImageClassifier.Open(path))
        {
        }
        var reports = new List<BenchmarkReport>();
        foreach (int threads in counts)
        {
            string[] arguments = ["benchmark", path, "--threads", Text($"{threads}"), "--batch-size", Text($"{options.Batch}"), "--seconds", Text($"{options.Seconds:R}")];
            (int exitCode, string output, string error) = OwnCommand.Run(arguments, showErrors: false, cancel);
            if (exitCode != ExitCode.Done)
                throw new InvalidOperationException($"Measuring with {threads} threads failed: {error.TrimEnd()}");
            reports.Add(Read(output));
            progress.Report(new WorkProgress("benchmark", reports.Count, counts.Count, "thread counts"));
        }
        return reports[0] with { Rows = [.. reports.SelectMany(r => r.Rows)], LoadMs = reports.Min(r => r.LoadMs) };
    }

    /// <summary>The report in the document that <see cref="WriteJson"/> writes.</summary>
    private static BenchmarkReport Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        BenchmarkRow[] rows = [.. root.GetProperty("byThreads").EnumerateArray().Select(row => new BenchmarkRow(
            row.GetProperty("threads").GetInt32(), row.GetProperty("runs").GetInt32(), row.GetProperty("p50Ms").GetDouble(), row.GetProperty("p95Ms").GetDouble(),
            row.GetProperty("p99Ms").GetDouble(), row.GetProperty("throughput").GetDouble(), row.GetProperty("imageP50Ms").GetDouble(), row.GetProperty("peakMemoryBytes").GetInt64()))];
        return new BenchmarkReport(rows, root.GetProperty("batch").GetInt32(), root.GetProperty("modelBytes").GetInt64(), root.GetProperty("loadMs").GetDouble());
    }

    private static void WriteJson(BenchmarkReport report) => JsonOutput.WriteObject(json =>
    {
        // All of one row, the one with the lowest median latency: what a robot that classifies image by image would run.
        BenchmarkRow best = report.Best;
        json.WriteNumber("p50Ms", Round(best.P50Ms));
        json.WriteNumber("p95Ms", Round(best.P95Ms));
        json.WriteNumber("p99Ms", Round(best.P99Ms));
        json.WriteNumber("throughput", Round(best.Throughput));
        json.WriteNumber("peakMemoryBytes", best.PeakMemoryBytes);
        json.WriteNumber("threads", best.Threads);
        json.WriteNumber("batch", report.Batch);
        json.WriteNumber("modelBytes", report.ModelBytes);
        json.WriteNumber("loadMs", Round(report.LoadMs));
        json.WriteObjects("byThreads", report.Rows, row =>
        {
            json.WriteNumber("threads", row.Threads);
            json.WriteNumber("runs", row.Runs);
            json.WriteNumber("p50Ms", Round(row.P50Ms));
            json.WriteNumber("p95Ms", Round(row.P95Ms));
            json.WriteNumber("p99Ms", Round(row.P99Ms));
            json.WriteNumber("throughput", Round(row.Throughput));
            json.WriteNumber("imageP50Ms", Round(row.ImageP50Ms));
            json.WriteNumber("peakMemoryBytes", row.PeakMemoryBytes);
        });
    });

    private static void WriteTable(string path, BenchmarkReport report)
    {
        Console.Out.WriteLine(Text($"{path}  {report.ModelBytes / 1e6:0.00} MB  opens in {report.LoadMs:0} ms"));
        Console.Out.WriteLine();
        Console.Out.WriteLine(Text($"threads   p50 ms   p95 ms   p99 ms   images/s at batch {report.Batch}   JPEG to decision, p50 ms   peak memory, MB"));
        foreach (BenchmarkRow row in report.Rows)
            Console.Out.WriteLine(Text($"{row.Threads,7} {row.P50Ms,8:0.000} {row.P95Ms,8:0.000} {row.P99Ms,8:0.000} {row.Throughput,20:0.0} {row.ImageP50Ms,26:0.000} {row.PeakMemoryBytes / 1e6,17:0}"));
        Console.Out.WriteLine("(peak memory of a whole process that measures this row alone)");
    }

    private static double Round(double value) => Math.Round(value, 4);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
