using Sightline.Injuries;
using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs.Injured;

/// <summary>A small network for images of 16 × 16 pixels.</summary>
internal sealed class SmallNetwork : Classifier
{
    private readonly SmallNetworkDesign design;
    private readonly Sequential body;

    public SmallNetwork(SmallNetworkDesign design, int classes, ulong seed)
        : base(design.Kind.ToString().ToLowerInvariant())
    {
        this.design = design;
        var layers = new List<Module<Tensor, Tensor>>();
        long features = Build(layers);
        body = Sequential(layers);
        RegisterComponents();
        AddHead("fc", Linear(features, classes), design.Dropout);
        WeightInitialisation.Apply(this, seed);
        Injure();
    }

    public override Tensor Features(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = body.call(images);
        return (y.dim() switch { 4 => y.mean([2, 3]), 3 => y.mean([1]), _ => y.alias() }).MoveToOuterDisposeScope();
    }

    private Module<Tensor, Tensor> Activation => design.Sigmoid ? Sigmoid() : ReLU();

    private long Build(List<Module<Tensor, Tensor>> layers)
    {
        int w = design.Width;
        switch (design.Kind)
        {
            case SmallKind.Mlp or SmallKind.MlpNorm:
                long inputs = 3 * 16 * 16, hidden = 6L * w;
                layers.Add(Flatten());
                for (int i = 0; i < design.Depth; i++)
                {
                    layers.Add(Linear(inputs, hidden, hasBias: true));
                    if (design.Norm == SmallNorm.Batch)
                        layers.Add(BatchNorm1d(hidden, momentum: design.Momentum));
                    layers.Add(Activation);
                    if (design.Dropout > 0)
                        layers.Add(Dropout(design.Dropout));
                    inputs = hidden;
                }
                return hidden;
            case SmallKind.Conv or SmallKind.ConvNorm:
                long channels = 3;
                for (int i = 0; i < design.Depth; i++)
                {
                    long next = i == 0 ? w : 2L * w;
                    Convolution(layers, channels, next, stride: i is 1 or 2 ? 2 : 1);
                    channels = next;
                }
                return channels;
            case SmallKind.Vgg:
                Convolution(layers, 3, w, 1);
                Convolution(layers, w, w, 1);
                layers.Add(MaxPool2d(2));
                for (int i = 0; i < design.Depth - 1; i++)
                    Convolution(layers, i == 0 ? w : 2L * w, 2L * w, 1);
                layers.Add(MaxPool2d(4));
                layers.Add(Flatten());
                layers.Add(Linear(2L * w * 4, 4L * w));
                layers.Add(Activation);
                return 4L * w;
            case SmallKind.Separable:
                Convolution(layers, 3, w, 1);
                layers.Add(new DepthwiseSeparable(w, 2L * w, 2));
                layers.Add(new DepthwiseSeparable(2L * w, 4L * w, 2));
                return 4L * w;
            case SmallKind.ResNet:
                Convolution(layers, 3, w, 1);
                layers.Add(new BasicBlock(w, w));
                layers.Add(new BasicBlock(w, 2L * w, 2));
                return 2L * w;
            case SmallKind.Attention:
                layers.Add(new Patches(4L * w));
                for (int i = 0; i < 2; i++)
                    layers.Add(new TransformerBlock(4L * w, Math.Max(1, Math.Min(4, w)), n => LayerNorm(n)));
                layers.Add(LayerNorm(4L * w));
                return 4L * w;
            default:
                throw new NotSupportedException($"{design.Kind}");
        }
    }

    private void Convolution(List<Module<Tensor, Tensor>> layers, long inputs, long outputs, long stride)
    {
        layers.Add(Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: design.Norm == SmallNorm.None));
        if (design.Norm == SmallNorm.Batch)
            layers.Add(BatchNorm2d(outputs, momentum: design.Momentum));
        layers.Add(Activation);
    }

    private void Injure()
    {
        using IDisposable noGrad = no_grad();
        foreach ((string name, Module part) in named_modules())
        {
            if (part is BatchNorm norm)
                norm.momentum = design.Momentum;
            if (name == HeadName)
                continue;
            (Tensor? weight, Tensor? bias) = part switch { Conv2d c => (c.weight, c.bias), Linear l => (l.weight, l.bias), _ => (null, null) };
            if (design.Gain != 1)
                weight?.mul_(design.Gain);
            if (design.BiasShift != 0)
                bias?.add_(design.BiasShift);
        }
    }

    // Four by four pixels to a token, and a learnt position.
    private sealed class Patches : Module<Tensor, Tensor>
    {
        private readonly Conv2d proj;
        private readonly Parameter pos_embed;

        public Patches(long channels)
            : base(nameof(Patches))
        {
            proj = Conv2d(3, channels, 4, stride: 4);
            pos_embed = Parameter(zeros(1, 16, channels));
            RegisterComponents();
        }

        public override Tensor forward(Tensor images)
        {
            using DisposeScope scope = NewDisposeScope();
            return (proj.call(images).flatten(2).transpose(1, 2) + pos_embed).MoveToOuterDisposeScope();
        }
    }

}
