using System.Numerics;
using System.Runtime.InteropServices;

namespace Sightline.Autograd;

/// <summary>Products of matrices, each factor as it is or transposed: nearly all arithmetic of a network, forward and backward.</summary>
public static class MatrixProduct
{
    /// <summary>a · b.</summary>
    /// <param name="a"><c>[m, k]</c>.</param>
    /// <param name="b"><c>[k, n]</c>.</param>
    /// <returns><c>[m, n]</c>.</returns>
    /// <exception cref="ArgumentException">The sides do not fit.</exception>
    public static NdArray Of(NdArray a, NdArray b)
    {
        (int m, int k, int n) = Sides(a, b, 0, 1, 0, 1);
        double[] result = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < k; j++)
                AddScaled(b.Values.AsSpan(j * n, n), a.Values[i * k + j], result.AsSpan(i * n, n));
        }
        return Counted(result, m, k, n);
    }

    /// <summary>aᵀ · b.</summary>
    /// <param name="a"><c>[k, m]</c>.</param>
    /// <param name="b"><c>[k, n]</c>.</param>
    /// <returns><c>[m, n]</c>.</returns>
    /// <exception cref="ArgumentException">The sides do not fit.</exception>
    public static NdArray OfTransposed(NdArray a, NdArray b)
    {
        (int m, int k, int n) = Sides(a, b, 1, 0, 0, 1);
        double[] result = new double[m * n];
        for (int j = 0; j < k; j++)
        {
            for (int i = 0; i < m; i++)
                AddScaled(b.Values.AsSpan(j * n, n), a.Values[j * m + i], result.AsSpan(i * n, n));
        }
        return Counted(result, m, k, n);
    }

    /// <summary>a · bᵀ.</summary>
    /// <param name="a"><c>[m, k]</c>.</param>
    /// <param name="b"><c>[n, k]</c>.</param>
    /// <returns><c>[m, n]</c>.</returns>
    /// <exception cref="ArgumentException">The sides do not fit.</exception>
    public static NdArray WithTransposed(NdArray a, NdArray b)
    {
        (int m, int k, int n) = Sides(a, b, 0, 1, 1, 0);
        double[] result = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
                result[i * n + j] = Dot(a.Values.AsSpan(i * k, k), b.Values.AsSpan(j * k, k));
        }
        return Counted(result, m, k, n);
    }

    private static (int M, int K, int N) Sides(NdArray a, NdArray b, int m, int ka, int kb, int n)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a.Shape.Count == 2 && b.Shape.Count == 2 && a.Shape[ka] == b.Shape[kb]
            ? (a.Shape[m], a.Shape[ka], b.Shape[n])
            : throw new ArgumentException($"[{string.Join(", ", a.Shape)}] and [{string.Join(", ", b.Shape)}] are no factors of a product.");
    }

    private static NdArray Counted(double[] result, int m, int k, int n)
    {
        OperationCount.Add((long)m * k * n);
        return new NdArray(result, m, n);
    }

    // to += scale · from
    private static void AddScaled(ReadOnlySpan<double> from, double scale, Span<double> to)
    {
        var scales = new Vector<double>(scale);
        ReadOnlySpan<Vector<double>> wide = MemoryMarshal.Cast<double, Vector<double>>(from);
        Span<Vector<double>> target = MemoryMarshal.Cast<double, Vector<double>>(to);
        for (int v = 0; v < wide.Length; v++)
            target[v] += wide[v] * scales;
        for (int i = wide.Length * Vector<double>.Count; i < from.Length; i++)
            to[i] += from[i] * scale;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector<double> sums = Vector<double>.Zero;
        ReadOnlySpan<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(a), y = MemoryMarshal.Cast<double, Vector<double>>(b);
        for (int v = 0; v < x.Length; v++)
            sums += x[v] * y[v];
        double sum = Vector.Sum(sums);
        for (int i = x.Length * Vector<double>.Count; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
