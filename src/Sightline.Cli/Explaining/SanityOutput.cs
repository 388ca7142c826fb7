using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Explanations;
using static TorchSharp.torch;

namespace Sightline.Cli.Explaining;

/// <summary>The check with random weights, run and told.</summary>
internal static class SanityOutput
{
    /// <summary>Runs the check on a run's network, against first weights of the run's own stream <c>weight-sanity</c>.</summary>
    /// <param name="trained">The network.</param>
    /// <param name="images">Each <c>[1, 3, H, W] float32</c>.</param>
    /// <param name="options">How it is asked.</param>
    /// <param name="keepMaps">Whether the maps are wanted.</param>
    /// <param name="progress">Told after each map.</param>
    /// <param name="cancellationToken">Stops between maps.</param>
    /// <returns>The check.</returns>
    public static WeightSanity Run(TrainedModel trained, IReadOnlyList<Tensor> images, ExplanationOptions options, bool keepMaps, IProgress<WorkProgress> progress, CancellationToken cancellationToken)
    {
        using Classifier fresh = Networks.Create(trained.NetworkName, trained.Classes.Count, SeedStream.Derive(trained.Recipe.Seed, "weight-sanity"), trained.Recipe.Network.Options);
        if (trained.Recipe.Training.ChannelsLast)
            ChannelsLast.Apply(fresh);
        ComputeDevice.Move(fresh, ComputeDevice.Of(trained.Network));
        return WeightSanity.Run(trained.Network, fresh, images, options, keepMaps, progress, cancellationToken);
    }

    /// <summary>The check as a table.</summary>
    /// <param name="check">The check.</param>
    /// <returns>Lines.</returns>
    public static string Table(WeightSanity check)
    {
        int width = check.Steps.Max(s => s.Layer.Length);
        // Of one image there is no interval.
        bool several = check.Trained.Count > 1;
        string Interval(MeanOverImages m) => several ? string.Create(CultureInfo.InvariantCulture, $"  [{m.Interval.Low:0.00}, {m.Interval.High:0.00}]") : "";
        return $"weights random from the classifier down to …: rank correlation with the trained network's map{(several ? $", mean over {check.Trained.Count} images and 95 % interval" : "")}\n"
            + string.Concat(check.Steps.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Layer.PadRight(width)}  {s.Mean.Mean,6:0.00}{Interval(s.Mean)}\n")));
    }

    /// <summary>The check as the member <c>sanity</c>.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="check">The check.</param>
    public static void Write(Utf8JsonWriter json, WeightSanity check) => json.WriteObjects("sanity", check.Steps, step =>
    {
        json.WriteString("layer", step.Layer);
        json.WriteNumber("mean", step.Mean.Mean);
        json.WriteNumbers("interval", step.Mean.Interval.Low, step.Mean.Interval.High);
        json.WriteNumbers("similarity", step.Similarity);
    });
}
