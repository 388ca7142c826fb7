namespace Sightline.Training.Pipeline;

/// <summary>How a <see cref="BatchLoader"/> works.</summary>
public sealed record LoaderOptions
{
    /// <summary>Images in a batch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The run's seed; order and augmentation derive from it.</summary>
    public ulong Seed { get; init; }

    /// <summary>Whether every epoch has its own random order; otherwise images come as listed.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Whether a last batch that is not full is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>Threads that read, decode and augment; 0 does it on the consumer's thread. The batches are the same, bit for bit, whatever this is.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>How many batches may be ready or in work ahead of the consumer, at least 1.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>How often each image comes in an epoch; null lets every image come once. For shuffled epochs.</summary>
    public SampleShares? Shares { get; init; }

    /// <summary>How many classes there are; needed for soft targets (MixUp, CutMix).</summary>
    public int Classes { get; init; }

    /// <summary>
    /// Decoded pixels are kept in memory up to this many bytes, so that small images are decoded once in a run. What is kept never
    /// changes a batch. 0 keeps nothing.
    /// </summary>
    public long CacheBytes { get; init; } = 512L << 20;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(Prefetch, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(CacheBytes);
        if (Shares is not null && !Shuffle)
            throw new InvalidOperationException("Shares are for shuffled epochs.");
    }
}
