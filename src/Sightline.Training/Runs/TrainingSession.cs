using System.Diagnostics;
using Sightline.Diagnosis;
using Sightline.Metrics;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Checkpoints;
using Sightline.Training.Evaluation;
using Sightline.Training.Loop;
using Sightline.Training.Optimisation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Reporting;
using Sightline.Training.Signals;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Runs;

/// <summary>
/// One process's share of a run: epochs, validation, rows, checkpoints. The order of writes makes every moment safe to be killed in: a
/// row is on the disk before the checkpoint that remembers the log's length, and a resume cuts off what the checkpoint doesn't remember.
/// </summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly RunFolder folder;
    private readonly Recipe recipe;
    private readonly TrainingData data;
    private readonly RunOptions options;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly bool wasDeterministic;
    private readonly int threads;
    private readonly BatchLoader loader;
    private readonly Classifier network;
    private readonly Trainer trainer;
    private readonly AveragedNetwork? averaged;
    private readonly Validation? validation;
    private readonly TrainingProbe probe;
    private readonly ScalarGuard guard = ScalarGuard.Enter();
    private readonly RunLogs logs;
    private readonly RunWatch? curves;
    private EpochProgress progress;
    private Standing standing;
    private bool isSick;

    private TrainingSession(RunFolder folder, Recipe recipe, TrainingData data, RunOptions options, Checkpoint? checkpoint, Action? begin)
    {
        (this.folder, this.recipe, this.data, this.options) = (folder, recipe, data, options);
        // Where nobody listens, nobody looks.
        curves = options.Say is not null || options.StopWhenSick ? new RunWatch(folder, options.Judge, options.Say) : null;
        int wanted = checkpoint?.State.Threads ?? recipe.Training.Threads;
        if (wanted > 0)
            set_num_threads(wanted);
        threads = get_num_threads();
        wasDeterministic = recipe.Training.Determinism == DeterminismMode.Exact && Determinism.IsEnabled;
        if (recipe.Training.Determinism == DeterminismMode.Exact)
            Determinism.Enable();
        try
        {
            loader = TrainingParts.Loader(recipe, data);
            network = TrainingParts.Network(recipe, data, fresh: checkpoint is null, options);
            PrecisionDecision decision = checkpoint is null
                ? PrecisionDecision.Of(recipe, data.Set.Classes.Count, loader, CancellationToken.None)
                : new PrecisionDecision(checkpoint.State.Precision == "bf16" ? PrecisionChoice.Bf16 : PrecisionChoice.Float32, null);
            if (decision.Timing is { } timing)
                options.Say?.Invoke(timing.Explanation);
            int stepsPerEpoch = (loader.BatchesPerEpoch + recipe.Training.Accumulation - 1) / recipe.Training.Accumulation;
            trainer = new Trainer(recipe, network, stepsPerEpoch, decision.Choice, data.Counts.Train);
            averaged = trainer.Average is StochasticAverage || (trainer.Average is not null && data.Validation.Count > 0) ? new AveragedNetwork(recipe, data.Set.Classes.Count) : null;
            validation = data.Validation.Count > 0 ? new Validation(recipe, data) : null;
            probe = TrainingProbe.Of(data.Train, recipe.Preprocessing.ToPreprocessing(), data.Set.Classes.Count, recipe.Seed);
            if (checkpoint is null)
            {
                begin?.Invoke();
                manual_seed(unchecked((long)(SeedStream.Derive(recipe.Seed, "torch") >> 1)));
                RunEnvironment.Write(folder.Environment, recipe, data, decision.Choice, decision.Timing, threads, options.RecipePath);
                logs = RunLogs.Start(folder, trainer.Blocks);
                progress = EpochProgress.Start(0);
                standing = new Standing(null, null, null, 0, null);
            }
            else
            {
                CheckpointState state = checkpoint.State;
                checkpoint.Restore(trainer);
                logs = RunLogs.Continue(folder, state, trainer.Blocks);
                progress = state.Progress;
                standing = new Standing(state.BestTop1, state.BestLoss, state.BestEpoch, state.EpochsWithoutImprovement, state.Finished);
            }
            if (checkpoint is null)
                Save();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Begins a run.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="data">The images.</param>
    /// <param name="options">What surrounds the training.</param>
    /// <param name="begin">Creates the folder and writes the recipe, once everything that can fail is built; null when that is done.</param>
    public static TrainingSession New(RunFolder folder, Recipe recipe, TrainingData data, RunOptions options, Action? begin) => new(folder, recipe, data, options, null, begin);

    /// <summary>Goes on from a checkpoint.</summary>
    public static TrainingSession From(RunFolder folder, Recipe recipe, TrainingData data, Checkpoint checkpoint, RunOptions options) => new(folder, recipe, data, options, checkpoint, null);

    /// <summary>Trains until the end, the wanted epoch, an interruption, or a diagnosis where that is asked for.</summary>
    public RunSummary Run(CancellationToken cancellationToken)
    {
        try
        {
            return Train(cancellationToken);
        }
        catch (TrainingDivergedException exception)
        {
            DivergenceRecord.Write(folder.Diverged, progress.Epoch + 1, trainer.Steps, exception);
            throw;
        }
    }

    private RunSummary Train(CancellationToken cancellationToken)
    {
        while (standing.Finished is null)
        {
            if (progress.Epoch >= options.UntilEpoch)
                return Summary(RunEnd.Paused);
            if (!Epoch(cancellationToken))
                return Summary(RunEnd.Interrupted);
            if (standing.Finished is not null)
                break;
            if (cancellationToken.IsCancellationRequested)
                return Summary(RunEnd.Interrupted);
            if (isSick && options.StopWhenSick)
                return Summary(RunEnd.Sick);
        }
        options.Say?.Invoke(standing.Finished);
        (double? test, string hash, ReportedDiagnosis? diagnosis) = RunFinish.Write(folder, recipe, data, trainer, options.Progress);
        return Summary(RunEnd.Finished, test, hash) with { Diagnosis = diagnosis };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        guard.Dispose();
        logs?.Dispose();
        validation?.Dispose();
        probe?.Dispose();
        averaged?.Dispose();
        trainer?.Dispose();
        network?.Dispose();
        loader?.Dispose();
        if (recipe.Training.Determinism == DeterminismMode.Exact && !wasDeterministic)
            Determinism.Disable();
    }

    // One epoch, or what is left of it. False when interrupted in its middle.
    private bool Epoch(CancellationToken cancellationToken)
    {
        int epoch = progress.Epoch, batches = loader.BatchesPerEpoch;
        trainer.BeginEpoch(epoch);
        var group = new List<Batch>(recipe.Training.Accumulation);
        var watch = Stopwatch.StartNew();
        double rate = trainer.NextRate;
        try
        {
            foreach (Batch batch in loader.Epoch(epoch, progress.NextBatch, CancellationToken.None))
            {
                group.Add(batch);
                if (group.Count < recipe.Training.Accumulation && progress.NextBatch + group.Count < batches)
                    continue;
                rate = Step(group, epoch, watch);
                Release(group);
                guard.AtBoundary();
                bool last = progress.NextBatch >= batches;
                if (!last && cancellationToken.IsCancellationRequested)
                {
                    Save();
                    return false;
                }
                if (!last && recipe.Checkpointing.EverySteps > 0 && trainer.Steps % recipe.Checkpointing.EverySteps == 0)
                    Save();
            }
        }
        finally
        {
            // What the loader or a step that failed leaves.
            Release(group);
        }
        EndEpoch(rate, watch);
        return true;
    }

    private static void Release(List<Batch> group)
    {
        foreach (Batch batch in group)
            batch.Dispose();
        group.Clear();
    }

    private const int FirstSteps = 10;

    private double Step(List<Batch> group, int epoch, Stopwatch watch)
    {
        // The first steps all: a missing warm-up shows there or nowhere.
        bool signal = trainer.Steps < FirstSteps || (trainer.Steps + 1) % recipe.Checkpointing.SignalsEverySteps == 0;
        StepResult step = trainer.Step(group, signal);
        progress = progress.With(step, group.Count, watch.Elapsed.TotalSeconds);
        watch.Restart();
        if (signal)
        {
            logs.Step(trainer.Steps, epoch + 1, step);
            curves?.Step(trainer.Steps, step);
        }
        options.Stepped?.Invoke(trainer.Steps, step);
        options.Progress?.Report(new WorkProgress($"epoch {epoch + 1}/{recipe.Training.Epochs}", progress.Images, loader.ImagesPerEpoch, "images",
            FormattableString.Invariant($"loss {progress.Loss:0.000}  top-1 {progress.Top1:0.000}")));
        return step.LearningRate;
    }

    private void EndEpoch(double rate, Stopwatch watch)
    {
        watch.Restart();
        // A frozen backbone keeps the statistics that it came with.
        if (trainer.EndEpoch(progress.Epoch) is { } changed && progress.Epoch >= recipe.Network.FrozenEpochs)
            averaged!.MeasureStatistics(changed, loader, progress.Epoch, options.Progress);
        LogitScore? score = validation?.Score(trainer, averaged, options.Progress);
        (double loss, double top1) = (score?.Loss ?? double.NaN, score?.Top1 ?? double.NaN);
        double validationSeconds = watch.Elapsed.TotalSeconds;
        int epoch = progress.Epoch + 1;
        trainer.RequireFiniteWeights();
        var row = new EpochMetrics(epoch, trainer.Steps, rate, progress.Loss, progress.Top1, loss, top1, progress.GradientNorm,
            progress.Seconds + validationSeconds, progress.Images / progress.Seconds);
        ProbeReading reading = probe.Measure(trainer.Network, trainer.Blocks, recipe.Training.ChannelsLast);
        logs.Epoch(row, reading, score);
        options.Say?.Invoke(FormattableString.Invariant($"epoch {epoch}/{recipe.Training.Epochs}  loss {row.TrainLoss:0.0000}  top-1 {row.TrainTop1:0.0000}")
            + (validation is null ? "" : FormattableString.Invariant($"  val loss {loss:0.0000}  val top-1 {top1:0.0000}"))
            + FormattableString.Invariant($"  {row.Seconds:0.0} s"));
        bool better = validation is not null && (standing.BestTop1 is not double best || top1 > best || (top1 == best && loss < standing.BestLoss));
        standing = better ? new Standing(top1, loss, epoch, 0, null) : standing with { EpochsWithoutImprovement = standing.EpochsWithoutImprovement + (validation is null ? 0 : 1) };
        progress = EpochProgress.Start(epoch);
        if (recipe.Training.EarlyStoppingPatience > 0 && standing.EpochsWithoutImprovement >= recipe.Training.EarlyStoppingPatience)
            standing = standing with { Finished = $"Stopped early: {standing.EpochsWithoutImprovement} epochs without a better validation accuracy." };
        else if (epoch >= recipe.Training.Epochs)
            standing = standing with { Finished = $"All {recipe.Training.Epochs} epochs are done." };
        if (better)
            Checkpoint.Write(folder.Best, State(), trainer, withOptimiser: false);
        Save();
        // After all is saved: a look at the curves must not cost the epoch.
        isSick |= curves?.Epoch(row, reading, score) ?? false;
    }

    private void Save()
    {
        trainer.RequireFiniteWeights();
        logs.Sync();
        Checkpoint.Write(folder.Last, State(), trainer, withOptimiser: true);
    }

    private CheckpointState State() => new()
    {
        Network = recipe.Network.Name,
        Classes = data.Set.Classes,
        Recipe = RecipeFile.Text(recipe),
        DataFingerprint = data.Fingerprint,
        SplitFingerprint = data.SplitFingerprint,
        Counts = data.Counts,
        Unusable = data.Unusable,
        Precision = trainer.Precision == PrecisionChoice.Bf16 ? "bf16" : "float32",
        Threads = threads,
        Steps = trainer.Steps,
        AverageUpdates = trainer.Average?.Updates ?? 0,
        Progress = progress,
        BestTop1 = standing.BestTop1,
        BestLoss = standing.BestLoss,
        BestEpoch = standing.BestEpoch,
        EpochsWithoutImprovement = standing.EpochsWithoutImprovement,
        MetricsLength = logs.Lengths.Metrics,
        SignalsLength = logs.Lengths.Signals,
        ProbeLength = logs.Lengths.Probe,
        Finished = standing.Finished,
    };

    private RunSummary Summary(RunEnd end, double? test = null, string? hash = null) =>
        new(folder.Root, end, progress.Epoch, trainer.Steps, standing.BestTop1, standing.BestEpoch, test, hash, clock.Elapsed.TotalSeconds)
        {
            Diagnosis = end == RunEnd.Finished ? null : RunFinish.Diagnosis(folder),
        };

    // Where the run stands beside its weights.
    private sealed record Standing(double? BestTop1, double? BestLoss, int? BestEpoch, int EpochsWithoutImprovement, string? Finished);
}
