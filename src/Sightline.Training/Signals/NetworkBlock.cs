using Sightline.Training.Optimisation;

namespace Sightline.Training.Signals;

/// <summary>A stretch of layers that is watched together: a residual block, a stage, a layer with its normalisation.</summary>
/// <param name="Name">The path of its layers, e.g. <c>layer1.0</c>; of several joined ones the first and the last, <c>layer1.0-layer1.2</c>.</param>
/// <param name="Parameters">Its parameters, in the network's order.</param>
public sealed record NetworkBlock(string Name, IReadOnlyList<OptimisedParameter> Parameters)
{
    /// <summary>The most blocks a network is seen as; those between the first and the last are joined evenly when there are more.</summary>
    public const int Most = 12;

    /// <summary>Sees a network as a row of blocks.</summary>
    /// <param name="parameters">Its trainable parameters in the network's order; auxiliary classifiers count as blocks of their own.</param>
    /// <returns>At most <see cref="Most"/> blocks, which together hold every parameter once.</returns>
    public static IReadOnlyList<NetworkBlock> Of(IReadOnlyList<OptimisedParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var blocks = new List<NetworkBlock>();
        foreach (IGrouping<string, OptimisedParameter> layer in parameters.GroupBy(p => PathOf(p.Name)))
        {
            // A normalisation by itself (bn1) belongs to what it normalises.
            if (blocks.Count > 0 && layer.All(p => p.Value.dim() < 2))
                blocks[^1] = blocks[^1] with { Parameters = [.. blocks[^1].Parameters, .. layer] };
            else
                blocks.Add(new NetworkBlock(layer.Key, [.. layer]));
        }
        return blocks.Count <= Most ? blocks : Joined(blocks);
    }

    // conv1.weight → conv1; layer1.0.conv2.weight → layer1.0, since a number names one of a row of blocks.
    private static string PathOf(string parameter)
    {
        string[] parts = parameter.Split('.');
        int take = parts.Length > 2 && parts[1].All(char.IsAsciiDigit) ? 2 : 1;
        return string.Join('.', parts.Take(take));
    }

    private static List<NetworkBlock> Joined(List<NetworkBlock> blocks)
    {
        var joined = new List<NetworkBlock> { blocks[0] };
        int between = blocks.Count - 2, groups = Most - 2;
        for (int g = 0; g < groups; g++)
        {
            NetworkBlock[] part = [.. blocks.Skip(1 + g * between / groups).Take((g + 1) * between / groups - g * between / groups)];
            joined.Add(part.Length == 1 ? part[0] : new NetworkBlock($"{part[0].Name}-{part[^1].Name}", [.. part.SelectMany(b => b.Parameters)]));
        }
        joined.Add(blocks[^1]);
        return joined;
    }
}
