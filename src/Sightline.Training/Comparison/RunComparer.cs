using Sightline.Datasets;
using Sightline.Metrics;
using Sightline.Training.Evaluation;
using Sightline.Training.Runs;

namespace Sightline.Training.Comparison;

/// <summary>Compares runs: by their logs and recipes, and by running their networks over the same images.</summary>
public static class RunComparer
{
    /// <summary>Compares runs.</summary>
    /// <param name="folders">Run folders, at least two; the first is what the others are held against.</param>
    /// <param name="images">Whether the networks are run over images; else logs and recipes alone are compared.</param>
    /// <param name="split">Which images of the first run's data: <c>val</c> or <c>test</c>; null takes validation images, else test images.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="BadInputException">A run cannot be read, or its images can't be found.</exception>
    public static RunComparison Compare(IReadOnlyList<string> folders, bool images = true, string? split = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ComparedRun> runs = ComparedRun.Read(folders);
        var notes = new List<string>();
        IReadOnlyList<RunPair> pairs = images ? Pairs(runs, split, notes, progress, cancellationToken) : [];
        return new RunComparison(runs, RunComparison.DifferencesOf(runs), pairs, RunComparison.SettingsOf(runs), notes);
    }

    private static List<RunPair> Pairs(IReadOnlyList<ComparedRun> runs, string? split, List<string> notes, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var pairs = new List<RunPair>();
        (string Name, string Images, string Part, bool[] Right)? first = null;
        foreach (ComparedRun run in runs)
        {
            using TrainedModel model = TrainedModel.Load(run.Folder);
            (IReadOnlyList<ImageSample> samples, string part, _) = EvaluationImages.Of(model, data: null, split, "val", "test", "train");
            if (part == "train")
            {
                notes.Add($"{run.Name} held no images back, so that nothing tells it from the others.");
                continue;
            }
            // The same images in the same order, wherever they lie; classes may stand in another order.
            string names = string.Join('\n', samples.Select(s => $"{s.Name}\t{model.Classes[s.Label]}"));
            if (first is { } reference && (reference.Images != names || reference.Part != part))
            {
                notes.Add($"{run.Name} was {(part == "val" ? "validated" : "tested")} on other images than {reference.Name}: another set, or another split of it (data.split, seed). Only the curves can be compared.");
                continue;
            }
            float[] logits = Evaluator.Logits(model, samples, new EvaluationOptions { ChannelsLast = model.Recipe.Training.ChannelsLast, Stage = run.Name }, progress, cancellationToken);
            bool[] right = Right(logits, samples, model.Classes.Count);
            if (first is { } other)
                pairs.Add(new RunPair(other.Name, run.Name, part, PairedComparison.Of(other.Right, right, seed: 1)));
            else
                first = (run.Name, names, part, right);
        }
        return pairs;
    }

    private static bool[] Right(float[] logits, IReadOnlyList<ImageSample> samples, int classes)
    {
        bool[] right = new bool[samples.Count];
        for (int i = 0; i < right.Length; i++)
        {
            ReadOnlySpan<float> row = logits.AsSpan(i * classes, classes);
            int best = 0;
            for (int k = 1; k < classes; k++)
                best = row[k] > row[best] ? k : best;
            right[i] = best == samples[i].Label;
        }
        return right;
    }
}
