using System.Runtime.InteropServices;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>
/// Traces a classifier's decision for an image back to places in it. Four methods that ask different questions; none of them proves why
/// the network decided so (docs/explain.md).
/// </summary>
/// <example>
/// <code>
/// using TrainedModel model = TrainedModel.Load("runs/demo");
/// using Tensor image = Explainer.Input(picture, model.Preprocessing);
/// Explanation why = new Explainer(model.Network).Explain(image);
/// AtomicFile.WriteBytes("why.png", ImageCodec.EncodePng(HeatPicture.Draw(model.Preprocessing.Fit(picture), why, model.Classes)));
/// </code>
/// </example>
public sealed class Explainer
{
    private readonly Classifier network;
    private (long Height, long Width, IReadOnlyList<SpatialLayer> Layers)? known;

    /// <summary>Prepares to explain a network, where it is (<see cref="ComputeDevice"/>).</summary>
    /// <param name="network">The network; it is put in evaluation mode for each explanation. It stays the caller's.</param>
    public Explainer(Classifier network)
    {
        ArgumentNullException.ThrowIfNull(network);
        this.network = network;
    }

    /// <summary>A picture as the network takes it.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="preprocessing">What turns it into the input.</param>
    /// <returns><c>[1, 3, H, W] float32</c>, the caller's to dispose, whatever scope is open.</returns>
    /// <exception cref="BadInputException">The picture's size does not fit and may not be changed (<c>image-wrong-size</c>).</exception>
    public static Tensor Input(RgbImage picture, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        var values = new float[preprocessing.Length];
        preprocessing.Apply(picture, values);
        return tensor(values, [1, 3, preprocessing.Height, preprocessing.Width]).DetachFromDisposeScope();
    }

    /// <summary>Explains one decision.</summary>
    /// <param name="image"><c>[1, C, H, W] float32</c>, normalised as in training; C is 3 but for networks for grey images.</param>
    /// <param name="options">The method, the class, the layer; null explains the predicted class by Grad-CAM.</param>
    /// <param name="cancellationToken">Stops between batches of the methods that need many passes.</param>
    /// <returns>The evidence.</returns>
    /// <exception cref="BadInputException">An option is out of its range, the layer or class is unknown, the network has no map to weight,
    /// its end is not of the form that CAM needs (<c>cam-head</c>), or its logits are not finite (<c>logits-not-finite</c>).</exception>
    public Explanation Explain(Tensor image, ExplanationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= new ExplanationOptions();
        options.Check();
        if (image.shape is not [1, var channels, _, _])
            throw new ArgumentException($"One image [1, C, H, W] is explained at a time; this is [{string.Join(", ", image.shape)}].", nameof(image));
        if (options.Blank.Count != 1 && options.Blank.Count != channels)
            throw new BadInputException("explain-option", $"The blank has {options.Blank.Count} values; expected one, or one for each of {channels} channels.");
        if (options.Class is int chosen && (uint)chosen >= (uint)network.Classes)
            throw new BadInputException("class-unknown", $"There is no class {chosen}; the network tells {network.Classes} apart, from 0.");
        using ScalarGuard guard = ScalarGuard.Enter();
        using DisposeScope scope = NewDisposeScope();
        using var frozen = new FrozenParameters(network);
        using var evaluating = new EvaluationMode(network);
        Tensor input = ChannelsLast.Of(ComputeDevice.Put(image.detach(), ComputeDevice.Of(network)));
        return options.Method switch
        {
            ExplanationMethod.GradCam => GradCam(input, options),
            ExplanationMethod.Cam => Cam(input, options),
            ExplanationMethod.Occlusion => Asked(input, options, (c, _) => (Occlusion.Map(Probabilities, input, c, options, guard, cancellationToken), null)),
            _ => Asked(input, options, (c, logit) => IntegratedGradients.Map(network, input, c, logit, options, guard, cancellationToken)),
        };
    }

    /// <summary>The layers whose maps can be weighted.</summary>
    /// <param name="image"><c>[1, 3, H, W] float32</c>; only its size matters.</param>
    /// <returns>The layers in the order in which they finish.</returns>
    public IReadOnlyList<SpatialLayer> Layers(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (long height, long width) = (image.shape[2], image.shape[3]);
        if (known is not { } k || k.Height != height || k.Width != width)
        {
            using var evaluating = new EvaluationMode(network);
            known = (height, width, SpatialLayers.Of(network, image));
        }
        return known.Value.Layers;
    }

    private Explanation GradCam(Tensor input, ExplanationOptions options)
    {
        string layer = SpatialLayers.Choose(Layers(input), options.Layer).Name;
        using var capture = new LayerCapture(network, layer, forGradients: true);
        using IDisposable grad = enable_grad();
        Tensor logits = network.call(input);
        float[] values = Copy(logits);
        int wanted = options.Class ?? ArgMax(values);
        logits[0, wanted].backward();
        Tensor maps = capture.Output.detach(), gradient = capture.Output.grad
            ?? throw new BadInputException("layer-unused", $"The decision does not depend on layer '{layer}'.", fix: "Choose a layer on the way to the classifier, by --layer.");
        Tensor weights = gradient.mean([2, 3], keepdim: true);                     // equation 1
        Tensor map = nn.functional.relu((weights * maps).sum(1)).squeeze(0);       // equation 2
        return Of(ExplanationMethod.GradCam, values, wanted, layer, map, input);
    }

    private Explanation Cam(Tensor input, ExplanationOptions options)
    {
        SpatialLayer layer = SpatialLayers.Choose(Layers(input), null);
        using var capture = new LayerCapture(network, layer.Name, forGradients: false);
        using IDisposable noGrad = no_grad();
        Tensor logits = network.call(input);
        float[] values = Copy(logits);
        int wanted = options.Class ?? ArgMax(values);
        Dictionary<string, Tensor> head = network.state_dict();
        Tensor weight = head[network.HeadName + ".weight"];
        Tensor? bias = head.GetValueOrDefault(network.HeadName + ".bias");
        // A ReLU behind the last layer need not be a module of its own.
        Tensor? maps = ((Tensor[])[capture.Output, nn.functional.relu(capture.Output)]).FirstOrDefault(m => IsWhatTheHeadTakes(m, weight, bias, logits));
        if (maps is null || (options.Layer is not null && options.Layer != layer.Name))
        {
            throw new BadInputException("cam-head", maps is null
                ? $"CAM reads the classifier layer's weights at each place of the last map, '{layer.Name}', which says something only where the mean of that map is what the classifier layer takes; this network ends otherwise."
                : $"CAM is of the last map, '{layer.Name}', and of no other layer.", fix: "Take --method grad-cam, which is the same where both exist.");
        }
        Tensor map = (maps * weight[wanted].reshape(1, -1, 1, 1)).sum(1).squeeze(0); // equation 2
        return Of(ExplanationMethod.Cam, values, wanted, layer.Name, map, input);
    }

    private static bool IsWhatTheHeadTakes(Tensor maps, Tensor weight, Tensor? bias, Tensor logits)
    {
        const double tolerance = 1e-3;
        if (maps.shape[1] != weight.shape[1])
            return false;
        Tensor again = nn.functional.linear(maps.mean([2, 3]), weight, bias);
        double difference = (again - logits).abs().max().item<float>(), largest = logits.abs().max().item<float>();
        return difference <= tolerance * Math.Max(1, largest);
    }

    // Methods that ask the network about other images than this one.
    private Explanation Asked(Tensor input, ExplanationOptions options, Func<int, double, (Tensor Map, Completeness? Completeness)> ask)
    {
        float[] values;
        using (no_grad())
            values = Copy(network.call(input));
        int wanted = options.Class ?? ArgMax(values);
        (Tensor map, Completeness? completeness) = ask(wanted, values[wanted]);
        return Of(options.Method, values, wanted, null, map, input) with { Completeness = completeness };
    }

    private Tensor Probabilities(Tensor images) => nn.functional.softmax(network.call(images), 1);

    private static Explanation Of(ExplanationMethod method, float[] logits, int wanted, string? layer, Tensor map, Tensor input)
    {
        int predicted = ArgMax(logits);
        double sum = logits.Sum(l => Math.Exp(l - (double)logits[predicted]));
        return new Explanation(method, wanted, predicted, logits[wanted], Math.Exp(logits[wanted] - (double)logits[predicted]) / sum, layer,
            HeatMap.Of(ComputeDevice.Put(map, DeviceType.CPU)), (int)input.shape[3], (int)input.shape[2]);
    }

    private static float[] Copy(Tensor logits)
    {
        using Tensor plain = ComputeDevice.Put(logits.detach(), DeviceType.CPU).contiguous();
        float[] values = MemoryMarshal.Cast<byte, float>(plain.bytes).ToArray();
        return values.All(float.IsFinite) ? values
            : throw new BadInputException("logits-not-finite", "The network's logits are not all numbers, so there is no decision to explain.", fix: "Take another checkpoint, or train again with a smaller learning rate.");
    }

    private static int ArgMax(float[] values) => Array.IndexOf(values, values.Max());
}
