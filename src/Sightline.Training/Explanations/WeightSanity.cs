using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>The maps when the weights from the classifier down to a layer are random.</summary>
/// <param name="Layer">The lowest layer whose weights are random.</param>
/// <param name="Similarity">For each image the rank correlation (<see cref="RankCorrelation"/>) with the map of the trained network.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Maps">The maps; none if they were not to be kept.</param>
public sealed record WeightSanityStep(string Layer, IReadOnlyList<double> Similarity, MeanOverImages Mean, IReadOnlyList<Plane<float>> Maps);

/// <summary>
/// Whether a method's maps depend on what the network has learnt: Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018
/// (arXiv 1810.03292), cascading randomisation. Weights become random from the classifier downwards; a map that stays as it
/// was has shown the image, not the network.
/// </summary>
/// <param name="Trained">The maps of the trained network.</param>
/// <param name="Steps">From the classifier layer alone random to all weights random.</param>
public sealed record WeightSanity(IReadOnlyList<Explanation> Trained, IReadOnlyList<WeightSanityStep> Steps)
{
    // Deep networks in about as many steps as a page has room for.
    private const int MostSteps = 16;

    /// <summary>Runs the check.</summary>
    /// <param name="trained">The trained network; it stays as it is.</param>
    /// <param name="fresh">A network of the same kind with first weights of its own. It is used up: afterwards it holds most of the
    /// trained weights.</param>
    /// <param name="images">Each <c>[1, 3, H, W] float32</c>, normalised as in training.</param>
    /// <param name="options">Method, class (null: what the trained network predicts), layer.</param>
    /// <param name="keepMaps">Whether the steps hold their maps; of many large images they fill the memory.</param>
    /// <param name="progress">Told after each map.</param>
    /// <param name="cancellationToken">Stops between maps.</param>
    /// <returns>The maps and their similarity. Every map is of the same class and layer as the trained network's.</returns>
    /// <exception cref="BadInputException">As for <see cref="Explainer.Explain"/>.</exception>
    /// <exception cref="ArgumentException">There is no image, or the networks have different parameters.</exception>
    public static WeightSanity Run(Classifier trained, Classifier fresh, IReadOnlyList<Tensor> images, ExplanationOptions options, bool keepMaps = true, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(fresh);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        Dictionary<string, Tensor> from = trained.state_dict(), to = fresh.state_dict();
        if (images.Count == 0 || !from.Select(t => (t.Key, Shape: string.Join('×', t.Value.shape))).SequenceEqual(to.Select(t => (t.Key, Shape: string.Join('×', t.Value.shape)))))
            throw new ArgumentException("The check needs an image, and two networks of the same kind.", nameof(fresh));
        var explainer = new Explainer(trained);
        Explanation[] before = [.. images.Select(i => explainer.Explain(i, options, cancellationToken))];
        List<(string Layer, List<string> Names)> layers = Layers(trained, images[0], from.Keys);
        int[] kept = [.. Enumerable.Range(0, Math.Min(MostSteps, layers.Count)).Select(k => layers.Count <= MostSteps ? k : (int)Math.Round(k * (layers.Count - 1.0) / (MostSteps - 1)))];
        int done = 0;
        var steps = new List<WeightSanityStep>();
        var asking = new Explainer(fresh);
        // The cascade from its end: all random first, then the trained weights put back from the image upwards.
        for (int lowest = 0; lowest < layers.Count; lowest++)
        {
            if (kept.Contains(lowest))
            {
                var maps = new List<Plane<float>>();
                foreach (((Tensor image, Explanation was), int _) in images.Zip(before).Select((p, i) => (p, i)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    maps.Add(asking.Explain(image, options with { Class = was.Class, Layer = options.Method == ExplanationMethod.GradCam ? was.Layer : options.Layer }, cancellationToken).Map);
                    progress?.Report(new WorkProgress("sanity", ++done, kept.Length * images.Count, "maps"));
                }
                double[] similar = [.. maps.Zip(before, (now, was) => RankCorrelation.Of(now, was.Map))];
                steps.Add(new WeightSanityStep(layers[lowest].Layer, similar, LocalisationReport.Mean(similar, seed: 1), keepMaps ? maps : []));
            }
            using IDisposable noGrad = no_grad();
            foreach (string name in layers[lowest].Names)
                to[name].copy_(from[name]);
        }
        steps.Reverse();
        return new WeightSanity(before, steps);
    }

    // The layers with weights in the order of the pass, each with the norms behind it. What no layer of the pass owns goes with the first.
    private static List<(string Layer, List<string> Names)> Layers(Classifier network, Tensor image, IEnumerable<string> names)
    {
        var modules = new Dictionary<string, nn.Module>();
        using (new EvaluationMode(network))
        using (no_grad())
        using (NewDisposeScope())
        using (LayerOutputs.Watch(network, (path, part, _) =>
        {
            if (!part.named_children().Any() && part.parameters().Any())
                modules.TryAdd(path, part);
        }))
        {
            network.call(ChannelsLast.Of(ComputeDevice.Put(image, ComputeDevice.Of(network))));
        }
        var layers = new List<(string Layer, List<string> Names)>();
        string[] all = [.. names];
        foreach ((string path, nn.Module part) in modules)
        {
            if (layers.Count == 0 || part.parameters().Any(p => p.dim() > 1))
                layers.Add((path, []));
            layers[^1].Names.AddRange(all.Where(n => n.StartsWith(path + ".", StringComparison.Ordinal)));
        }
        layers[0].Names.AddRange(all.Except(layers.SelectMany(l => l.Names)).ToArray());
        return layers;
    }
}
