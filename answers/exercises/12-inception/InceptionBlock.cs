// Exercise 12: write the inception block of Szegedy et al. 2015 (figure 2(b), without BatchNorm), then: dotnet run
//
//   branch 1   relu(one(x))                                  1×1
//   branch 2   relu(three(relu(threeReduce(x))))             1×1, then 3×3
//   branch 3   relu(five(relu(fiveReduce(x))))               1×1, then 5×5
//   branch 4   relu(project(pool(x)))                        3×3 max pool, then 1×1
//
// The four are joined along the channels, in this order; the block keeps the size of the map.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class InceptionBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d one;
    private readonly Conv2d? threeReduce, three, fiveReduce, five, project;
    private readonly MaxPool2d? pool;

    public InceptionBlock(long channels, long oneWidth, long threeReduced, long threeWidth, long fiveReduced, long fiveWidth, long poolWidth)
        : base(nameof(InceptionBlock))
    {
        one = Conv2d(channels, oneWidth, kernel_size: 1);
        threeReduce = three = fiveReduce = five = project = null; // to do
        pool = null; // to do
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        throw new NotImplementedException("Write InceptionBlock.forward, and the layers that the constructor leaves out.");
    }
}
