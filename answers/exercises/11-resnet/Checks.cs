// The checks of exercise 11. They set weights so that each usual mistake shows in the output in its own way.

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

Type type = Checklist.Class<ResidualBlock>(args);
Module<Tensor, Tensor> Block(long channels, long width, long stride) => (Module<Tensor, Tensor>)Activator.CreateInstance(type, channels, width, stride)!;

random.manual_seed(11);
return Checklist.Run(
    ("the shapes", Shapes),
    ("the addition", Addition),
    ("the activation", Activation),
    ("the projection", Projection),
    ("BatchNorm in training", InTraining),
    ("BatchNorm in use", InUse),
    ("the values", Values));

string? Shapes()
{
    foreach ((long channels, long width, long stride) in ((long, long, long)[])[(8, 8, 1), (8, 16, 2), (8, 16, 1), (8, 8, 2)])
    {
        long side = stride == 2 ? 3 : 6;
        try
        {
            using Tensor y = Block(channels, width, stride).call(randn(2, channels, 6, 6));
            if (!y.shape.SequenceEqual([2, width, side, side]))
                return $"{channels} channels to {width} with stride {stride}: [2, {channels}, 6, 6] became [{string.Join(", ", y.shape)}], expected [2, {width}, {side}, {side}].";
        }
        catch (Exception exception) when (exception is not NotImplementedException && (stride != 1 || channels != width))
        {
            return $"no projection where the shape changes ({channels} channels to {width} with stride {stride}): the input cannot be added to what the convolutions gave.";
        }
    }
    return null;
}

// A block of equal shape whose second BatchNorm gives one constant, so that F(x) is known.
(Tensor X, Tensor Y, Tensor Hidden) Constant(float f)
{
    Module<Tensor, Tensor> block = Block(8, 8, 1);
    block.eval();
    using var _ = no_grad();
    Dictionary<string, Tensor> state = block.state_dict();
    state["bn2.weight"].zero_();
    state["bn2.bias"].fill_(f);
    Tensor x = randn(2, 8, 6, 6);
    Tensor hidden = functional.relu(functional.conv2d(x, state["conv1.weight"], padding: [1, 1]) / MathF.Sqrt(1 + 1e-5f));
    return (x, block.call(x), hidden);
}

string? Addition()
{
    (Tensor x, Tensor y, Tensor hidden) = Constant(0);
    return Same(y, functional.relu(x)) || Same(y, x) ? null
        : Same(y, zeros_like(x)) ? "no shortcut: where F(x) is 0 the block gives 0 instead of its input."
        : Same(y, hidden) ? "the shortcut comes from the wrong tensor: from behind the first convolution instead of from the block's input."
        : "where F(x) is 0 the block must give relu(x), and it gives something else: is the shortcut the block's own input?";
}

string? Activation()
{
    (Tensor x, Tensor y, _) = Constant(-1);
    if (Same(y, functional.relu(x - 1)))
        return null;
    if (Same(y, x) || Same(y, functional.relu(x)))
        return "activation before the addition: F(x) = -1 left no trace, so this block can only add, never subtract. Add first, then apply ReLU.";
    return Same(y, x - 1) ? "no activation after the addition." : "with F(x) = -1 the block must give relu(x - 1).";
}

string? Projection()
{
    Module<Tensor, Tensor> block = Block(8, 16, 2);
    long count = block.parameters().Sum(p => p.numel()), expected = 8 * 16 * 9 + 16 * 16 * 9 + 8 * 16 + 3 * 2 * 16;
    if (count != expected)
        return $"the block 8 → 16 has {count} parameters, expected {expected}: two 3×3 convolutions, one 1×1 without bias, three BatchNorms. What is not registered is not trained.";
    count = Block(8, 8, 1).parameters().Sum(p => p.numel());
    return count == 2 * 8 * 8 * 9 + 4 * 8 ? null : "a block of equal shape needs no projection: its shortcut is the identity.";
}

string? InTraining()
{
    Module<Tensor, Tensor> block = Block(8, 8, 1);
    block.train();
    block.call(randn(4, 8, 6, 6) + 3);
    foreach (string norm in (string[])["bn1", "bn2"])
    {
        if (block.state_dict()[norm + ".running_mean"].abs().max().item<float>() == 0)
            return $"BatchNorm in the wrong mode: after a step in training {norm} has not seen the batch; its running mean is still 0.";
    }
    return null;
}

string? InUse()
{
    Module<Tensor, Tensor> block = Block(8, 8, 1);
    block.eval();
    using var _ = no_grad();
    Tensor x = randn(4, 8, 6, 6);
    return Same(block.call(x)[0..1], block.call(x[0..1])) ? null
        : "BatchNorm in the wrong mode: in evaluation an image's output depends on the other images of its batch. Call the modules, and leave the mode to train() and eval().";
}

string? Values()
{
    foreach ((long channels, long width, long stride) in ((long, long, long)[])[(8, 8, 1), (8, 16, 2)])
    {
        Module<Tensor, Tensor> block = Block(channels, width, stride);
        block.eval();
        using var _ = no_grad();
        Dictionary<string, Tensor> s = block.state_dict();
        foreach ((string key, Tensor t) in s.Where(t => t.Value.dim() == 1))
            t.copy_(key.EndsWith("var") ? 0.5 + rand(t.shape) : randn(t.shape));
        Tensor x = randn(2, channels, 6, 6);
        Tensor Norm(Tensor t, string n) => functional.batch_norm(t, s[n + ".running_mean"], s[n + ".running_var"], s[n + ".weight"], s[n + ".bias"], training: false);
        Tensor first = Norm(functional.conv2d(x, s["conv1.weight"], strides: [stride, stride], padding: [1, 1]), "bn1");
        Tensor Output(Tensor hidden) => functional.relu(Norm(functional.conv2d(hidden, s["conv2.weight"], padding: [1, 1]), "bn2")
            + (channels == width ? x : Norm(functional.conv2d(x, s["downsample.0.weight"], strides: [stride, stride]), "downsample.1")));
        Tensor y = block.call(x);
        if (Same(y, Output(first)))
            return "no activation between the two convolutions: without it they are one linear map.";
        if (!Same(y, Output(functional.relu(first))))
            return $"{channels} channels to {width} with stride {stride}: the output is not relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).";
    }
    return null;
}

bool Same(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && (a - b).abs().max().item<float>() < 1e-4f;
