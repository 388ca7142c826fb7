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
    // Weights come in pieces: VGG's largest layer has 103 million.
    private const int Piece = 1 << 20;

    public static void Fill(nn.Module module)
    {
        using var noGrad = no_grad();
        foreach ((string name, Tensor tensor) in module.state_dict())
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                continue;
            using var scope = NewDisposeScope();
            // A view writes through, and keeps weights that lie channels-last so.
            if (tensor.numel() <= Piece || !tensor.is_contiguous())
            {
                tensor.copy_(Of(name, tensor.shape));
                continue;
            }
            Tensor flat = tensor.view(-1);
            for (long start = 0; start < flat.shape[0]; start += Piece)
            {
                long count = Math.Min(Piece, flat.shape[0] - start);
                flat.narrow(0, start, count).copy_(torch.tensor(Values(name, tensor.shape, start, count)));
            }
        }
    }

    public static Tensor Of(string name, long[] shape) => tensor(Values(name, shape, 0, shape.Aggregate(1L, (p, s) => p * s))).reshape(shape);

    public static Tensor Images(params long[] shape) =>
        tensor(Array.ConvertAll(Uniform("images", 0, shape.Aggregate(1L, (p, s) => p * s)), v => (float)(4 * v - 2))).reshape(shape);

    private static float[] Values(string name, long[] shape, long start, long count)
    {
        double fanIn = shape.Skip(1).Aggregate(1L, (p, s) => p * s), bound = Math.Sqrt(6 / fanIn);
        Converter<double, float> value = name.EndsWith("running_var", StringComparison.Ordinal) || (name.EndsWith("weight", StringComparison.Ordinal) && shape.Length == 1)
            ? v => (float)(0.5 + v)
            : name.EndsWith("weight", StringComparison.Ordinal) ? v => (float)((2 * v - 1) * bound) : v => (float)(0.2 * v - 0.1);
        return Array.ConvertAll(Uniform(name, start, count), value);
    }

    private static double[] Uniform(string name, long start, long count)
    {
        ulong seed = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
            seed = unchecked((seed ^ b) * 1099511628211);
        var values = new double[count];
        for (long i = 0; i < count; i++)
        {
            ulong z = unchecked(seed + (ulong)(start + i + 1) * 0x9E3779B97F4A7C15);
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
            values[i] = ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
        return values;
    }
}
