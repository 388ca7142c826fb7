using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>
/// TorchSharp entry points that end the process on bad arguments, since their native wrappers catch nothing: the arguments are checked
/// here first, so that user input reaches an exception instead.
/// </summary>
public static class GuardedCalls
{
    /// <summary>The length in bytes of the CPU generator's state in libtorch 2.x.</summary>
    public const int GeneratorStateLength = 5056;

    /// <summary>Matrix product with broadcasting, as <c>torch.matmul</c>.</summary>
    /// <param name="left">At least one dimension.</param>
    /// <param name="right">At least one dimension, same dtype.</param>
    /// <returns>The product.</returns>
    /// <exception cref="ArgumentException">The shapes or dtypes do not fit; the message holds both.</exception>
    public static Tensor MatMul(Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        long[] a = left.shape, b = right.shape;
        bool fits = a.Length > 0 && b.Length > 0
            && left.dtype == right.dtype
            && a[^1] == (b.Length == 1 ? b[0] : b[^2]);
        for (int i = 3; fits && i <= Math.Min(a.Length, b.Length); i++)
            fits = a[^i] == b[^i] || a[^i] == 1 || b[^i] == 1;
        if (!fits)
            throw new ArgumentException($"matmul of [{string.Join(", ", a)}] {left.dtype} and [{string.Join(", ", b)}] {right.dtype} does not fit.");
        return left.matmul(right);
    }

    /// <summary>Sets the state of torch's default CPU generator.</summary>
    /// <param name="state">What <c>get_rng_state</c> gave, as bytes.</param>
    /// <exception cref="ArgumentException">The state has the wrong length.</exception>
    public static void SetGeneratorState(ReadOnlySpan<byte> state)
    {
        if (state.Length != GeneratorStateLength)
            throw new ArgumentException($"A CPU generator's state has {GeneratorStateLength} bytes; this one has {state.Length}. The checkpoint is damaged or from another libtorch.");
        using Tensor bytes = tensor(state.ToArray(), dtype: ScalarType.Byte);
        set_rng_state(bytes);
    }

    /// <summary>The state of torch's default CPU generator.</summary>
    /// <returns><see cref="GeneratorStateLength"/> bytes.</returns>
    public static byte[] GetGeneratorState()
    {
        using Tensor state = get_rng_state();
        return state.data<byte>().ToArray();
    }
}
