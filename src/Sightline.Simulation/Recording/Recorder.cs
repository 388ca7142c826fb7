using System.Diagnostics;
using Sightline.Datasets.Coco;
using Sightline.Simulation.Recording;
using Sightline.Simulation.Worlds;

namespace Sightline.Simulation;

/// <summary>
/// Records drives of a robot through made-up yards: images with exact labels. A drive is there complete or not at all, and
/// <c>annotations.json</c> tells only of drives that are there, also after an interruption.
/// </summary>
public static class Recorder
{
    private static readonly string[] parts = ["images", "semantic", "depth", "poses"];
    private const string WholeMark = "recorded";
    private static readonly string[] files = ["annotations.json", "calibration.json", "recording.json"];

    /// <summary>
    /// Records into a folder: <c>images/drive-01/000000.jpg</c>, <c>semantic/drive-01/000000.png</c>, <c>depth/</c> on request,
    /// <c>annotations.json</c> (COCO with masks and tracks, all drives), <c>calibration.json</c>, <c>poses/drive-01.json</c>,
    /// <c>recording.json</c>. The same options give the same bytes on the same machine, however many threads work.
    /// </summary>
    /// <param name="options">What to record.</param>
    /// <param name="outDir">The folder: missing or empty, or, where <see cref="RecordingOptions.Overwrite"/> is set, a recording that is to be replaced.</param>
    /// <param name="progress">Told after each frame.</param>
    /// <param name="cancel">Stops after the frames in work; complete drives stay.</param>
    /// <returns>What was recorded.</returns>
    /// <exception cref="BadInputException">An option is out of range, or the folder is not empty and no recording that may be replaced (<c>record-folder</c>).</exception>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set before the end.</exception>
    public static RecordingSummary Record(RecordingOptions options, string outDir, IProgress<WorkProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(outDir);
        options.Check();
        bool created = Prepare(outDir, options.Overwrite);
        var clock = Stopwatch.StartNew();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        PinholeCamera camera = PinholeCamera.FromView(options.Width, options.Height, options.HorizontalView);
        var annotations = new AnnotationBook(options);
        var recorded = new List<(string, Weather, int)>();
        string staging = Path.Combine(outDir, $".unfinished-{Environment.ProcessId}");
        try
        {
            for (int drive = 1; drive <= options.Drives; drive++)
            {
                Yard yard = YardBuilder.Build(options.Seed, drive, (float)options.Difficulty, (float)options.YardScale);
                FrameRecord[] frames = RecordDrive(options, camera, yard, drive, staging, progress, cancel);
                Publish(staging, outDir, drive);
                RecordingFiles.WriteCalibration(Path.Combine(outDir, "calibration.json"), camera);
                annotations.Add(drive, frames);
                recorded.Add((DriveName(drive), yard.Weather, yard.Objects.Count));
                CocoJson.Write(Path.Combine(outDir, "annotations.json"), annotations.Dataset);
                RecordingFiles.WriteRecording(Path.Combine(outDir, "recording.json"), options, recorded);
            }
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
            if (created && !Directory.EnumerateFileSystemEntries(outDir).Any())
                Directory.Delete(outDir);
        }
        return new(
            outDir, options.Drives, options.Drives * options.FramesPerDrive, annotations.Dataset.Annotations.Count, annotations.PerClass(),
            clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    /// <summary>Records into a folder unless that was done before, to the end: for programs that keep their footage.</summary>
    /// <param name="options">What to record; an unfinished recording is replaced.</param>
    /// <param name="outDir">The folder.</param>
    /// <param name="progress">Told after each frame.</param>
    /// <param name="cancel">Stops after the frames in work.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="BadInputException">As <see cref="Record"/>.</exception>
    public static string RecordOnce(RecordingOptions options, string outDir, IProgress<WorkProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (IsWhole(outDir))
            return outDir;
        Record(options with { Overwrite = true }, outDir, progress, cancel);
        File.WriteAllText(Path.Combine(outDir, WholeMark), "");
        return outDir;
    }

    /// <summary>Whether <see cref="RecordOnce"/> came to its end in a folder: all drives are there, not only the first.</summary>
    /// <param name="outDir">The folder.</param>
    /// <returns>True when it did.</returns>
    public static bool IsWhole(string outDir) => File.Exists(Path.Combine(outDir, WholeMark));

    /// <summary>The name of a drive, in folders and files.</summary>
    /// <param name="drive">The drive, from 1.</param>
    /// <returns>For example <c>drive-01</c>.</returns>
    internal static string DriveName(int drive) => $"drive-{drive:00}";

    /// <summary>The middle of a frame's exposure, in nanoseconds since the drive began.</summary>
    internal static long TimestampNs(RecordingOptions options, int frame) => (long)Math.Round((frame + 0.5) / options.FramesPerSecond * 1e9);

    private static FrameRecord[] RecordDrive(
        RecordingOptions options, PinholeCamera camera, Yard yard, int drive, string staging, IProgress<WorkProgress>? progress, CancellationToken cancel)
    {
        string name = DriveName(drive);
        Directory.CreateDirectory(Path.Combine(staging, "images", name));
        Directory.CreateDirectory(Path.Combine(staging, "semantic", name));
        if (options.Depth)
            Directory.CreateDirectory(Path.Combine(staging, "depth", name));
        var frames = new FrameRecord[options.FramesPerDrive];
        int done = 0;
        var parallel = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount };
        ParallelWork.Run(() => Parallel.For(0, frames.Length, parallel, () => new FrameRecorder(options, camera), (frame, _, recorder) =>
        {
            frames[frame] = recorder.Record(yard, drive, frame, TimestampNs(options, frame) * 1e-9, staging);
            progress?.Report(new WorkProgress($"record {name}", Interlocked.Increment(ref done), frames.Length, "frames"));
            return recorder;
        }, _ => { }));
        var poses = new (long, RobotPose)[frames.Length];
        for (int i = 0; i < frames.Length; i++)
            poses[i] = (TimestampNs(options, i), frames[i].Robot);
        RecordingFiles.WritePoses(Path.Combine(staging, "poses", name + ".json"), name, poses);
        return frames;
    }

    private static void Publish(string staging, string outDir, int drive)
    {
        string name = DriveName(drive);
        foreach (string part in parts)
        {
            string from = Path.Combine(staging, part, name), to = Path.Combine(outDir, part, name);
            Directory.CreateDirectory(Path.Combine(outDir, part));
            if (Directory.Exists(from))
                Directory.Move(from, to);
            else if (File.Exists(from + ".json"))
                File.Move(from + ".json", to + ".json");
            else
                RemoveIfEmpty(Path.Combine(outDir, part));
        }
    }

    /// <summary>Makes sure that the folder is there and holds no recording.</summary>
    /// <returns>Whether it had to be created.</returns>
    private static bool Prepare(string outDir, bool overwrite)
    {
        if (File.Exists(outDir))
            throw new BadInputException("record-folder", "This is a file, not a folder.", outDir);
        bool exists = Directory.Exists(outDir);
        if (exists && Directory.EnumerateFileSystemEntries(outDir).Any())
        {
            if (!overwrite)
                throw new BadInputException("record-folder", "The folder is not empty.", outDir, fix: "Name another, or allow it to be replaced (--force).");
            if (!RecordingFiles.IsRecording(Path.Combine(outDir, "recording.json")))
            {
                throw new BadInputException(
                    "record-folder", "The folder is not empty, and it is not a recording (it has no recording.json of this program), so nothing in it was touched.", outDir,
                    fix: "Name another folder, or empty this one yourself.");
            }
            RemoveRecording(outDir);
        }
        try
        {
            Directory.CreateDirectory(outDir);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException("record-folder", $"The folder cannot be made ({exception.Message.TrimEnd('.')}).", outDir, fix: "Name a folder where you may write.", inner: exception);
        }
        return !exists;
    }

    // Only what a recording writes: whatever else lies there is somebody's. recording.json goes last, so that what is left of an
    // interrupted removal is still known as a recording.
    private static void RemoveRecording(string outDir)
    {
        foreach (string folder in parts.Select(part => Path.Combine(outDir, part)).Where(Directory.Exists))
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(folder).Where(e => IsDrive(Path.GetFileNameWithoutExtension(e))).ToArray())
            {
                if (!Directory.Exists(entry))
                    File.Delete(entry);
                else
                    // A link to a folder is removed as a link; what it leads to is not the recording's.
                    Directory.Delete(entry, recursive: new DirectoryInfo(entry).LinkTarget is null);
            }
            RemoveIfEmpty(folder);
        }
        foreach (string file in files)
            File.Delete(Path.Combine(outDir, file));
    }

    private static bool IsDrive(string name) =>
        name.StartsWith("drive-", StringComparison.Ordinal) && name.Length >= "drive-00".Length && name["drive-".Length..].All(char.IsAsciiDigit);

    private static void RemoveIfEmpty(string folder)
    {
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }
}
