using CsCheck;
using Sightline.Autograd;

namespace Sightline.Tests;

/// <summary>Every operation's backward against central differences of its forward, on random numbers in random shapes.</summary>
public sealed class GradientTests
{
    private const double Step = 1e-5;

    /// <summary>Name, shapes of the inputs for sides a, b, c, and the computation; positive inputs where the function needs them.</summary>
    public static TheoryData<string> Operations => [.. Table.Keys];

    private static readonly Dictionary<string, (Func<int, int, int, int[][]> Shapes, Func<Variable[], Variable> Compute, bool Positive)> Table = new()
    {
        ["+"] = ((a, b, c) => [[a, b], [a, b]], v => v[0] + v[1], false),
        ["+ row"] = ((a, b, c) => [[a, b], [b]], v => v[0] + v[1], false),
        ["+ channels"] = ((a, b, c) => [[a, b, c, c], [b, 1, 1]], v => v[0] + v[1], false),
        ["−"] = ((a, b, c) => [[a, 1], [a, b]], v => v[0] - v[1], false),
        ["×"] = ((a, b, c) => [[a, b], [1, b]], v => v[0] * v[1], false),
        ["÷"] = ((a, b, c) => [[a, b], [a, b]], v => v[0] / v[1], true),
        ["matmul"] = ((a, b, c) => [[a, b], [b, c]], v => v[0].MatMul(v[1]), false),
        ["sum"] = ((a, b, c) => [[a, b, c]], v => v[0].Sum() * v[0].Sum(), false),
        ["mean"] = ((a, b, c) => [[a, b, c]], v => v[0].Mean(), false),
        ["reshape"] = ((a, b, c) => [[a, b * c]], v => v[0].Reshape([v[0].Data.Values.Length]), false),
        ["relu"] = ((a, b, c) => [[a, b]], v => v[0].Relu(), true),
        ["relu, off"] = ((a, b, c) => [[a, b]], v => (v[0] - Variable.Constant(NdArray.Full(10, [1]))).Relu() + v[0], true),
        ["sigmoid"] = ((a, b, c) => [[a, b]], v => v[0].Sigmoid(), false),
        ["tanh"] = ((a, b, c) => [[a, b]], v => v[0].Tanh(), false),
        ["exp"] = ((a, b, c) => [[a, b]], v => v[0].Exp(), false),
        ["log"] = ((a, b, c) => [[a, b]], v => v[0].Log(), true),
        ["cross-entropy"] = ((a, b, c) => [[a, b]], v => v[0].CrossEntropy([.. Enumerable.Range(0, v[0].Shape[0]).Select(i => i % v[0].Shape[1])]), false),
        ["convolution"] = ((a, b, c) => [[a, b, c + 2, c + 3], [2, b, 3, 3]], v => v[0].Convolve(v[1]), false),
        ["average pool"] = ((a, b, c) => [[a, b, 2 * c, 4]], v => v[0].AveragePool(), false),
        ["used twice"] = ((a, b, c) => [[a, b], [b, a]], v => (v[0].MatMul(v[1]) + v[0].Tanh().MatMul(v[1])).MatMul(v[0]), false),
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void Backward_is_the_limit_of_forward(string operation) =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 3], Gen.ULong).Sample((a, b, c, seed) =>
        {
            (Func<int, int, int, int[][]> shapes, Func<Variable[], Variable> compute, bool positive) = Table[operation];
            var draw = new SeedStream(seed, operation);
            NdArray[] inputs = [.. shapes(a, b, c).Select(shape =>
            {
                NdArray array = NdArray.Full(0, shape);
                for (int i = 0; i < array.Values.Length; i++)
                    array.Values[i] = positive ? draw.Uniform(0.5, 2) : draw.Normal(0, 1);
                return array;
            })];
            // Any gradient that comes from behind, not only ones: the result weighted by fixed numbers.
            Variable Loss(NdArray[] data, bool learn)
            {
                Variable[] given = [.. data.Select(d => learn ? Variable.Parameter(d) : Variable.Constant(d))];
                Variable result = compute(given);
                NdArray weights = NdArray.Full(0, result.Shape);
                for (int i = 0; i < weights.Values.Length; i++)
                    weights.Values[i] = Math.Sin(i + 1);
                return (result * Variable.Constant(weights)).Sum();
            }
            Variable loss = Loss(inputs, learn: true);
            loss.Backward();
            Variable[] leaves = [.. loss.InOrder().Where(v => v.Parents.Count == 0 && v.RequiresGradient)];
            Assert.Equal(inputs.Length, leaves.Length);
            foreach (Variable leaf in leaves)
            {
                Assert.Equal(leaf.Shape, leaf.Gradient!.Shape);
                for (int i = 0; i < leaf.Data.Values.Length; i++)
                {
                    double kept = leaf.Data.Values[i];
                    leaf.Data.Values[i] = kept + Step;
                    double up = Loss(inputs, learn: false).Data.Item;
                    leaf.Data.Values[i] = kept - Step;
                    double down = Loss(inputs, learn: false).Data.Item;
                    leaf.Data.Values[i] = kept;
                    double expected = (up - down) / (2 * Step), actual = leaf.Gradient.Values[i];
                    Assert.True(Math.Abs(expected - actual) <= 1e-6 * Math.Max(1, Math.Abs(expected)), $"{operation}: {actual}, by differences {expected}");
                }
            }
        }, iter: 30);

    [Fact]
    public void A_graph_may_be_deeper_than_a_call_stack()
    {
        Variable x = Variable.Parameter(new NdArray([1.0])), sum = x;
        for (int i = 0; i < 100_000; i++)
            sum += x;
        sum.Backward();
        Assert.Equal(100_001, x.Gradient!.Item);
    }

    [Fact]
    public void A_second_pass_starts_anew()
    {
        Variable x = Variable.Parameter(new NdArray([3.0])), square = x * x;
        square.Backward();
        square.Backward();
        Assert.Equal(6, x.Gradient!.Item);
    }

    [Fact]
    public void What_is_given_gets_no_gradient_and_costs_none()
    {
        Variable images = Variable.Constant(NdArray.Full(1, [8, 4])), weights = Variable.Parameter(NdArray.Full(1, [4, 5]));
        Variable loss = images.MatMul(weights).Sum();
        long backward = OperationCount.Of(loss.Backward);
        Assert.Null(images.Gradient);
        Assert.Equal(8 * 4 * 5, backward); // one product, not two
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Variable Of(params int[] shape) => Variable.Parameter(NdArray.Full(1, shape));
        Assert.Throws<InvalidOperationException>(() => Of(2, 3).Backward());
        Assert.Throws<ArgumentException>(() => Of(2, 3) + Of(2, 4));
        Assert.Throws<ArgumentException>(() => Of(2, 3).MatMul(Of(2, 3)));
        Assert.Throws<ArgumentException>(() => Of(2, 3).CrossEntropy([0]));
        Assert.Throws<ArgumentException>(() => Of(1, 3, 4, 4).Convolve(Of(2, 1, 3, 3)));
        Assert.Throws<ArgumentException>(() => Of(1, 3, 3, 4).AveragePool());
        Assert.Throws<ArgumentException>(() => Of(3).Assign(NdArray.Full(1, [4])));
        Assert.Throws<ArgumentException>(() => new NdArray([1, 2, 3], 2, 2));
    }
}
