using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Runtime;
using Sightline.Training.Evaluation;
using Sightline.Training.Runs;
using Sightline.Verification;

namespace Sightline.Cli.Verifying;

/// <summary>Which images travel with a model: of each decision in turn the first that the network is not in two minds about.</summary>
internal static class GoldenChoice
{
    // Nearer to a tie, another processor's rounding may decide.
    private const double LeastMargin = 0.02;

    /// <summary>Makes the bundle of an exported network: its logits are the trained network's own.</summary>
    /// <param name="file">The ONNX file's bytes.</param>
    /// <param name="model">The network that it was exported from.</param>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <returns>The bundle.</returns>
    /// <exception cref="BadInputException">The images can't be told or read.</exception>
    public static Bundle Exported(byte[] file, TrainedModel model, BundleOptions wanted, IProgress<WorkProgress>? progress)
    {
        (IReadOnlyList<ImageSample> samples, string part, _) = EvaluationImages.Of(model, wanted.Data, null, "val", "test", "train");
        float[] logits = Evaluator.Logits(model, samples, new EvaluationOptions { ChannelsLast = model.Recipe.Training.ChannelsLast, Stage = "golden frames" }, progress);
        return Of(file, model.Classes, samples, part, logits, wanted);
    }

    /// <summary>Makes the bundle of a quantised network: its logits are the file's own on this machine, since rounding is meant to be there.</summary>
    /// <param name="file">The ONNX file's bytes.</param>
    /// <param name="samples">The images to choose from.</param>
    /// <param name="part">What they are called.</param>
    /// <param name="wanted">What was asked for.</param>
    /// <returns>The bundle.</returns>
    /// <exception cref="BadInputException">The images can't be read.</exception>
    public static Bundle Quantised(byte[] file, IReadOnlyList<ImageSample> samples, string part, BundleOptions wanted)
    {
        using ImageClassifier classifier = ImageClassifier.Open(file, "the quantised model");
        int classes = classifier.Contract.Classes.Count;
        float[] input = new float[classifier.Contract.Preprocessing.Length], logits = new float[samples.Count * classes];
        for (int i = 0; i < samples.Count; i++)
        {
            classifier.Contract.Preprocessing.Apply(samples[i].Content.Decode(), input);
            classifier.Logits(input, 1, logits.AsSpan(i * classes, classes));
        }
        return Of(file, classifier.Contract.Classes, samples, part, logits, wanted);
    }

    private static Bundle Of(byte[] file, IReadOnlyList<string> classes, IReadOnlyList<ImageSample> samples, string part, float[] logits, BundleOptions wanted)
    {
        int count = classes.Count;
        int[] decisions = [.. Enumerable.Range(0, samples.Count).Select(i => LogitComparison.Decision(Row(i)))];
        int right = Enumerable.Range(0, samples.Count).Count(i => decisions[i] == samples[i].Label);
        int[] chosen = [.. Enumerable.Range(0, samples.Count).Where(i => decisions[i] >= 0 && LogitComparison.Margin(Row(i)) > LeastMargin * Row(i).ToArray().Max(Math.Abs))
            .GroupBy(i => decisions[i]).OrderBy(g => g.Key).SelectMany(g => g.Select((index, turn) => (index, turn))).OrderBy(x => x.turn).Take(wanted.Frames).Select(x => x.index)];
        if (chosen.Length == 0)
            throw new BadInputException("golden-none", $"The network is in two minds about every one of its {samples.Count} {part} images: no golden frame would stay decided elsewhere.", fix: "Train it further, or leave out --bundle.");
        return BundleMaker.Make(file, [.. chosen.Select(i => Candidate(samples[i], classes, Row(i).ToArray()))],
            new ExpectedAccuracy((double)right / samples.Count, Interval.Wilson(right, samples.Count), samples.Count, part), wanted.Licence);

        ReadOnlySpan<float> Row(int index) => logits.AsSpan(index * count, count);
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
