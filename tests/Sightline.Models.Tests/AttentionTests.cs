using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Attention and the transformer's layer against plain arithmetic, written from the papers' formulas.</summary>
public sealed class AttentionTests
{
    private const int Tokens = 5, Channels = 8, Heads = 2, Wide = Channels / Heads;

    [Fact]
    public void Attention_is_its_formula_number_by_number()
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var layer = new SelfAttention(Channels, Heads);
        Dictionary<string, double[,]> w = Drawn(layer);
        double[,] x = Numbers("x", Tokens, Channels);
        Close(Attention(x, w, ""), layer.call(As(x)));
    }

    [Fact]
    public void A_layer_adds_attention_and_then_two_linear_layers_each_behind_a_norm()
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var layer = new TransformerBlock(Channels, Heads, n => nn.LayerNorm(n, eps: 1e-6));
        Dictionary<string, double[,]> w = Drawn(layer);
        double[,] x = Numbers("x", Tokens, Channels);
        x = Plus(x, Attention(Norm(x, w["norm1.weight"], w["norm1.bias"]), w, "attn."));
        double[,] hidden = Linear(Norm(x, w["norm2.weight"], w["norm2.bias"]), w["mlp.fc1.weight"], w["mlp.fc1.bias"]);
        for (int t = 0; t < Tokens; t++)
        {
            for (int c = 0; c < hidden.GetLength(1); c++)
                hidden[t, c] *= 0.5 * (1 + Erf(hidden[t, c] / Math.Sqrt(2)));
        }
        x = Plus(x, Linear(hidden, w["mlp.fc2.weight"], w["mlp.fc2.bias"]));
        Close(x, layer.call(As(Numbers("x", Tokens, Channels))));
    }

    private static double[,] Attention(double[,] x, Dictionary<string, double[,]> w, string prefix)
    {
        double[,] qkv = Linear(x, w[prefix + "qkv.weight"], w[prefix + "qkv.bias"]), joined = new double[Tokens, Channels];
        for (int head = 0; head < Heads; head++)
        {
            for (int t = 0; t < Tokens; t++)
            {
                double[] scores = [.. Enumerable.Range(0, Tokens).Select(o => Enumerable.Range(0, Wide).Sum(d => qkv[t, head * Wide + d] * qkv[o, Channels + head * Wide + d]) / Math.Sqrt(Wide))];
                double sum = scores.Sum(Math.Exp);
                for (int d = 0; d < Wide; d++)
                    joined[t, head * Wide + d] = Enumerable.Range(0, Tokens).Sum(o => Math.Exp(scores[o]) / sum * qkv[o, 2 * Channels + head * Wide + d]);
            }
        }
        return Linear(joined, w[prefix + "proj.weight"], w[prefix + "proj.bias"]);
    }

    private static double[,] Linear(double[,] x, double[,] weight, double[,] bias)
    {
        double[,] y = new double[x.GetLength(0), weight.GetLength(0)];
        for (int t = 0; t < y.GetLength(0); t++)
        {
            for (int o = 0; o < y.GetLength(1); o++)
                y[t, o] = bias[0, o] + Enumerable.Range(0, x.GetLength(1)).Sum(i => x[t, i] * weight[o, i]);
        }
        return y;
    }

    private static double[,] Norm(double[,] x, double[,] weight, double[,] bias)
    {
        double[,] y = new double[x.GetLength(0), x.GetLength(1)];
        for (int t = 0; t < y.GetLength(0); t++)
        {
            double[] row = [.. Enumerable.Range(0, y.GetLength(1)).Select(c => x[t, c])];
            double mean = row.Average(), variance = row.Average(v => (v - mean) * (v - mean));
            for (int c = 0; c < row.Length; c++)
                y[t, c] = (row[c] - mean) / Math.Sqrt(variance + 1e-6) * weight[0, c] + bias[0, c];
        }
        return y;
    }

    private static double[,] Plus(double[,] a, double[,] b)
    {
        double[,] sum = new double[a.GetLength(0), a.GetLength(1)];
        for (int t = 0; t < sum.GetLength(0); t++)
        {
            for (int c = 0; c < sum.GetLength(1); c++)
                sum[t, c] = a[t, c] + b[t, c];
        }
        return sum;
    }

    // Its series: erf(x) = 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n+1)), exact enough below 4.
    private static double Erf(double x)
    {
        double sum = 0, power = x;
        for (int n = 0; n < 80; n++)
        {
            sum += power / (2 * n + 1);
            power *= -x * x / (n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static Dictionary<string, double[,]> Drawn(nn.Module module)
    {
        var drawn = new Dictionary<string, double[,]>();
        foreach ((string name, Tensor value) in module.state_dict())
        {
            (int rows, int columns) = value.dim() == 2 ? ((int)value.shape[0], (int)value.shape[1]) : (1, (int)value.shape[0]);
            drawn[name] = Numbers(name, rows, columns);
            value.copy_(As(drawn[name]).reshape(value.shape));
        }
        return drawn;
    }

    private static double[,] Numbers(string name, int rows, int columns)
    {
        var stream = new SeedStream(5, name);
        double[,] numbers = new double[rows, columns];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
                numbers[r, c] = (float)stream.Uniform(-1, 1);
        }
        return numbers;
    }

    private static Tensor As(double[,] numbers) =>
        tensor(numbers.Cast<double>().Select(v => (float)v).ToArray()).reshape(1, numbers.GetLength(0), numbers.GetLength(1));

    private static void Close(double[,] expected, Tensor found)
    {
        Assert.Equal([1, expected.GetLength(0), expected.GetLength(1)], found.shape);
        for (int t = 0; t < expected.GetLength(0); t++)
        {
            for (int c = 0; c < expected.GetLength(1); c++)
                Assert.Equal(expected[t, c], found[0, t, c].item<float>(), 1e-4);
        }
    }
}
