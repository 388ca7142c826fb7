using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>
/// Weights that follow a formula, the same as in <c>Golden/make_golden.py</c>: SplitMix64 seeded by the FNV-1a hash of the name, scaled by
/// fan-in; variances and scales of BatchNorm lie in 0.5–1.5.
/// </summary>
internal static class FormulaWeights
{
    public static void Fill(nn.Module module)
    {
        using var noGrad = no_grad();
        foreach ((string name, Tensor tensor) in module.state_dict())
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                continue;
            using Tensor values = Of(name, tensor.shape);
            tensor.copy_(values);
        }
    }

    public static Tensor Of(string name, long[] shape)
    {
        double[] u = Uniform(name, shape.Aggregate(1L, (p, s) => p * s));
        double fanIn = shape.Skip(1).Aggregate(1L, (p, s) => p * s);
        Func<double, double> value = name.EndsWith("running_var", StringComparison.Ordinal) || (name.EndsWith("weight", StringComparison.Ordinal) && shape.Length == 1)
            ? v => 0.5 + v
            : name.EndsWith("weight", StringComparison.Ordinal) ? v => (2 * v - 1) * Math.Sqrt(6 / fanIn) : v => 0.2 * v - 0.1;
        return tensor(Array.ConvertAll(u, v => (float)value(v))).reshape(shape);
    }

    public static Tensor Images(params long[] shape) =>
        tensor(Array.ConvertAll(Uniform("images", shape.Aggregate(1L, (p, s) => p * s)), v => (float)(4 * v - 2))).reshape(shape);

    private static double[] Uniform(string name, long count)
    {
        ulong seed = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
            seed = unchecked((seed ^ b) * 1099511628211);
        var values = new double[count];
        for (long i = 0; i < count; i++)
        {
            ulong z = unchecked(seed + (ulong)(i + 1) * 0x9E3779B97F4A7C15);
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
            values[i] = ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
        return values;
    }
}
