using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Signals;

/// <summary>
/// Gathers deviation and dead units of the layers that have weights, as they run. A layer that a normalisation follows is judged by what
/// the normalisation gives: its own sign means nothing.
/// </summary>
internal sealed class LayerReading : IDisposable
{
    private readonly Dictionary<string, string> blocks = [];
    private readonly List<string> gates;
    private readonly string head;
    private readonly List<(string Block, double Deviation, long Dead, long Units)> seen = [];
    private readonly IDisposable watch;
    private bool weightsBefore;

    public LayerReading(Classifier network, IReadOnlyList<NetworkBlock> named)
    {
        foreach (NetworkBlock block in named)
        {
            foreach (string layer in block.Parameters.Select(p => p.Name[..p.Name.LastIndexOf('.')]))
                blocks[layer] = block.Name;
        }
        head = network.HeadName;
        // A gate's layers have one value for each image, and a channel that is closed for all of them is no fault.
        gates = [.. network.named_modules().Where(m => m.module is SqueezeExcite).Select(m => m.name + ".")];
        watch = LayerOutputs.Watch(network, Note);
    }

    public BlockActivations Of(string block)
    {
        (string Block, double Deviation, long Dead, long Units)[] own = [.. seen.Where(s => s.Block == block)];
        long units = own.Sum(s => s.Units);
        return new BlockActivations(block, own.Length > 0 ? own[^1].Deviation : double.NaN, units > 0 ? (double)own.Sum(s => s.Dead) / units : double.NaN);
    }

    public void Dispose() => watch.Dispose();

    private void Note(string name, nn.Module layer, Tensor output)
    {
        if (!blocks.TryGetValue(name, out string? block) || gates.Any(g => name.StartsWith(g, StringComparison.Ordinal)))
            return;
        bool normalises = layer is NormBase or LayerNorm or GroupNorm;
        if (normalises && weightsBefore)
            seen.RemoveAt(seen.Count - 1);
        weightsBefore = !normalises;
        using DisposeScope scope = NewDisposeScope();
        Tensor values = ComputeDevice.Put(output.detach(), DeviceType.CPU).to_type(ScalarType.Float32);
        double deviation = values.std(unbiased: false).item<float>();
        if (name == head || values.dim() is not (2 or 3 or 4))
        {
            seen.Add((block, deviation, 0, 0));
            return;
        }
        // Channels stand second in maps [N, C, H, W], last in rows [N, C] and [N, T, C].
        Tensor highest = values.amax(values.dim() switch { 4 => [0, 2, 3], 3 => [0, 1], _ => [0L] });
        using Scalar zero = 0f;
        seen.Add((block, deviation, highest.lt(zero).sum().item<long>(), highest.numel()));
    }
}
