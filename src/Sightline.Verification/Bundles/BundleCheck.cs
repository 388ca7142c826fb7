using System.Globalization;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>
/// Holds a deployed model against a bundle's golden frames, stage by stage, and names the first that differs: with the data set and torch far away.
/// </summary>
/// <remarks>
/// What comes before the network is integer arithmetic and a table: it has to be the same, and a deployment whose input differs does not pass.
/// From there on it passes by decisions; how far layers and logits are apart is told, not judged, since other processors round otherwise.
/// </remarks>
public static class BundleCheck
{
    /// <summary>JPEG decoders may differ by one step of 255 here and there: by their deviation, pixels may be this far apart.</summary>
    public const double DecodedTolerance = 0.02;

    /// <summary>How far inputs may be apart, by their deviation: a rounding of float32.</summary>
    public const double InputTolerance = 1e-5;

    /// <summary>From here on a layer differs, by its deviation: a hundred roundings of float32 in a row, a tenth of bfloat16's one.</summary>
    public const double LayerTolerance = 1e-4;

    /// <summary>From here on logits differ, by the largest of them.</summary>
    public const double LogitTolerance = 1e-3;

    /// <summary>Runs every frame through a deployment.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="settings">What was seen in other settings; judged with the frames.</param>
    /// <param name="cancellationToken">Stops between frames.</param>
    /// <returns>What was seen; it passed when nothing stands in <see cref="BundleReport.Reasons"/>.</returns>
    /// <exception cref="BadInputException">A frame can't be run.</exception>
    public static BundleReport Run(Bundle bundle, IDeployment deployment, IReadOnlyList<SettingResult>? settings = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(deployment);
        var frames = new List<FrameResult>();
        foreach ((int index, GoldenFrame frame) in bundle.Frames.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            frames.Add(Compare(bundle.Contract, frame, deployment.Run(frame, index)));
        }
        return new BundleReport { Frames = frames, Settings = settings ?? [], Here = BundleMaker.Here(), Reasons = [.. Judge(frames, settings ?? [])] };
    }

    /// <summary>Runs the golden frames in several settings: batch 1 and all frames at once, one thread and all cores.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="model">The ONNX file's bytes.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="cancellationToken">Stops between settings.</param>
    /// <returns>What came of each.</returns>
    /// <exception cref="BadInputException">It is no model of ours, or has other classes or another input than the bundle's.</exception>
    public static IReadOnlyList<SettingResult> Settings(Bundle bundle, byte[] model, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        var results = new List<SettingResult>();
        int[] threadCounts = Environment.ProcessorCount > 1 ? [1, 0] : [1], batches = bundle.Frames.Count > 1 ? [1, bundle.Frames.Count] : [1];
        float[] inputs = [.. bundle.Frames.SelectMany(f => f.Input)];
        foreach (int threads in threadCounts)
        {
            using ImageClassifier classifier = ImageClassifier.Open(model, name, new ClassifierOptions { Threads = threads });
            int length = classifier.Contract.Preprocessing.Length, classes = classifier.Contract.Classes.Count;
            if (length != bundle.Contract.Preprocessing.Length || classes != bundle.Contract.Classes.Count)
                throw new BadInputException("bundle-other-model", $"The model takes {length} numbers and knows {classes} classes, the bundle's takes {bundle.Contract.Preprocessing.Length} and knows {bundle.Contract.Classes.Count}.", name);
            foreach (int batch in batches)
            {
                cancellationToken.ThrowIfCancellationRequested();
                float[] logits = new float[bundle.Frames.Count * classes];
                for (int i = 0; i < bundle.Frames.Count; i += batch)
                    classifier.Logits(inputs.AsSpan(i * length, batch * length), batch, logits.AsSpan(i * classes, batch * classes));
                results.Add(Seen(bundle, classifier.Contract, batch, threads, logits));
            }
        }
        return results;
    }

    private static SettingResult Seen(Bundle bundle, ModelContract contract, int batch, int threads, float[] logits)
    {
        int classes = contract.Classes.Count, flips = 0;
        double worst = 0;
        foreach ((int index, GoldenFrame frame) in bundle.Frames.Index())
        {
            ReadOnlySpan<float> row = logits.AsSpan(index * classes, classes);
            int decision = LogitComparison.Decision(row);
            flips += decision < 0 || contract.Classes[decision] != frame.Decision ? 1 : 0;
            worst = Math.Max(worst, Distance(frame.Logits, row));
        }
        return new SettingResult(batch, threads, flips, worst);
    }

    private static FrameResult Compare(ModelContract contract, GoldenFrame frame, FrameOutputs seen)
    {
        double? logits = seen.Logits is { } values ? Distance(frame.Logits, values) : null;
        string? decision = seen.Decision ?? (seen.Logits is { } l && LogitComparison.Decision(l) is >= 0 and int best && best < contract.Classes.Count ? contract.Classes[best] : null);
        return new FrameResult(frame.Name, Decoded(frame, seen) ?? Input(contract, frame, seen) ?? Layer(frame, seen) ?? Logits(frame, seen, logits) ?? Decision(frame, seen, decision), frame.Decision, decision, logits);
    }

    private static StageDifference? Decoded(GoldenFrame frame, FrameOutputs seen)
    {
        if (seen.Decoded is not { } image)
            return null;
        if ((image.Width, image.Height) != (frame.Decoded.Width, frame.Decoded.Height))
            return new StageDifference(BundleStage.DecodedImage, null, double.PositiveInfinity, $"It has {image.Width}×{image.Height} pixels where {frame.Decoded.Width}×{frame.Decoded.Height} are expected.");
        double distance = frame.Decoded.Pixels.DistanceTo(image.Pixels);
        return distance > DecodedTolerance ? new StageDifference(BundleStage.DecodedImage, null, distance, "The decoder gives other pixels.") : null;
    }

    private static StageDifference? Input(ModelContract contract, GoldenFrame frame, FrameOutputs seen)
    {
        if (seen.Input is not { } input)
            return null;
        double distance = TensorSummary.Of(frame.Input).DistanceTo(TensorSummary.Of(input));
        // A decoder that is one step off moves the input as far.
        double tolerance = seen.Decoded is { } image && frame.Decoded.Pixels.DistanceTo(image.Pixels) == 0 ? InputTolerance : DecodedTolerance;
        return distance > tolerance
            ? new StageDifference(BundleStage.InputTensor, null, distance, InputFault.Explain(frame.Input, input, contract.Preprocessing, ImageCodec.Decode(frame.Image, frame.Name)))
            : null;
    }

    private static StageDifference? Layer(GoldenFrame frame, FrameOutputs seen)
    {
        Dictionary<string, LayerSummary> layers = (seen.Layers ?? []).ToDictionary(l => l.Value);
        foreach (LayerSummary layer in frame.Layers)
        {
            if (layers.TryGetValue(layer.Value, out LayerSummary? other) && layer.Summary.DistanceTo(other.Summary) is double distance && distance > LayerTolerance)
                return new StageDifference(BundleStage.Layer, layer.Name, distance, distance > 0.1 ? "It computes something else than the exported operator." : "Its weights or its arithmetic differ a little.");
        }
        return null;
    }

    private static StageDifference? Logits(GoldenFrame frame, FrameOutputs seen, double? distance)
    {
        if (distance is not double apart || apart <= LogitTolerance)
            return null;
        string? cause = seen.Logits!.Length != frame.Logits.Length
            ? $"There are {seen.Logits.Length} where {frame.Logits.Length} are expected."
            : seen.Logits.Order().Zip(frame.Logits.Order()).All(p => Math.Abs(p.First - p.Second) <= LogitTolerance * frame.Logits.Max(Math.Abs)) ? "They are the right ones in another order of the classes." : null;
        return new StageDifference(BundleStage.Logits, null, apart, cause);
    }

    private static StageDifference? Decision(GoldenFrame frame, FrameOutputs seen, string? decision)
    {
        if (decision is null || decision == frame.Decision)
            return null;
        return new StageDifference(BundleStage.Decision, null, double.PositiveInfinity, seen.Logits is null ? null : "The logits are right: the class names stand in another order.");
    }

    private static double Distance(ReadOnlySpan<float> right, ReadOnlySpan<float> seen)
    {
        if (right.Length != seen.Length)
            return double.PositiveInfinity;
        double largest = 0, scale = 0;
        for (int i = 0; i < right.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)right[i] - seen[i]));
            scale = Math.Max(scale, Math.Abs(right[i]));
        }
        return double.IsNaN(largest) ? double.PositiveInfinity : largest == 0 ? 0 : largest / Math.Max(scale, float.Epsilon);
    }

    private static IEnumerable<string> Judge(List<FrameResult> frames, IReadOnlyList<SettingResult> settings)
    {
        int flips = frames.Count(f => f.Flipped);
        if (flips > 0)
            yield return $"{flips} of {frames.Count} golden frames are decided otherwise";
        foreach (BundleStage stage in new[] { BundleStage.DecodedImage, BundleStage.InputTensor })
        {
            StageDifference[] found = [.. frames.Select(f => f.First).OfType<StageDifference>().Where(d => d.Stage == stage)];
            if (found.Length > 0)
                yield return $"the {found[0].Name} differs in {found.Length} of {frames.Count} golden frames";
        }
        foreach (SettingResult setting in settings.Where(s => s.Flips > 0 && flips == 0))
            yield return string.Create(CultureInfo.InvariantCulture, $"at batch {setting.Batch} and {(setting.Threads == 0 ? "all threads" : $"{setting.Threads} thread{(setting.Threads == 1 ? "" : "s")}")} {setting.Flips} of {frames.Count} golden frames are decided otherwise");
    }
}
