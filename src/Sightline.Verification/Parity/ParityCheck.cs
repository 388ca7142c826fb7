using System.Globalization;
using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>
/// Proves that an exported file decides as the trained network does: the same images through ONNX Runtime, with the pre-processing
/// that the file itself carries, at batch 1 and at batch n. It passes by decisions, not by an epsilon that nobody can set.
/// </summary>
public static class ParityCheck
{
    /// <summary>Runs the check.</summary>
    /// <param name="input">The trained network's answers and the file.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>What was seen; it passed when nothing stands in <see cref="ParityReport.Reasons"/>.</returns>
    /// <exception cref="BadInputException">The file is missing, no model, or not ours; an image is unusable.</exception>
    /// <exception cref="ArgumentException">The arrays' lengths do not fit each other.</exception>
    public static ParityReport Run(ParityInput input, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckLengths(input);
        using ImageClassifier classifier = ImageClassifier.Open(input.ModelPath, new ClassifierOptions { Threads = input.Threads });
        ModelContract contract = classifier.Contract;
        var reasons = new List<string>(Mismatches(input, contract));
        if (!contract.Classes.SequenceEqual(input.Classes))
            return Incomparable(input, contract, reasons);

        int[] batches = input.Batch > 1 ? [input.Batch, 1] : [1];
        int images = input.ImageNames.Count;
        int random = input.TrainedRandomLogits.Length / input.Classes.Count;
        var onImages = new LogitComparison();
        var onNoise = new LogitComparison();
        var flips = new SortedDictionary<int, FlippedDecision>();
        var noiseFlips = new HashSet<int>();
        bool[] exportedRight = new bool[images];
        Compare(classifier, batches, images, (i, to) => contract.Preprocessing.Apply(input.ReadImage(i), to.Span), input.TrainedLogits, onImages, "verify", progress, cancellationToken, (i, batch, trained, exported) =>
        {
            int was = LogitComparison.Decision(trained), now = LogitComparison.Decision(exported);
            if (batch == batches[0])
                exportedRight[i] = now == input.Labels[i];
            if (was != now)
                flips.TryAdd(i, new FlippedDecision(input.ImageNames[i], input.Classes[input.Labels[i]], Name(input, was), Name(input, now), LogitComparison.Margin(trained), batch));
        });
        Compare(classifier, batches, random, (i, to) => RandomInputs.Write(input.Seed, i, to.Span), input.TrainedRandomLogits, onNoise, "verify on noise", progress, cancellationToken, (i, _, trained, exported) =>
        {
            if (LogitComparison.Decision(trained) != LogitComparison.Decision(exported))
                noiseFlips.Add(i);
        });

        bool[] trainedRight = new bool[images];
        for (int i = 0; i < images; i++)
            trainedRight[i] = LogitComparison.Decision(Row(input.TrainedLogits, i, input.Classes.Count)) == input.Labels[i];
        PairedComparison paired = PairedComparison.Of(trainedRight, exportedRight, input.Seed);
        double accuracyTrained = (double)trainedRight.Count(r => r) / images;
        double accuracyExported = (double)exportedRight.Count(r => r) / images;
        reasons.AddRange(Judge(input.Bounds, images, flips.Count, accuracyExported - accuracyTrained, random, noiseFlips.Count, onImages.Finite && onNoise.Finite));
        return new ParityReport
        {
            Reasons = reasons,
            Checkpoint = contract.Checkpoint,
            Images = images,
            Flips = flips.Count,
            FlipRateInterval = Interval.Wilson(flips.Count, images),
            FlippedImages = [.. flips.Values],
            AccuracyTrained = accuracyTrained,
            AccuracyExported = accuracyExported,
            AccuracyChangeInterval = paired.DifferenceInterval,
            MaxAbsDifference = double.IsNaN(onNoise.Max) ? double.NaN : Math.Max(onImages.Max, onNoise.Max),
            P999AbsDifference = onImages.Percentile(0.999),
            MaxAbsLogit = MaxAbs(input.TrainedLogits.Span),
            RandomInputs = random,
            RandomFlips = noiseFlips.Count,
            Batches = [.. batches.Order()],
        };
    }

    private delegate void Decided(int index, int batch, ReadOnlySpan<float> trained, ReadOnlySpan<float> exported);

    // Every input is made once and goes through the file at each batch size in turn, the largest first.
    private static void Compare(
        ImageClassifier classifier, int[] batches, int count, Action<int, Memory<float>> write, ReadOnlyMemory<float> trained, LogitComparison comparison,
        string stage, IProgress<WorkProgress>? progress, CancellationToken cancellationToken, Decided decided)
    {
        int length = classifier.Contract.Preprocessing.Length, classes = classifier.Contract.Classes.Count;
        float[] inputs = new float[checked(batches[0] * length)];
        float[] logits = new float[batches[0] * classes];
        for (int start = 0; start < count; start += batches[0])
        {
            cancellationToken.ThrowIfCancellationRequested();
            int n = Math.Min(batches[0], count - start);
            ParallelWork.Run(() => Parallel.For(0, n, i => write(start + i, inputs.AsMemory(i * length, length))));
            foreach (int batch in batches)
            {
                for (int first = 0; first < n; first += batch)
                {
                    int taken = Math.Min(batch, n - first);
                    classifier.Logits(inputs.AsSpan(first * length, taken * length), taken, logits.AsSpan(first * classes, taken * classes));
                }
                for (int i = 0; i < n; i++)
                {
                    ReadOnlySpan<float> was = Row(trained, start + i, classes), now = logits.AsSpan(i * classes, classes);
                    comparison.Add(was, now);
                    decided(start + i, batch, was, now);
                }
            }
            progress?.Report(new WorkProgress(stage, start + n, count, "inputs"));
        }
    }

    private static IEnumerable<string> Mismatches(ParityInput input, ModelContract contract)
    {
        if (!contract.Classes.SequenceEqual(input.Classes))
            yield return $"the file's classes ({Few(contract.Classes)}) are not the run's ({Few(input.Classes)})";
        if (!contract.Preprocessing.Equals(input.Preprocessing))
            yield return "the file's pre-processing is not the run's";
        if (input.RunFingerprint is not null && contract.RunFingerprint != input.RunFingerprint)
            yield return $"the file comes from another run or checkpoint (fingerprint {Short(contract.RunFingerprint)}, the run's is {Short(input.RunFingerprint)})";
        if (contract.Classes.Count == input.Classes.Count && !SameOffsets(contract.Decision, input.Decision, input.Classes.Count))
            yield return "the offsets that the file names for its prior and weights are not those that the run gives for them";
    }

    private static bool SameOffsets(ContractDecision? file, ContractDecision? run, int classes)
    {
        const double rounding = 1e-6;
        return Enumerable.Range(0, classes).All(k => Math.Abs((file?.Offsets[k] ?? 0) - (run?.Offsets[k] ?? 0)) <= rounding);
    }

    private static IEnumerable<string> Judge(ParityBounds bounds, int images, int flips, double accuracyChange, int random, int randomFlips, bool finite)
    {
        const double rounding = 1e-12; // 3 of 3,000 is exactly 0.1 %, and must pass
        if (!finite)
            yield return "the file gives logits that are no finite numbers";
        if (flips > bounds.MaxFlipRate * images + rounding)
            yield return Text($"{flips} of {images} decisions flip ({100.0 * flips / images:0.###} %, at most {100 * bounds.MaxFlipRate:0.###} % may)");
        if (Math.Abs(accuracyChange) > bounds.MaxAccuracyChange + rounding)
            yield return Text($"accuracy changes by {100 * accuracyChange:+0.###;-0.###} points (at most {100 * bounds.MaxAccuracyChange:0.###} may)");
        if (randomFlips > bounds.MaxRandomFlipRate * random + rounding)
            yield return Text($"{randomFlips} of {random} decisions on random inputs flip (at most {100 * bounds.MaxRandomFlipRate:0.###} % may)");
    }

    private static ParityReport Incomparable(ParityInput input, ModelContract contract, List<string> reasons)
    {
        int images = input.ImageNames.Count;
        int right = Enumerable.Range(0, images).Count(i => LogitComparison.Decision(Row(input.TrainedLogits, i, input.Classes.Count)) == input.Labels[i]);
        return new ParityReport
        {
            Reasons = reasons,
            Checkpoint = contract.Checkpoint,
            Images = images,
            Flips = images,
            FlipRateInterval = Interval.Wilson(images, images),
            FlippedImages = [],
            AccuracyTrained = (double)right / images,
            AccuracyExported = 0,
            AccuracyChangeInterval = new Interval(-(double)right / images, -(double)right / images, 0.95),
            MaxAbsDifference = double.NaN,
            P999AbsDifference = double.NaN,
            MaxAbsLogit = MaxAbs(input.TrainedLogits.Span),
            RandomInputs = 0,
            RandomFlips = 0,
            Batches = [],
        };
    }

    private static void CheckLengths(ParityInput input)
    {
        int images = input.ImageNames.Count, classes = input.Classes.Count;
        if (images == 0 || classes == 0)
            throw new ArgumentException("A comparison needs at least one image and one class.", nameof(input));
        if (input.Labels.Count != images)
            throw new ArgumentException($"There are {input.Labels.Count} labels for {images} images.", nameof(input));
        if (input.TrainedLogits.Length != checked(images * classes))
            throw new ArgumentException($"There are {input.TrainedLogits.Length} logits for {images} images of {classes} classes.", nameof(input));
        if (input.TrainedRandomLogits.Length % classes != 0)
            throw new ArgumentException($"{input.TrainedRandomLogits.Length} logits on random inputs do not divide by {classes} classes.", nameof(input));
        if (input.Labels.Any(l => l < 0 || l >= classes))
            throw new ArgumentException($"A label lies outside 0–{classes - 1}.", nameof(input));
        ArgumentOutOfRangeException.ThrowIfLessThan(input.Batch, 1);
    }

    private static double MaxAbs(ReadOnlySpan<float> values)
    {
        double max = 0;
        foreach (float value in values)
            max = Math.Max(max, Math.Abs((double)value));
        return max;
    }

    private static ReadOnlySpan<float> Row(ReadOnlyMemory<float> logits, int index, int classes) => logits.Span.Slice(index * classes, classes);

    private static string Name(ParityInput input, int decision) => decision < 0 ? "nan" : input.Classes[decision];

    private static string Few(IReadOnlyList<string> names) => string.Join(", ", names.Take(5)) + (names.Count > 5 ? $", … {names.Count} in all" : "");

    private static string Short(string fingerprint) => fingerprint.Length > 12 ? fingerprint[..12] : fingerprint;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
