// The checks of exercise 13. They look at weights first, then set them so that each usual mistake shows in its own way.

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

Type type = Checklist.Class<InvertedResidual>(args);
Module<Tensor, Tensor> Block(long channels, long width, long stride, long expansion) =>
    (Module<Tensor, Tensor>)(Activator.CreateInstance(type, System.Reflection.BindingFlags.DoNotWrapExceptions | System.Reflection.BindingFlags.CreateInstance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance,
        null, [channels, width, stride, expansion], null))!;

random.manual_seed(13);
return Checklist.Run(
    ("the layers", Layers),
    ("the shapes", Shapes),
    ("the end", End),
    ("the shortcut", Shortcut),
    ("the values", Values));

string? Layers()
{
    Dictionary<string, Tensor> s = Block(8, 12, 1, 6).state_dict();
    foreach (string name in (string[])["expand", "depthwise", "project"])
    {
        if (!s.ContainsKey(name + ".weight"))
            return $"there is no layer '{name}', or it is not registered: what is not registered is not trained.";
        if (s.ContainsKey(name + ".bias"))
            return $"'{name}' has a bias, which the BatchNorm behind it takes away again.";
    }
    long[] expand = s["expand.weight"].shape, depthwise = s["depthwise.weight"].shape, project = s["project.weight"].shape;
    if (expand is [72, 8, _, _])
        return "the expansion is applied to the output's channels: the middle has 6 · 12 channels, and should have 6 · 8, six times the input's.";
    if (expand is not [48, 8, 1, 1])
        return $"expand's weights are {Text(expand)}, expected [48, 8, 1, 1]: 1×1, from 8 channels to six times as many.";
    if (depthwise is [48, 48, 3, 3])
        return "groups left at 1: depthwise is a full convolution of 48 × 48 × 9 weights. One filter a channel needs as many groups as channels.";
    if (depthwise is [_, 1, 1, 1])
        return "the depthwise kernel is 1×1: it would see one pixel only.";
    if (depthwise is [8, 1, 3, 3])
        return "the depthwise convolution stands before the layer that widens: it filters the input's 8 channels, and should filter the 48 of the middle.";
    if (depthwise is not [48, 1, 3, 3])
        return $"depthwise's weights are {Text(depthwise)}, expected [48, 1, 3, 3]: one 3×3 filter for each of the 48 channels.";
    return project is [12, 48, 1, 1] ? null : $"project's weights are {Text(project)}, expected [12, 48, 1, 1].";
}

string? Shapes()
{
    foreach ((long channels, long width, long stride) in ((long, long, long)[])[(8, 8, 1), (8, 12, 1), (8, 8, 2), (8, 12, 2)])
    {
        long side = stride == 2 ? 3 : 6;
        Tensor y;
        try
        {
            y = Block(channels, width, stride, 6).call(randn(2, channels, 6, 6));
        }
        catch (Exception exception) when (exception is not NotImplementedException && (stride != 1 || channels != width))
        {
            return $"a shortcut where stride is {stride} and {channels} channels become {width}: x cannot be added there. It belongs where stride is 1 and the channels are equal.";
        }
        if (!y.shape.SequenceEqual([2, width, side, side]))
            return $"{channels} channels to {width} with stride {stride}: [2, {channels}, 6, 6] became {Text(y.shape)}, expected [2, {width}, {side}, {side}].";
    }
    return null;
}

string? End()
{
    // Without the shortcut: the last BatchNorm shifted far below zero.
    Module<Tensor, Tensor> block = InUse(Block(8, 12, 1, 6));
    using var _ = no_grad();
    block.state_dict()["bn3.bias"].fill_(-3);
    return block.call(randn(2, 8, 6, 6)).min().item<float>() < -1 ? null
        : "an activation after the bottleneck: the last layer has to be linear, since in few channels what ReLU sets to zero is lost.";
}

string? Shortcut()
{
    Module<Tensor, Tensor> block = InUse(Block(8, 8, 1, 6));
    using var _ = no_grad();
    foreach (string name in (string[])["bn3.weight", "bn3.bias"])
        block.state_dict()[name].zero_();
    Tensor x = randn(2, 8, 6, 6), y = block.call(x);
    return Same(y, x) ? null
        : Same(y, zeros_like(x)) ? "no shortcut: where the block's layers give 0 it has to give its input, and it gives 0."
        : Same(y, functional.relu6(x)) ? "an activation after the addition: the shortcut has to pass negative values too."
        : "where the block's layers give 0 it has to give its input; is the shortcut the block's own input?";
}

string? Values()
{
    foreach ((long channels, long width, long stride) in ((long, long, long)[])[(8, 8, 1), (8, 12, 2)])
    {
        Module<Tensor, Tensor> block = InUse(Block(channels, width, stride, 4));
        using var _ = no_grad();
        Dictionary<string, Tensor> s = block.state_dict();
        foreach ((string key, Tensor t) in s.Where(t => t.Value.dim() == 1))
            t.copy_(key.EndsWith("var") ? 0.5 + rand(t.shape) : randn(t.shape));
        Tensor Norm(Tensor t, string n) => functional.batch_norm(t, s[n + ".running_mean"], s[n + ".running_var"], s[n + ".weight"], s[n + ".bias"], training: false);
        Tensor Deep(Tensor t) => functional.conv2d(t, s["depthwise.weight"], strides: [stride, stride], padding: [1, 1], groups: 4 * channels);
        Tensor x = 10 * randn(2, channels, 6, 6), up = Norm(functional.conv2d(x, s["expand.weight"]), "bn1");
        Tensor End(Tensor wide) => Norm(functional.conv2d(wide, s["project.weight"]), "bn3") + (stride == 1 && channels == width ? x : zeros(1));
        Tensor right = End(functional.relu6(Norm(Deep(functional.relu6(up)), "bn2"))), y = block.call(x);
        if (Same(y, right))
            continue;
        return Same(y, End(functional.relu6(Norm(Deep(up), "bn2")))) ? "no activation behind the layer that widens."
            : Same(y, End(Norm(Deep(functional.relu6(up)), "bn2"))) ? "no activation behind the depthwise convolution."
            : Same(y, End(functional.relu(Norm(Deep(functional.relu(up)), "bn2")))) ? "ReLU instead of ReLU6: values above 6 pass."
            : $"{channels} channels to {width} with stride {stride}: the output is not bn3(project(relu6(bn2(depthwise(relu6(bn1(expand(x))))))))" + (stride == 1 ? " + x." : ". Is the stride at the depthwise convolution?");
    }
    return null;
}

Module<Tensor, Tensor> InUse(Module<Tensor, Tensor> block)
{
    block.eval();
    return block;
}

string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

bool Same(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && (a - b).abs().max().item<float>() < 1e-3f;
