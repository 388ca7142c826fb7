// The checks of exercise 12. They look at sizes first, then set weights so that each branch can be told from the others.

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

Type type = Checklist.Class<InceptionBlock>(args);
Module<Tensor, Tensor> Block(long channels, params long[] widths) =>
    (Module<Tensor, Tensor>)Activator.CreateInstance(type, [channels, .. widths.Cast<object>()])!;

random.manual_seed(12);
return Checklist.Run(
    ("the layers", Layers),
    ("the sizes of the branches", Sizes),
    ("the joining", Joining),
    ("the values", Values));

// 7 channels to 2 + 6 + 5 + 3, by way of 4 and 3.
string? Layers()
{
    Module<Tensor, Tensor> block = Block(7, 2, 4, 6, 3, 5, 3);
    Dictionary<string, Tensor> state = block.state_dict();
    if (state.Count == 0)
        return "nothing is registered: the block has no parameters, so nothing of it would be trained.";
    if (state.Count == 2)
        return null; // the stub: the next check says that it is not written
    foreach ((string reduce, string large, long window) in ((string, string, long)[])[("threeReduce", "three", 3), ("fiveReduce", "five", 5)])
    {
        if (!state.TryGetValue(reduce + ".weight", out Tensor? first) || !state.TryGetValue(large + ".weight", out Tensor? second))
            return $"there is no '{reduce}' or no '{large}' with weights.";
        if (first.shape[2] == window && second.shape[2] == 1)
            return $"the reduction stands behind the large convolution: '{reduce}' looks at {window}×{window} pixels of all {first.shape[1]} channels. In front of it, it saves nearly everything.";
        if (first.shape[2] != 1 || second.shape[2] != window)
            return $"'{reduce}' has to be 1×1 and '{large}' {window}×{window}; they are {first.shape[2]}×{first.shape[3]} and {second.shape[2]}×{second.shape[3]}.";
    }
    return null;
}

string? Sizes()
{
    Module<Tensor, Tensor> block = Block(7, 2, 4, 6, 3, 5, 3);
    using var _ = no_grad();
    try
    {
        block.call(randn(2, 7, 6, 6));
    }
    catch (Exception exception) when (exception is not NotImplementedException)
    {
        foreach ((string name, Module<Tensor, Tensor> part) in block.named_children().Where(c => c.module is Module<Tensor, Tensor>).Select(c => (c.name, (Module<Tensor, Tensor>)c.module)))
        {
            long channels = part.parameters().FirstOrDefault() is { } weight ? weight.shape[1] : 7;
            long side = part.call(zeros(1, channels, 6, 6)).shape[2];
            if (side == 6)
                continue;
            return name == "pool" && side < 4
                ? $"the pool has a stride: its branch is {side}×{side} where the others are 6×6. (MaxPool2d's stride is its window unless told otherwise.)"
                : $"no padding in '{name}': its branch is {side}×{side} where the others are 6×6, and maps of different sizes cannot be joined.";
        }
        return null; // the next check looks at how they are joined
    }
    return null;
}

string? Joining()
{
    Module<Tensor, Tensor> block = Block(5, 3, 3, 3, 3, 3, 3); // four branches of equal width can be joined along any dimension
    using var _ = no_grad();
    Tensor y = block.call(randn(2, 5, 6, 6));
    if (y.shape.SequenceEqual([2, 12, 6, 6]))
        return null;
    string shape = $"[{string.Join(", ", y.shape)}]";
    return y.shape.SequenceEqual([2, 9 + 5, 6, 6]) ? "no projection behind the pool: all channels of the input come through, so every block would have more than the one before."
        : y.shape.SequenceEqual([2, 3, 6, 6]) ? "the branches are added, not joined: the next layer could not tell them apart."
        : y.numel() == 2 * 12 * 36 ? $"joined along the wrong dimension: four branches [2, 3, 6, 6] became {shape}. Channels are dimension 1."
        : $"four branches [2, 3, 6, 6] became {shape}, expected [2, 12, 6, 6].";
}

string? Values()
{
    Module<Tensor, Tensor> block = Block(7, 2, 4, 6, 3, 5, 3);
    using var _ = no_grad();
    Dictionary<string, Tensor> s = block.state_dict();
    foreach (Tensor t in s.Values)
        t.copy_(randn(t.shape));
    Tensor x = randn(2, 7, 6, 6);
    Tensor Convolved(string name, Tensor from, long padding = 0) => functional.conv2d(from, s[name + ".weight"], s[name + ".bias"], padding: [padding, padding]);
    Tensor Relu(Tensor t) => functional.relu(t);
    Tensor Pool(Tensor t) => functional.max_pool2d(t, 3, stride: 1, padding: 1);
    Tensor y = block.call(x);
    Tensor[] right = [Convolved("one", x), Convolved("three", Relu(Convolved("threeReduce", x)), 1), Convolved("five", Relu(Convolved("fiveReduce", x)), 2), Convolved("project", Pool(x))];
    if (Same(y, Relu(cat(right, 1))))
        return null;
    foreach (int[] order in (int[][])[[0, 2, 1, 3], [1, 0, 2, 3], [3, 0, 1, 2], [3, 2, 1, 0], [0, 1, 3, 2], [1, 2, 3, 0]])
    {
        if (Same(y, Relu(cat([.. order.Select(i => right[i])], 1))))
            return "the branches stand in another order than asked for: 1×1, 3×3, 5×5, pool.";
    }
    (string Name, long First, long Width)[] branches = [("1×1", 0, 2), ("3×3", 2, 6), ("5×5", 8, 5), ("pool", 13, 3)];
    for (int i = 0; i < 4; i++)
    {
        Tensor given = y.narrow(1, branches[i].First, branches[i].Width);
        if (Same(given, Relu(right[i])))
            continue;
        if (Same(given, right[i]))
            return $"no activation behind the {branches[i].Name} branch.";
        if (i is 1 or 2 && Same(given, Relu(i == 1 ? Convolved("three", Convolved("threeReduce", x), 1) : Convolved("five", Convolved("fiveReduce", x), 2))))
            return $"no activation behind the reduction in the {branches[i].Name} branch: without it the two convolutions are one linear map.";
        if (i == 3 && Same(given, Relu(Pool(Convolved("project", x)))))
            return "the pool stands behind its projection, and belongs in front of it.";
        if (i == 3 && Same(given, Relu(Convolved("project", functional.avg_pool2d(x, 3, stride: 1, padding: 1)))))
            return "the pool takes the mean, and GoogLeNet takes the maximum.";
        return i == 3 && Same(given, Relu(Convolved("project", x)))
            ? "no pool in front of the projection: the fourth branch is a second 1×1."
            : $"the {branches[i].Name} branch gives something else than asked for: does it start from x?";
    }
    return "the values differ.";
}

bool Same(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && (a - b).abs().max().item<float>() < 1e-3f;
