// Exercise 15: write inverted dropout, as every library has it today (Srivastava et al. 2014, section 10), then: dotnet run
//
//   training   every value becomes 0 with probability drop; what is kept is scaled so that the expectation stays
//   in use     nothing happens
//
// Mind that `drop` is the probability of dropping; in the paper p is the probability of keeping.

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
        throw new NotImplementedException("Write Dropout.forward; the module's own `training` says which mode it is in.");
    }
}
