// Exercise 13: write the inverted residual of Sandler et al. 2018 (table 1; figure 4d), then: dotnet run
//
//   wide = relu6(bn1(expand(x)))              1×1, from `channels` to `expansion · channels`
//   wide = relu6(bn2(depthwise(wide)))        3×3 with the stride, each channel by itself
//   y    = bn3(project(wide))                 1×1, down to `width`
//   x + y where the shapes are equal, else y
//
// No convolution has a bias.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly Conv2d expand, depthwise, project;
    private readonly BatchNorm2d bn1, bn2, bn3;

    public InvertedResidual(long channels, long width, long stride, long expansion)
        : base(nameof(InvertedResidual))
    {
        throw new NotImplementedException("Write InvertedResidual: make the layers, then forward.");
    }

    public override Tensor forward(Tensor x)
    {
        throw new NotImplementedException("Write InvertedResidual.forward.");
    }
}
