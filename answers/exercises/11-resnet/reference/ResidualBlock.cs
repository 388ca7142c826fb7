using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly Module<Tensor, Tensor>? downsample;

    public ResidualBlock(long channels, long width, long stride)
        : base(nameof(ResidualBlock))
    {
        conv1 = Conv2d(channels, width, kernel_size: 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, kernel_size: 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        downsample = stride == 1 && channels == width
            ? null
            : Sequential(Conv2d(channels, width, kernel_size: 1, stride: stride, bias: false), BatchNorm2d(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor h = functional.relu(bn1.call(conv1.call(x)));
        Tensor y = bn2.call(conv2.call(h));
        y = y + (downsample is null ? x : downsample.call(x));
        return functional.relu(y);
    }
}
