using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Losses;
using Sightline.Training.Optimisation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Signals;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Loop;

/// <summary>
/// One network in training: forward, loss, backward, clipping, optimiser, moving average. It knows nothing of files; everything that it
/// changes is reachable from outside, so that it can be saved and restored.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly Recipe recipe;
    private readonly Schedule schedule;
    private readonly DeviceType device;
    private readonly ClassificationLoss loss;
    private double lastFiniteLoss = double.NaN;

    /// <summary>Takes a network into training.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="network">The network; it is moved to the recipe's device, its parameters laid channels-last when the recipe says so. Not disposed here.</param>
    /// <param name="stepsPerEpoch">Optimiser steps of an epoch.</param>
    /// <param name="precision">float32 or bf16; <see cref="PrecisionChoice.Auto"/> has been decided before.</param>
    /// <param name="classCounts">Training images of each class, for losses that go by them; null takes as many of each.</param>
    /// <exception cref="BadInputException">The loss goes by the classes' frequencies and a class has no images (<c>class-empty</c>).</exception>
    public Trainer(Recipe recipe, Classifier network, int stepsPerEpoch, PrecisionChoice precision, IReadOnlyList<int>? classCounts = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(network);
        if (precision == PrecisionChoice.Auto)
            throw new ArgumentException("The precision must be decided before training.", nameof(precision));
        this.recipe = recipe;
        Network = network;
        Precision = precision;
        schedule = new Schedule(recipe.Schedule, recipe.Optimiser.LearningRate, recipe.Training.Epochs, stepsPerEpoch, recipe.Training.Swa);
        device = recipe.Training.Device.Type();
        // First what can be refused.
        loss = new ClassificationLoss(recipe.Loss, classCounts ?? [.. Enumerable.Repeat(1, network.Classes)], device);
        ComputeDevice.Move(network, device);
        if (recipe.Training.ChannelsLast)
            ChannelsLast.Apply(network);
        Optimiser = Optimiser.Create(recipe.Optimiser, OptimisedParameter.Of(network, recipe.Optimiser, recipe.Network.BackboneRate));
        Blocks = NetworkBlock.Of(Optimiser.Parameters);
        Average = recipe.Training.EmaDecay > 0 ? new ExponentialAverage(network, recipe.Training.EmaDecay) : recipe.Training.Swa is not null ? new StochasticAverage(network) : null;
    }

    /// <summary>The network, with the latest weights.</summary>
    public Classifier Network { get; }

    /// <summary>The optimiser.</summary>
    public Optimiser Optimiser { get; }

    /// <summary>The blocks that a measured step is told by.</summary>
    public IReadOnlyList<NetworkBlock> Blocks { get; }

    /// <summary>The average of the weights, when the recipe keeps one.</summary>
    public WeightAverage? Average { get; }

    /// <summary>The number format of the forward pass.</summary>
    public PrecisionChoice Precision { get; }

    /// <summary>Optimiser steps taken.</summary>
    public long Steps { get; set; }

    /// <summary>The learning rate that the next step will use.</summary>
    public double NextRate => schedule.Rate(Steps);

    /// <summary>Puts the network in training mode for an epoch; while the backbone is frozen, only the classifier layer trains.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public void BeginEpoch(int epoch)
    {
        bool frozen = epoch < recipe.Network.FrozenEpochs;
        Network.train();
        foreach (OptimisedParameter parameter in Optimiser.Parameters)
            parameter.Value.requires_grad = !frozen || Network.IsHead(parameter.Name);
        if (!frozen)
            return;
        // Frozen weights with moving batch statistics would not be frozen.
        foreach ((string name, nn.Module child) in Network.named_children())
        {
            if (name != Network.HeadName)
                child.eval();
        }
    }

    /// <summary>One optimiser step over one or more batches, whose gradients are averaged by image.</summary>
    /// <remarks>Who steps in a loop holds a <see cref="ScalarGuard"/> around it: entering one costs a collection, too much for each step.</remarks>
    /// <param name="batches">The batches; not disposed here.</param>
    /// <param name="measure">Whether to measure the step beside its loss: gradients, weights and updates of each block.</param>
    /// <returns>What was seen. The loss is that of the network's own logits: those of auxiliary classifiers train along, and don't count.</returns>
    /// <exception cref="TrainingDivergedException">The loss or the gradient norm is not finite; no weight has changed.</exception>
    public StepResult Step(IReadOnlyList<Batch> batches, bool measure)
    {
        ArgumentNullException.ThrowIfNull(batches);
        using DisposeScope scope = NewDisposeScope();
        double rate = schedule.Rate(Steps);
        int images = batches.Sum(b => b.Indices.Length);
        StepLogits? logits = measure ? new StepLogits() : null;
        (double mean, int correct) = Gradients(batches, images, rate, logits);
        if (recipe.Training.Sharpness > 0)
        {
            using var uphill = new SharpnessAwareStep(Network, Optimiser.Parameters, recipe.Training.Sharpness);
            Gradients(batches, images, rate, seen: null);
        }
        using StepMeter? meter = measure ? new StepMeter(Blocks, Optimiser) : null;
        double? norm = meter?.GradientNormOfAll ?? (recipe.Training.ClipNorm > 0 ? GradientNorm.Of(Optimiser.Parameters) : null);
        if (norm is double measured && !double.IsFinite(measured))
            throw Diverged($"the gradient norm is {Text(measured)} (loss {Text(mean)})", rate, batches[0]);
        if (norm is double large && recipe.Training.ClipNorm > 0)
            GradientNorm.Clip(Optimiser.Parameters, large, recipe.Training.ClipNorm);
        Optimiser.Step(rate);
        if (Average is ExponentialAverage moving)
            moving.Update();
        lastFiniteLoss = mean;
        Steps++;
        StepSignals? signals = meter is null ? null : new StepSignals(meter.After(), meter.MomentumCosine, logits!.Images());
        return new StepResult(mean, correct, images, rate, norm, signals);
    }

    /// <summary>Ends an epoch: with stochastic weight averaging, its weights are taken in when it is the last of a cycle.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <returns>The average, when it has changed: its statistics have to be measured before it is used.</returns>
    public StochasticAverage? EndEpoch(int epoch)
    {
        if (Average is not StochasticAverage average || !recipe.Training.Swa!.Takes(epoch, recipe.Training.Epochs))
            return null;
        average.Update();
        return average;
    }

    // Leaves the mean gradient of all batches in the parameters.
    private (double Loss, int Correct) Gradients(IReadOnlyList<Batch> batches, int images, double rate, StepLogits? seen)
    {
        int correct = 0;
        double mean = 0;
        Optimiser.ZeroGradients();
        foreach (Batch batch in batches)
        {
            using DisposeScope pass = NewDisposeScope();
            Tensor input = ComputeDevice.Put(recipe.Training.ChannelsLast ? ChannelsLast.Of(batch.Images) : batch.Images, device);
            Tensor labels = ComputeDevice.Put(batch.Labels, device);
            Tensor? shares = batch.SoftTargets is { } soft ? ComputeDevice.Put(soft, device) : null;
            TrainingLogits logits = Forward(input);
            (Tensor own, Tensor total) = logits.Loss(l => loss.Mean(l, labels, shares));
            double value = own.item<float>(), minimised = total.item<float>();
            if (!double.IsFinite(minimised))
                throw Diverged($"the loss is {Text(minimised)}", rate, batch);
            using (Scalar share = (double)batch.Indices.Length / images)
                (batches.Count == 1 ? total : total.mul(share)).backward();
            mean += value * batch.Indices.Length / images;
            using (no_grad())
                correct += (int)logits.Logits.argmax(1).eq(labels).sum().item<long>();
            seen?.Add(batch, logits.Logits);
        }
        return (mean, correct);
    }

    /// <summary>Makes sure that every weight is finite, so that no broken state replaces a good checkpoint.</summary>
    /// <exception cref="TrainingDivergedException">A weight is not.</exception>
    public void RequireFiniteWeights()
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor value) in Network.state_dict())
        {
            if (value.is_floating_point() && !value.isfinite().all().item<bool>())
                throw new TrainingDivergedException($"after step {Steps}, '{name}' holds values that are not finite (last loss {Text(lastFiniteLoss)})", Advice);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimiser.Dispose();
        Average?.Dispose();
        loss.Dispose();
    }

    private const string Advice = "The last good checkpoint is kept. Lower optimiser.learningRate, lengthen schedule.warmupEpochs or set training.clipNorm, and train anew.";

    private TrainingLogits Forward(Tensor input)
    {
        if (Precision == PrecisionChoice.Float32)
            return TrainingLogits.Of(Network, input);
        using (Autocast.BFloat16(device))
            return TrainingLogits.Of(Network, input).Float32();
    }

    private TrainingDivergedException Diverged(string what, double rate, Batch batch)
    {
        using Tensor low = batch.Images.min(), high = batch.Images.max();
        return new TrainingDivergedException($"at step {Steps}, {what}; last finite loss {Text(lastFiniteLoss)}, learning rate {Text(rate)}, "
            + $"input values {Text(low.item<float>())} to {Text(high.item<float>())}, {batch.Indices.Length} images", Advice);
    }

    private static string Text(double value) => value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture);
}
