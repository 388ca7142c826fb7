// Exercise 11: write the residual block of He et al. 2015 (figure 2 and section 4.1, option B), then: dotnet run
//
//   y = relu( bn2(conv2( relu(bn1(conv1(x))) )) + shortcut(x) )
//
// The shortcut is x itself where input and output have the same shape. Where they don't (the stride is 2, or the width changes),
// it is a 1×1 convolution with that stride, without bias, followed by a BatchNorm.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly Module<Tensor, Tensor>? downsample; // the shortcut where the shape changes, else null

    public ResidualBlock(long channels, long width, long stride)
        : base(nameof(ResidualBlock))
    {
        conv1 = Conv2d(channels, width, kernel_size: 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, kernel_size: 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        downsample = null; // to do: Sequential(…) where the shape changes
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        throw new NotImplementedException("Write ResidualBlock.forward.");
    }
}
