using System.Diagnostics;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Profiling;

/// <summary>Notes shapes and times of a network's layers: the modules that hold no others.</summary>
internal sealed class LayerWatch : IDisposable
{
    private readonly List<Action> removals = [];
    private readonly Dictionary<nn.Module, string> names = new(ReferenceEqualityComparer.Instance);
    private readonly List<List<LayerProfile>> passes = [];
    private readonly List<List<double>> gaps = [];
    private long start, end;
    private bool on;

    /// <summary>Puts hooks on every layer; they do nothing until <see cref="On"/>.</summary>
    public LayerWatch(nn.Module network)
    {
        foreach ((string name, nn.Module part) in network.named_modules())
        {
            if (part is not nn.Module<Tensor, Tensor> layer || part.named_children().Any())
                continue;
            names[part] = name;
            removals.Add(layer.register_forward_pre_hook((_, x) =>
            {
                Begin();
                return x;
            }).remove);
            removals.Add(layer.register_forward_hook((_, x, y) =>
            {
                Note(part, x, y);
                return y;
            }).remove);
        }
    }

    /// <summary>Watches one pass.</summary>
    /// <returns>Dispose it when the pass has ended.</returns>
    public IDisposable On()
    {
        passes.Add([]);
        gaps.Add([]);
        on = true;
        IDisposable pointwise = PointwiseConvolution.Watching((_, _) => Begin(), Note);
        end = Stopwatch.GetTimestamp();
        return new Ending(() =>
        {
            gaps[^1].Add(Stopwatch.GetElapsedTime(end).TotalMilliseconds);
            pointwise.Dispose();
            on = false;
        });
    }

    /// <summary>The layers in the order in which they ran, each with the median of its times.</summary>
    public IReadOnlyList<LayerProfile> Layers() =>
        [.. passes[0].Select((layer, i) => layer with { Milliseconds = Profiler.Median(passes.Select(p => p[i].Milliseconds)) })];

    /// <summary>The time between the layers: the sum of the medians of the gaps. A difference of whole and parts would hold every
    /// interruption by other work, which long passes meet and short layers mostly don't.</summary>
    public double Between() => Enumerable.Range(0, gaps[0].Count).Sum(i => Profiler.Median(gaps.Select(g => g[i])));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Action remove in removals)
            remove();
    }

    private void Begin()
    {
        start = Stopwatch.GetTimestamp();
        if (on)
            gaps[^1].Add(Stopwatch.GetElapsedTime(end, start).TotalMilliseconds);
    }

    private void Note(nn.Module part, Tensor x, Tensor y)
    {
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (!on)
            return;
        // Parameters alone: BatchNorm's running statistics are as small.
        long parameters = part.parameters().Sum(p => p.numel());
        long bytes = y.element_size() * (x.numel() + y.numel() + parameters);
        passes[^1].Add(new LayerProfile(names[part], KindOf(part), x.shape, y.shape, parameters, MacCounter.Macs(part, x, y), bytes, milliseconds));
        end = Stopwatch.GetTimestamp();
    }

    private static LayerKind KindOf(nn.Module part) => part switch
    {
        Conv2d { groups: 1, weight.shape: [_, _, 1, 1] } => LayerKind.Pointwise,
        Conv2d { groups: 1 } => LayerKind.Convolution,
        Conv2d { weight.shape: [_, 1, _, _] } => LayerKind.Depthwise,
        Conv2d => LayerKind.Grouped,
        Linear => LayerKind.Linear,
        BatchNorm1d or BatchNorm2d or LayerNorm or LayerNorm2d or GroupNorm => LayerKind.Normalisation,
        _ => LayerKind.Other,
    };

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
