using Sightline.Metrics;
using Sightline.Training.Checkpoints;
using Sightline.Training.Evaluation;
using Sightline.Training.Loop;
using Sightline.Training.Signals;

namespace Sightline.Training.Runs;

/// <summary>All that a run writes row by row: metrics.csv, signals.csv, probe.csv, and the same curves for TensorBoard.</summary>
internal sealed class RunLogs : IDisposable
{
    private readonly CsvLog metrics;
    private readonly CsvLog signals;
    private readonly CsvLog probes;
    private readonly RunEvents events;

    private RunLogs(RunFolder folder, long step, Func<string, IReadOnlyList<string>, CsvLog> open, IReadOnlyList<NetworkBlock> blocks)
    {
        metrics = open(folder.Metrics, MetricsLog.Columns);
        signals = open(folder.Signals, SignalsLog.Header(blocks));
        probes = open(folder.Probe, ProbeLog.Header(blocks));
        events = new RunEvents(folder, step);
    }

    /// <summary>Begins the logs of a new run.</summary>
    public static RunLogs Start(RunFolder folder, IReadOnlyList<NetworkBlock> blocks) => new(folder, 0, CsvLog.Start, blocks);

    /// <summary>Goes on with those of a checkpoint, cut back to what it remembers.</summary>
    /// <exception cref="BadInputException">They were changed, or another version began them.</exception>
    public static RunLogs Continue(RunFolder folder, CheckpointState state, IReadOnlyList<NetworkBlock> blocks) => new(folder, state.Steps, (path, columns) =>
        CsvLog.Continue(path, path == folder.Metrics ? state.MetricsLength : path == folder.Signals ? state.SignalsLength : state.ProbeLength, columns), blocks);

    /// <summary>Their lengths in bytes.</summary>
    public (long Metrics, long Signals, long Probe) Lengths => (metrics.Length, signals.Length, probes.Length);

    /// <summary>A measured step.</summary>
    public void Step(long step, int epoch, StepResult result)
    {
        signals.Append(SignalsLog.Cells(step, epoch, result));
        events.Step(step, result);
    }

    /// <summary>The end of an epoch.</summary>
    public void Epoch(EpochMetrics row, ProbeReading probe, LogitScore? validation)
    {
        metrics.Append(MetricsLog.Cells(row));
        probes.Append(ProbeLog.Cells(row.Epoch, probe, validation));
        events.Epoch(row);
    }

    /// <summary>Makes sure that all is on the disk.</summary>
    public void Sync()
    {
        events.Flush();
        metrics.Sync();
        signals.Sync();
        probes.Sync();
    }

    public void Dispose()
    {
        metrics.Dispose();
        signals.Dispose();
        probes.Dispose();
        events.Dispose();
    }
}
