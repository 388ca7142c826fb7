using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly Conv2d expand, depthwise, project;
    private readonly BatchNorm2d bn1, bn2, bn3;
    private readonly bool shortcut;

    public InvertedResidual(long channels, long width, long stride, long expansion)
        : base(nameof(InvertedResidual))
    {
        long wide = expansion * channels;
        expand = Conv2d(channels, wide, kernel_size: 1, bias: false);
        bn1 = BatchNorm2d(wide);
        depthwise = Conv2d(wide, wide, kernel_size: 3, stride: stride, padding: 1, groups: wide, bias: false);
        bn2 = BatchNorm2d(wide);
        project = Conv2d(wide, width, kernel_size: 1, bias: false);
        bn3 = BatchNorm2d(width);
        shortcut = stride == 1 && channels == width;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor wide = functional.relu6(bn1.call(expand.call(x)));
        wide = functional.relu6(bn2.call(depthwise.call(wide)));
        Tensor y = bn3.call(project.call(wide));
        return shortcut ? x + y : y;
    }
}
