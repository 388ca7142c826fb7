using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Training.Evaluation;
using Sightline.Training.Runs;
using Sightline.Verification;

namespace Sightline.Cli.Verifying;

/// <summary>Which images travel with a model: of each decision in turn the first that the network is not in two minds about.</summary>
internal static class GoldenChoice
{
    // Nearer to a tie, another processor's rounding may decide.
    private const double LeastMargin = 0.02;

    /// <summary>Makes the bundle of an exported network.</summary>
    /// <param name="file">The ONNX file's bytes.</param>
    /// <param name="model">The network that it was exported from.</param>
    /// <param name="data">Where the images are; null for the run's own place.</param>
    /// <param name="frames">How many golden frames are wanted.</param>
    /// <param name="licence">The licence; null for none.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <returns>The bundle.</returns>
    /// <exception cref="BadInputException">The images can't be told or read.</exception>
    public static Bundle Bundle(byte[] file, TrainedModel model, string? data, int frames, string? licence, IProgress<WorkProgress>? progress)
    {
        (IReadOnlyList<ImageSample> samples, string part, _) = EvaluationImages.Of(model, data, null, "val", "test", "train");
        float[] logits = Evaluator.Logits(model, samples, new EvaluationOptions { ChannelsLast = model.Recipe.Training.ChannelsLast, Stage = "golden frames" }, progress);
        int classes = model.Classes.Count;
        int[] decisions = [.. Enumerable.Range(0, samples.Count).Select(i => LogitComparison.Decision(Row(i)))];
        int right = Enumerable.Range(0, samples.Count).Count(i => decisions[i] == samples[i].Label);
        int[] chosen = [.. Enumerable.Range(0, samples.Count).Where(i => decisions[i] >= 0 && LogitComparison.Margin(Row(i)) > LeastMargin)
            .GroupBy(i => decisions[i]).OrderBy(g => g.Key).SelectMany(g => g.Select((index, turn) => (index, turn))).OrderBy(x => x.turn).Take(frames).Select(x => x.index)];
        if (chosen.Length == 0)
            throw new BadInputException("golden-none", $"The network is in two minds about every one of its {samples.Count} {part} images: no golden frame would stay decided elsewhere.", model.Path, fix: "Train it further, or export without --bundle.");
        return BundleMaker.Make(file, [.. chosen.Select(i => Candidate(samples[i], model.Classes, Row(i).ToArray()))],
            new ExpectedAccuracy((double)right / samples.Count, Interval.Wilson(right, samples.Count), samples.Count, part), licence);

        ReadOnlySpan<float> Row(int index) => logits.AsSpan(index * classes, classes);
    }

    // The image file itself where there is one, so that its decoder is held too; a crop or raw pixels as PNG, which loses nothing.
    private static GoldenCandidate Candidate(ImageSample sample, IReadOnlyList<string> classes, float[] logits)
    {
        RgbImage image = sample.Content.Decode();
        byte[] own = sample.Content.ReadBytes();
        bool whole = ImageSignature.Of(own) is ImageFormat.Jpeg or ImageFormat.Png && ImageCodec.Decode(own, sample.Name).Pixels.AsSpan().SequenceEqual(image.Pixels);
        return new GoldenCandidate(sample.Name, whole ? own : ImageCodec.EncodePng(image), logits, classes[sample.Label]);
    }
}
