using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>
/// The exponential moving average of a network's weights and of its floating-point buffers (Polyak averaging). It warms up: update n
/// keeps min(decay, (1 + n) / (10 + n)) of the average.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private readonly double decay;
    private readonly Dictionary<string, Tensor> average = [];
    private readonly Dictionary<string, Tensor> source;

    /// <summary>Starts the average at the network's weights.</summary>
    /// <param name="network">The network; it is read at each <see cref="Update"/>.</param>
    /// <param name="decay">In (0, 1).</param>
    public WeightAverage(nn.Module network, double decay)
    {
        ArgumentNullException.ThrowIfNull(network);
        this.decay = decay;
        source = network.state_dict();
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor value) in source)
            average[name] = value.detach().clone().DetachFromDisposeScope();
    }

    /// <summary>How many updates it has seen.</summary>
    public long Updates { get; private set; }

    /// <summary>The averaged weights and buffers under the network's names; integers (counters) are the network's latest.</summary>
    public IReadOnlyDictionary<string, Tensor> Average => average;

    /// <summary>Takes the network's present weights in.</summary>
    public void Update()
    {
        Updates++;
        double kept = Math.Min(decay, (1.0 + Updates) / (10.0 + Updates));
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar keep = kept, taken = 1 - kept;
        foreach ((string name, Tensor value) in source)
        {
            if (value.is_floating_point())
            {
                average[name].mul_(keep);
                average[name].add_(value, alpha: taken);
            }
            else
            {
                average[name].copy_(value);
            }
        }
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
    }
}
