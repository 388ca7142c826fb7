namespace Sightline.Metrics;

/// <summary>
/// All that is said about a classifier on a set of labelled images. Decisions go to the largest probability, the first of equals.
/// </summary>
public sealed record ClassificationReport
{
    /// <summary>How many bins <see cref="Reliability"/> has (Guo et al. 2017 use 15).</summary>
    public const int CalibrationBins = 15;

    /// <summary>Probabilities below this count as this in <see cref="NegativeLogLikelihood"/>, so that one impossible label leaves it finite.</summary>
    public const double SmallestProbability = 1e-12;

    private ClassificationReport()
    {
    }

    /// <summary>The class names.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>What was decided about each image, in the order given.</summary>
    public required IReadOnlyList<Decision> Decisions { get; init; }

    /// <summary>The fraction of images whose largest probability is the label's.</summary>
    public required double Top1 { get; init; }

    /// <summary>The fraction of images whose label is among the five largest probabilities; 1 when there are at most five classes.</summary>
    public required double Top5 { get; init; }

    /// <summary>Precision, recall, F1 and support of each class, in the order of <see cref="Classes"/>.</summary>
    public required IReadOnlyList<ClassMetrics> PerClass { get; init; }

    /// <summary>Averages in which every class that occurs counts the same; its recall is the balanced accuracy.</summary>
    public required ClassAverages Macro { get; init; }

    /// <summary>Averages in which every class counts by its images.</summary>
    public required ClassAverages Weighted { get; init; }

    /// <summary>Counts by true and predicted class.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    /// <summary>Confidence against accuracy in 15 bins, with the expected calibration error.</summary>
    public required ReliabilityDiagram Reliability { get; init; }

    /// <summary>Mean −ln p(label), in nats.</summary>
    public required double NegativeLogLikelihood { get; init; }

    /// <summary>Mean over images of Σ over classes of (p − [class is label])², between 0 and 2 (Brier 1950).</summary>
    public required double Brier { get; init; }

    /// <summary>How sure the figures are, given this many images.</summary>
    public required ClassificationIntervals Intervals { get; init; }

    /// <summary>How many images were evaluated.</summary>
    public int Images => Decisions.Count;

    /// <summary>The macro average of F1.</summary>
    public double MacroF1 => Macro.F1;

    /// <summary>The expected calibration error.</summary>
    public double Ece => Reliability.ExpectedCalibrationError;

    /// <summary>Wrong decisions, the most confident first; ties in the order of images.</summary>
    /// <param name="count">At most this many.</param>
    /// <returns>The decisions that a person should look at first.</returns>
    public IReadOnlyList<Decision> WorstMistakes(int count) =>
        [.. Decisions.Where(d => !d.Right).OrderByDescending(d => d.Confidence).ThenBy(d => d.Index).Take(count)];

    /// <summary>Evaluates probabilities against labels.</summary>
    /// <param name="probabilities"><c>[N, K] float32</c>, row-major; every row sums to 1 within 0.01.</param>
    /// <param name="labels"><c>[N]</c>, the true classes.</param>
    /// <param name="classes">The K class names.</param>
    /// <param name="seed">The seed of the bootstrap; equal seeds give equal intervals.</param>
    /// <param name="replicates">How many bootstrap resamples; at least 1.</param>
    /// <param name="level">The confidence level of the intervals as a fraction.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">Nothing to evaluate, sizes that don't fit, a label outside the classes, or rows that are no probabilities.</exception>
    /// <exception cref="InvalidDataException">A probability is not a finite number: the network has diverged.</exception>
    public static ClassificationReport From(
        ReadOnlySpan<float> probabilities, ReadOnlySpan<int> labels, IReadOnlyList<string> classes, ulong seed, int replicates = 1000, double level = 0.95)
    {
        ArgumentNullException.ThrowIfNull(classes);
        int n = labels.Length, k = classes.Count;
        if (n == 0 || k == 0)
            throw new ArgumentException("There is nothing to evaluate: no image or no class.");
        if (probabilities.Length != (long)n * k)
            throw new ArgumentException($"{n} images of {k} classes need {(long)n * k} probabilities, not {probabilities.Length}.", nameof(probabilities));
        var decisions = new Decision[n];
        var outcomes = new Outcome[n];
        double brier = 0;
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(i * k, k);
            (decisions[i], int rank) = Decide(i, row, labels[i], ref brier);
            outcomes[i] = new Outcome(labels[i], decisions[i].Predicted, rank, ReliabilityDiagram.BinOf(decisions[i].Confidence, CalibrationBins),
                decisions[i].Confidence, -Math.Log(Math.Max(decisions[i].LabelProbability, SmallestProbability)));
        }
        int[] predicted = [.. decisions.Select(d => d.Predicted)];
        var confusion = new ConfusionMatrix(labels, predicted, k);
        ClassMetrics[] perClass =
            [.. Enumerable.Range(0, k).Select(c => ClassMetrics.Of(classes[c], confusion[c, c], confusion.Support(c), confusion.Predicted(c)))];
        return new ClassificationReport
        {
            Classes = [.. classes],
            Decisions = decisions,
            Top1 = (double)outcomes.Count(o => o.Rank == 0) / n,
            Top5 = (double)outcomes.Count(o => o.Rank < 5) / n,
            PerClass = perClass,
            Macro = ClassAverages.Macro(perClass),
            Weighted = ClassAverages.Weighted(perClass),
            Confusion = confusion,
            Reliability = ReliabilityDiagram.Of([.. decisions.Select(d => d.Confidence)], [.. decisions.Select(d => d.Right)], CalibrationBins),
            NegativeLogLikelihood = outcomes.Average(o => o.Loss),
            Brier = brier / n,
            Intervals = ClassificationIntervals.Bootstrap(outcomes, k, seed, replicates, level),
        };
    }

    /// <summary>The decision of one row, and how many classes stand before the label.</summary>
    private static (Decision Decision, int Rank) Decide(int index, ReadOnlySpan<float> row, int label, ref double brier)
    {
        if ((uint)label >= (uint)row.Length)
            throw new ArgumentException($"Image {index} has label {label}, outside 0 … {row.Length - 1}.");
        int best = 0, rank = 0;
        double sum = 0;
        float own = row[label];
        for (int c = 0; c < row.Length; c++)
        {
            float p = row[c];
            if (!float.IsFinite(p))
                throw new InvalidDataException($"Image {index} has probability {p} for class {c}: the network gives no finite numbers, its training diverged.");
            sum += p;
            double miss = p - (c == label ? 1 : 0);
            brier += miss * miss;
            if (p > row[best])
                best = c;
            if (p > own || (p == own && c < label))
                rank++;
        }
        if (Math.Abs(sum - 1) > 0.01 || row[best] > 1.01f)
            throw new ArgumentException($"Image {index}: the {row.Length} numbers sum to {sum:0.###}, so they are no probabilities (logits need a softmax first).");
        return (new Decision(index, label, best, row[best], own), rank);
    }

    /// <summary>What the resampling needs of one image.</summary>
    /// <param name="Label">The true class.</param>
    /// <param name="Predicted">The decision.</param>
    /// <param name="Rank">How many classes stand before the label.</param>
    /// <param name="Bin">The reliability bin.</param>
    /// <param name="Confidence">The probability of the decision.</param>
    /// <param name="Loss">−ln p(label).</param>
    internal readonly record struct Outcome(int Label, int Predicted, int Rank, int Bin, float Confidence, double Loss);
}
