using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Pipeline;

/// <summary>One batch. It owns its tensors, whatever dispose scope is open: dispose it after use.</summary>
public sealed class Batch : IDisposable
{
    internal Batch(int number, ReadOnlySpan<float> images, int height, int width, ReadOnlySpan<int> labels, ReadOnlySpan<float> softTargets, int[] indices)
    {
        Number = number;
        Indices = indices;
        int n = indices.Length;
        Images = Owned(empty([n, 3, height, width], ScalarType.Float32), images);
        Span<long> wide = stackalloc long[Math.Min(n, 512)];
        wide = n <= 512 ? wide : new long[n];
        for (int i = 0; i < n; i++)
            wide[i] = labels[i];
        Labels = Owned(empty([n], ScalarType.Int64), (ReadOnlySpan<long>)wide);
        SoftTargets = softTargets.IsEmpty ? null : Owned(empty([n, softTargets.Length / n], ScalarType.Float32), softTargets);
    }

    /// <summary>The batch's number in its epoch, from 0.</summary>
    public int Number { get; }

    /// <summary>The pre-processed images, <c>[N, 3, H, W] float32</c>, contiguous.</summary>
    public Tensor Images { get; }

    /// <summary>The classes, <c>[N] int64</c>; of a mixed batch those of each row's first image.</summary>
    public Tensor Labels { get; }

    /// <summary>
    /// Label shares <c>[N, K] float32</c>, each row summing to 1; given for every batch when the recipe has MixUp or CutMix (one-hot
    /// where a batch was left unmixed), else null.
    /// </summary>
    public Tensor? SoftTargets { get; }

    /// <summary>For each row, the sample's index in the loader's list.</summary>
    public int[] Indices { get; }

    /// <summary>How many images the batch has.</summary>
    public int Count => Indices.Length;

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
        SoftTargets?.Dispose();
    }

    private static Tensor Owned<T>(Tensor tensor, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        MemoryMarshal.AsBytes(values).CopyTo(tensor.bytes);
        return tensor.DetachFromDisposeScope();
    }
}
