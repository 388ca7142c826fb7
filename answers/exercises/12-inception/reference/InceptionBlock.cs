using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class InceptionBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d one, threeReduce, three, fiveReduce, five, project;
    private readonly Module<Tensor, Tensor> pool;

    public InceptionBlock(long channels, long oneWidth, long threeReduced, long threeWidth, long fiveReduced, long fiveWidth, long poolWidth)
        : base(nameof(InceptionBlock))
    {
        one = Conv2d(channels, oneWidth, kernel_size: 1);
        threeReduce = Conv2d(channels, threeReduced, kernel_size: 1);
        three = Conv2d(threeReduced, threeWidth, kernel_size: 3, padding: 1);
        fiveReduce = Conv2d(channels, fiveReduced, kernel_size: 1);
        five = Conv2d(fiveReduced, fiveWidth, kernel_size: 5, padding: 2);
        pool = MaxPool2d(3, stride: 1, padding: 1);
        project = Conv2d(channels, poolWidth, kernel_size: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor a = functional.relu(one.call(x));
        Tensor b = functional.relu(three.call(functional.relu(threeReduce.call(x))));
        Tensor c = functional.relu(five.call(functional.relu(fiveReduce.call(x))));
        Tensor d = functional.relu(project.call(pool.call(x)));
        return cat([a, b, c, d], 1);
    }
}
