using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Layer = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Sightline.Tests;

/// <summary>A module whose forward pass is a lambda; it owns the layers it is given.</summary>
internal sealed class Pass : nn.Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> pass;

    public Pass(Func<Tensor, Tensor> pass, params (string Name, nn.Module Layer)[] layers)
        : base("pass")
    {
        this.pass = pass;
        foreach ((string name, nn.Module layer) in layers) register_module(name, layer);
        eval();
    }

    public override Tensor forward(Tensor input) => pass(input);
}

/// <summary>He et al. 2015, figure 5 left: written as a user would, with additions and activations in place.</summary>
internal sealed class BasicBlock : nn.Module<Tensor, Tensor>
{
    private readonly Layer conv1, bn1, conv2, bn2;
    private readonly Layer? downsample;

    public BasicBlock(long input, long width, long stride)
        : base(nameof(BasicBlock))
    {
        conv1 = nn.Conv2d(input, width, 3, stride: stride, padding: 1, bias: false);
        bn1 = nn.BatchNorm2d(width);
        conv2 = nn.Conv2d(width, width, 3, padding: 1, bias: false);
        bn2 = nn.BatchNorm2d(width);
        if (stride != 1 || input != width)
            downsample = nn.Sequential(nn.Conv2d(input, width, 1, stride: stride, bias: false), nn.BatchNorm2d(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor y = F.relu(bn1.call(conv1.call(x)), inplace: true);
        y = bn2.call(conv2.call(y));
        y.add_(downsample is null ? x : downsample.call(x));
        return y.relu_();
    }
}

/// <summary>ResNet-18 by hand, narrower for tests.</summary>
internal sealed class HandResNet : nn.Module<Tensor, Tensor>
{
    private readonly Layer conv1, bn1, pool, layers, fc;

    public HandResNet(long width = 64, long classes = 1000)
        : base(nameof(HandResNet))
    {
        conv1 = nn.Conv2d(3, width, 7, stride: 2, padding: 3, bias: false);
        bn1 = nn.BatchNorm2d(width);
        pool = nn.MaxPool2d(3, 2, 1);
        layers = nn.Sequential(
            new BasicBlock(width, width, 1), new BasicBlock(width, width, 1),
            new BasicBlock(width, width * 2, 2), new BasicBlock(width * 2, width * 2, 1),
            new BasicBlock(width * 2, width * 4, 2), new BasicBlock(width * 4, width * 4, 1),
            new BasicBlock(width * 4, width * 8, 2), new BasicBlock(width * 8, width * 8, 1));
        fc = nn.Linear(width * 8, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = pool.call(F.relu(bn1.call(conv1.call(x))));
        x = F.adaptive_avg_pool2d(layers.call(x), 1).flatten(1);
        return fc.call(x);
    }
}
