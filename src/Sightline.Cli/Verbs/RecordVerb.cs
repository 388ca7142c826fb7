using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Terminal;
using Sightline.Simulation;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline record</c>: footage with exact labels from made-up yards; loads no libtorch.</summary>
internal static class RecordVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var defaults = new RecordingOptions();
        var folder = new Argument<string>("out") { Description = "The folder to record into; missing or empty." };
        var drives = new Option<int>("--drives") { Description = "How many drives, each with its own yard, objects and weather.", DefaultValueFactory = _ => defaults.Drives };
        var frames = new Option<int>("--frames") { Description = "Frames per drive.", DefaultValueFactory = _ => defaults.FramesPerDrive };
        var fps = new Option<double>("--fps") { Description = "Frames per second of the camera.", DefaultValueFactory = _ => defaults.FramesPerSecond };
        var seed = new Option<ulong>("--seed") { Description = "Everything random derives from it.", DefaultValueFactory = _ => defaults.Seed };
        var size = new Option<string>("--size") { Description = "Width and height of the images in pixels.", DefaultValueFactory = _ => $"{defaults.Width}x{defaults.Height}" };
        var depth = new Option<bool>("--depth") { Description = "Also write depth images: 16-bit PNG, millimetres." };
        var difficulty = new Option<double>("--difficulty") { Description = "0–1: how much fog, noise, blur and wrong exposure.", DefaultValueFactory = _ => defaults.Difficulty };
        var yard = new Option<double>("--yard") { Description = "Length and width of the yards relative to ordinary ones, 1–6: a longer way past more things.", DefaultValueFactory = _ => defaults.YardScale };
        var quality = new Option<int>("--quality") { Description = "JPEG quality, 1–100.", DefaultValueFactory = _ => defaults.JpegQuality };
        var threads = new Option<int>("--threads") { Description = "Threads; 0 for one per core. The files do not depend on it." };
        var force = new Option<bool>("--force") { Description = "Replace a recording that is already there." };
        var json = CommonOptions.Json();
        var command = new Command(
            "record", "Record simulated footage of a made-up yard with exact labels: images, masks, tracks, poses. Example: sightline record footage --drives 4 --frames 300 --seed 1 --size 320x240")
        {
            folder, drives, frames, fps, seed, size, depth, difficulty, yard, quality, threads, force, json,
        };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            (int width, int height) = Size(parsed.GetValue(size)!);
            var options = defaults with
            {
                Drives = parsed.GetValue(drives),
                FramesPerDrive = parsed.GetValue(frames),
                FramesPerSecond = parsed.GetValue(fps),
                Seed = parsed.GetValue(seed),
                Width = width,
                Height = height,
                Depth = parsed.GetValue(depth),
                Difficulty = parsed.GetValue(difficulty),
                YardScale = parsed.GetValue(yard),
                JpegQuality = parsed.GetValue(quality),
                Threads = parsed.GetValue(threads),
                Overwrite = parsed.GetValue(force),
            };
            RecordingSummary summary;
            using (var progress = new ProgressReporter())
                summary = Recorder.Record(options, parsed.GetValue(folder)!, progress, cancel);
            Print(summary, parsed.GetValue(json));
            return ExitCode.Done;
        }, CancellationToken.None));
        return command;
    }

    private static void Print(RecordingSummary s, bool json)
    {
        if (json)
        {
            JsonOutput.WriteObject(writer =>
            {
                writer.WriteString("folder", s.Folder);
                writer.WriteNumber("drives", s.Drives);
                writer.WriteNumber("frames", s.Frames);
                writer.WriteNumber("annotations", s.Annotations);
                writer.WriteStartObject("classes");
                foreach ((string name, int count) in s.PerClass)
                    writer.WriteNumber(name, count);
                writer.WriteEndObject();
                writer.WriteNumber("seconds", Math.Round(s.Seconds, 3));
                writer.WriteNumber("cpuSeconds", Math.Round(s.CpuSeconds, 3));
                writer.WriteNumber("framesPerSecond", Math.Round(s.FramesPerSecond, 1));
            });
            return;
        }
        string classes = string.Join(", ", s.PerClass.Select(c => $"{c.Key} {c.Value}"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{s.Frames} frames of {s.Drives} drives in {s.Folder}: {s.Annotations} objects ({classes})"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{s.FramesPerSecond:0.0} frames/s, {s.Seconds:0.0} s, {s.CpuSeconds:0.0} s of processor time"));
    }

    private static (int Width, int Height) Size(string text)
    {
        string[] parts = text.Split('x', 'X', '×');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            ? (width, height)
            : throw new BadInputException("record-size", $"The size '{text}' is not of the form 320x240.");
    }
}
