// The checks of exercise 15. Each usual mistake shows in shares, values or patterns of zeros in its own way.

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

Type type = Checklist.Class<Dropout>(args);
Module<Tensor, Tensor> Layer(double drop) => (Module<Tensor, Tensor>)Activator.CreateInstance(type, drop)!;

random.manual_seed(15);
return Checklist.Run(
    ("in use", InUse),
    ("the share of zeros", Share),
    ("the scale in training", Scale),
    ("the mask", Mask),
    ("the gradient", Gradient));

string? InUse()
{
    foreach (double drop in (double[])[0.5, 0.75])
    {
        Module<Tensor, Tensor> layer = Layer(drop);
        layer.eval();
        Tensor y = layer.call(ones(1000, 10));
        if (y.eq(0).any().item<bool>())
            return "it drops in use too: after eval() the answer must not depend on chance. Look at `training`.";
        float first = y[0, 0].item<float>();
        if (Near(first, 1 - drop))
            return Near(Kept(drop), 1)
                ? $"classic scaling: in use values are multiplied by {1 - drop}. That is right on its own, but the exercise asks for inverted dropout, which scales in training."
                : $"scaled twice: in training and again in use, where {1 - drop} of each value is left. One of the two is enough.";
        if (!Near(first, 1))
            return $"in use a value of 1 became {first:0.###}; nothing should happen to it.";
    }
    return null;
}

string? Share()
{
    foreach (double drop in (double[])[0.25, 0.75])
    {
        Module<Tensor, Tensor> layer = Layer(drop);
        layer.train();
        float zeros = layer.call(ones(1000, 100)).eq(0).to(float32).mean().item<float>();
        if (Math.Abs(zeros - drop) < 0.02)
            continue;
        return Math.Abs(zeros - (1 - drop)) < 0.02
            ? $"keep and drop are swapped: of drop = {drop}, {zeros:0%} of the values became 0. `drop` is the probability of dropping."
            : $"of drop = {drop}, {zeros:0%} of the values became 0 in training.";
    }
    return null;
}

string? Scale()
{
    foreach (double drop in (double[])[0.25, 0.75])
    {
        float kept = Kept(drop);
        if (Near(kept, 1 / (1 - drop)))
            continue;
        if (Near(kept, 1))
            return $"no scaling in training: with drop = {drop} what comes next gets {1 - drop} of the expectation, and all of it in use.";
        return Near(kept, 1 / drop) || Near(kept, drop)
            ? $"scaled by the wrong probability: with drop = {drop} a kept 1 became {kept:0.###}, expected {1 / (1 - drop):0.###} = 1 / (1 - drop)."
            : $"with drop = {drop} a kept 1 became {kept:0.###}, expected {1 / (1 - drop):0.###}.";
    }
    return null;
}

string? Mask()
{
    Module<Tensor, Tensor> layer = Layer(0.5);
    layer.train();
    Tensor x = ones(64, 200), one = layer.call(x).eq(0), two = layer.call(x).eq(0);
    if (one.eq(two).all().item<bool>())
        return "the same mask in every step: a network trained so is a smaller network, not many. Draw a new one in every forward pass.";
    if (one.eq(one[0..1]).all().item<bool>())
        return "one mask for the whole batch: every image must draw its own.";
    if (one.eq(one.slice(1, 0, 1, 1)).all().item<bool>())
        return "whole images are dropped: every value must draw for itself.";
    return null;
}

string? Gradient()
{
    Module<Tensor, Tensor> layer = Layer(0.5);
    layer.train();
    Tensor x = ones(100, 10, requires_grad: true);
    Tensor y = layer.call(x);
    if (!y.requires_grad)
        return "no gradient comes through: the values were copied out of the graph.";
    y.sum().backward();
    return (x.grad! - y.detach()).abs().max().item<float>() < 1e-5f ? null : "the gradient must pass where the value passed, with the same scale, and be 0 elsewhere.";
}

// What a 1 becomes in training when it is kept.
float Kept(double drop)
{
    Module<Tensor, Tensor> layer = Layer(drop);
    layer.train();
    return layer.call(ones(1000, 10)).max().item<float>();
}

bool Near(double a, double b) => Math.Abs(a - b) < 1e-4;
