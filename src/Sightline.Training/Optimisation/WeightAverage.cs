using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>An average over the weights that a training passes through, beside the network in training.</summary>
public abstract class WeightAverage : IDisposable
{
    private readonly Dictionary<string, Tensor> average = [];
    private readonly Dictionary<string, Tensor> source;
    private readonly HashSet<string> parameters;

    /// <summary>Starts the average at the network's weights.</summary>
    /// <param name="network">The network; it is read at each <see cref="Update"/>.</param>
    private protected WeightAverage(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        source = network.state_dict();
        parameters = [.. network.named_parameters().Select(p => p.name)];
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor value) in source)
            average[name] = value.detach().clone().DetachFromDisposeScope();
    }

    /// <summary>What it is called for short: <c>EMA</c> or <c>SWA</c>. In lower case it is the prefix of its tensors in a checkpoint.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether it is what the training would be judged by: from the start, or once weights were taken in.</summary>
    public abstract bool InUse { get; }

    /// <summary>How many updates it has seen.</summary>
    public long Updates { get; private set; }

    /// <summary>The averaged weights and buffers under the network's names; integers (counters) are the network's latest.</summary>
    public IReadOnlyDictionary<string, Tensor> Average => average;

    /// <summary>Takes the network's present weights in.</summary>
    public void Update()
    {
        Updates++;
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar kept = Kept(), taken = 1 - Kept();
        foreach ((string name, Tensor value) in source)
        {
            if (value.is_floating_point() && (AveragesBuffers || parameters.Contains(name)))
            {
                average[name].mul_(kept);
                average[name].add_(value, alpha: taken);
            }
            else
            {
                average[name].copy_(value);
            }
        }
    }

    /// <summary>Puts the average into another network of the kind.</summary>
    /// <param name="network">The network.</param>
    public void CopyTo(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor target) in network.state_dict())
            target.copy_(average[name]);
    }

    /// <summary>Puts a saved average in force.</summary>
    /// <param name="saved">The tensors.</param>
    /// <param name="updates">Its counter.</param>
    /// <exception cref="BadInputException">A tensor is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> saved, long updates)
    {
        ArgumentNullException.ThrowIfNull(saved);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor own) in average)
        {
            if (!saved.TryGetValue(name, out Tensor? value) || !own.shape.AsSpan().SequenceEqual(value.shape))
                throw new BadInputException("checkpoint-average", $"The checkpoint's averaged weights do not fit this network at '{name}'.");
            own.copy_(value);
        }
        Updates = updates;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in average.Values)
            tensor.Dispose();
        average.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether floating-point buffers are averaged as weights are; else they are the network's latest.</summary>
    private protected abstract bool AveragesBuffers { get; }

    /// <summary>The share of the average that the present update, the <see cref="Updates"/>th, keeps.</summary>
    private protected abstract double Kept();

    /// <summary>Puts buffers in the place of the average's own.</summary>
    private protected void Replace(nn.Module network)
    {
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor buffer) in network.named_buffers())
        {
            // Counters stay the network's in training.
            if (buffer.is_floating_point() && average.TryGetValue(name, out Tensor? own))
                own.copy_(buffer);
        }
    }
}
