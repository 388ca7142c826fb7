namespace Sightline.Diagnosis;

/// <summary>
/// Writes scalars for TensorBoard (<c>tensorboard --logdir FOLDER</c>). There is one file to a run. A resumed run cuts it after the last
/// checkpoint's step and goes on, so that curves never run back on themselves and a torn last record is gone.
/// </summary>
public sealed class EventFileWriter : IDisposable
{
    /// <summary>The file's name; TensorBoard takes every file with <c>tfevents</c> in its name.</summary>
    public const string FileName = "events.out.tfevents.sightline";

    private readonly FileStream stream;
    private readonly TimeProvider clock;

    private EventFileWriter(FileStream stream, TimeProvider clock) => (this.stream, this.clock) = (stream, clock);

    /// <summary>Opens a run's event file, or begins one.</summary>
    /// <param name="folder">The folder; created when missing.</param>
    /// <param name="lastStep">The step that the run goes on from: events after it are removed. 0 for a new run, which keeps none.</param>
    /// <param name="clock">Tells the wall time of events; the system's when null.</param>
    /// <returns>The writer.</returns>
    /// <exception cref="IOException">The folder or file cannot be written.</exception>
    public static EventFileWriter Open(string folder, long lastStep = 0, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegative(lastStep);
        Directory.CreateDirectory(folder);
        var stream = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 14);
        try
        {
            stream.SetLength(lastStep == 0 ? 0 : EventFile.LengthUpTo(stream, lastStep));
            stream.Position = stream.Length;
            var writer = new EventFileWriter(stream, clock ?? TimeProvider.System);
            if (stream.Length == 0)
                EventFile.WriteRecord(stream, EventMessage.Version(writer.Now));
            return writer;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private double Now => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Appends one number. A value that is not a number is left out, since TensorBoard draws nothing for it.</summary>
    /// <param name="tag">The curve, e.g. <c>loss/train</c>.</param>
    /// <param name="step">The optimiser step, at least 1.</param>
    /// <param name="value">The value.</param>
    public void Scalar(string tag, long step, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        if (!double.IsNaN(value))
            EventFile.WriteRecord(stream, EventMessage.Scalar(new ScalarEvent(tag, step, (float)value, Now)));
    }

    /// <summary>Hands what was written to the operating system, so that TensorBoard and a resume see it.</summary>
    public void Flush() => stream.Flush();

    /// <summary>Flushes and closes the file.</summary>
    public void Dispose() => stream.Dispose();
}
