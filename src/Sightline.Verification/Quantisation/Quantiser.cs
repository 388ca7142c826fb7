using System.Collections.Immutable;
using Sightline.Metrics;
using Sightline.Onnx.Graph;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>
/// Brings an exported float32 classifier to 8-bit integers: BatchNorms folded, ranges from calibration images, biases corrected; where the
/// accuracy asked for does not hold, the layers that do most damage alone go back to float32, one after the other.
/// </summary>
public static class Quantiser
{
    private const int DamageImages = 32;

    /// <summary>Quantises a model.</summary>
    /// <param name="model">The ONNX file's bytes, its contract inside.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="images">Calibration and judges.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops the search: the best so far is given. Before there is one, it ends the work.</param>
    /// <returns>The quantised model.</returns>
    /// <exception cref="BadInputException">It is no model of ours, is quantised already, or calibration images are missing or of another shape.</exception>
    /// <exception cref="OperationCanceledException">Stopped before the first model was there.</exception>
    public static QuantisedModel Run(byte[] model, string name, QuantisationImages images, QuantisationOptions options, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ModelContract contract;
        using (ImageClassifier classifier = ImageClassifier.Open(model, name))
            contract = classifier.Contract;
        Check(images, contract, name);
        OnnxFile original = OnnxFile.Parse(model, name);
        if (original.Nodes.Any(n => n.Operator is "QuantizeLinear" or "DequantizeLinear" or "QLinearConv"))
            throw new BadInputException("quantise-twice", "The model is quantised already.", name, fix: "Give the float32 model that it came from.");
        OnnxFile folded = BatchNormFolding.Fold(original).File;
        IReadOnlyDictionary<string, ActivationRange> ranges = Calibration.Ranges(folded, contract, images.Calibration, options.Method, progress, cancellationToken);
        IReadOnlyDictionary<string, float[]>? means = options.BiasCorrection ? Calibration.InputMeans(folded, contract, images.Calibration, progress, cancellationToken) : null;
        var judges = new Judges(contract, name, images, progress);
        var search = new Search(folded, contract, judges, images, options, ranges, means, progress);
        int[] before = judges.Decisions(model, "accuracy in float32", cancellationToken);
        return search.Run(model.LongLength, before, cancellationToken);
    }

    /// <summary>Brings a model to 16-bit floats.</summary>
    /// <param name="model">The ONNX file's bytes, its contract inside.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="images">The images that judge; nothing is calibrated.</param>
    /// <param name="maxDrop">The largest loss of accuracy, 0–1; null takes what comes.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The model.</returns>
    /// <exception cref="BadInputException">It is no model of ours, is quantised already, or a weight is too large.</exception>
    public static QuantisedModel Half(byte[] model, string name, QuantisationImages images, double? maxDrop = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ModelContract contract;
        using (ImageClassifier classifier = ImageClassifier.Open(model, name))
            contract = classifier.Contract;
        byte[] half = Float16Rewriting.Rewrite(OnnxFile.Parse(model, name)).ToBytes();
        var judges = new Judges(contract, name, images, progress);
        return judges.Compare(half, model.LongLength, judges.Decisions(model, "accuracy in float32", cancellationToken), judges.Decisions(half, "accuracy in float16", cancellationToken), maxDrop);
    }

    private static void Check(QuantisationImages images, ModelContract contract, string name)
    {
        if (images.Calibration.Count == 0)
            throw new BadInputException("calibration-empty", "There are no calibration images: nothing says which values activations take.", name, fix: "Give some hundred images like those of service.");
        if (images.Labels.Count == 0)
            throw new BadInputException("calibration-judges", "There are no labelled images to judge the accuracy by.", name);
        if (images.Calibration.FirstOrDefault(c => c.Length != contract.Preprocessing.Length) is { } other)
            throw new BadInputException("calibration-shape", $"A calibration input has {other.Length} numbers; the model takes [3, {contract.Preprocessing.Height}, {contract.Preprocessing.Width}], {contract.Preprocessing.Length}.", name, fix: "Prepare calibration images by the model's own pre-processing.");
    }

    private sealed class Search(OnnxFile folded, ModelContract contract, Judges judges, QuantisationImages images, QuantisationOptions options, IReadOnlyDictionary<string, ActivationRange> ranges, IReadOnlyDictionary<string, float[]>? means, IProgress<WorkProgress>? progress)
    {
        private readonly IReadOnlyList<GraphNode> layers = QdqRewriting.Quantisable(folded);

        public QuantisedModel Run(long floatBytes, int[] before, CancellationToken cancellationToken)
        {
            QuantisedModel best = Judge([], [], floatBytes, before, cancellationToken);
            if (best.Holds)
                return best;
            IReadOnlyList<LayerDamage> damage = [];
            try
            {
                damage = Damage(cancellationToken);
                for (int kept = 1; kept <= damage.Count && !best.Holds; kept = Math.Max(kept + 1, kept * 5 / 4))
                {
                    QuantisedModel now = Judge([.. damage.Take(kept)], damage, floatBytes, before, cancellationToken);
                    if (now.Holds || now.AccuracyQuantised > best.AccuracyQuantised)
                        best = now;
                }
                return best with { Damage = damage };
            }
            catch (OperationCanceledException)
            {
                return best with { Damage = damage, Stopped = true };
            }
        }

        private OnnxFile Rewrite(IEnumerable<string> inFloat) => QdqRewriting.Rewrite(folded, new QuantisationPlan
        {
            Ranges = ranges,
            PerChannel = options.PerChannel,
            SevenBitWeights = options.SevenBitWeights,
            InputMeans = means,
            InFloat = inFloat.ToImmutableHashSet(),
        });

        private QuantisedModel Judge(IReadOnlyList<LayerDamage> inFloat, IReadOnlyList<LayerDamage> damage, long floatBytes, int[] before, CancellationToken cancellationToken)
        {
            byte[] bytes = Rewrite(inFloat.Select(l => l.Name)).ToBytes();
            int[] after = judges.Decisions(bytes, inFloat.Count == 0 ? "accuracy in int8" : $"accuracy with {inFloat.Count} in float32", cancellationToken);
            return judges.Compare(bytes, floatBytes, before, after, options.MaxDrop) with { Damage = damage, InFloat = [.. inFloat.Select(l => l.Layer)], Layers = layers.Count };
        }

        private LayerDamage[] Damage(CancellationToken cancellationToken)
        {
            float[][] few = [.. images.Calibration.Take(DamageImages)];
            double[] right = Logits(folded, few, cancellationToken);
            double mean = right.Average(), variance = right.Average(r => (r - mean) * (r - mean));
            var damage = new List<LayerDamage>();
            foreach (GraphNode layer in layers)
            {
                double[] seen = Logits(Rewrite(layers.Where(l => l != layer).Select(l => l.Name)), few, cancellationToken);
                damage.Add(new LayerDamage(layer.Name, $"{layer.Operator} {folded.ModuleOf(layer) ?? layer.Outputs[0]}", right.Zip(seen, (r, s) => (r - s) * (r - s)).Average() / variance));
                progress?.Report(new WorkProgress("damage of each layer", damage.Count, layers.Count, "layers"));
            }
            return [.. damage.OrderByDescending(d => d.Damage)];
        }

        private double[] Logits(OnnxFile file, float[][] inputs, CancellationToken cancellationToken)
        {
            var logits = new List<double>();
            Calibration.Watch(file, contract, [contract.Output], inputs, (_, numbers) =>
            {
                foreach (float number in numbers)
                    logits.Add(number);
            }, null, cancellationToken);
            return [.. logits];
        }
    }
}
