using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class Dropout : Module<Tensor, Tensor>
{
    private readonly double drop;

    public Dropout(double drop)
        : base(nameof(Dropout))
    {
        this.drop = drop;
    }

    public override Tensor forward(Tensor x)
    {
        if (!training)
            return x;
        Tensor mask = (rand_like(x) >= drop).to(float32);
        return x * mask / (1 - drop);
    }
}
