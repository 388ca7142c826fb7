using System.Runtime.ExceptionServices;

namespace Sightline.Training.Pipeline;

/// <summary>Managed memory for one batch in work; used again for later batches, since a batch of photos is tens of megabytes.</summary>
internal sealed class BatchSlot(int batchSize, int inputLength, int targetLength)
{
    private ExceptionDispatchInfo? failure;
    private int failedAt;

    internal float[] Images { get; } = GC.AllocateUninitializedArray<float>(checked(batchSize * inputLength));

    internal int[] Labels { get; } = new int[batchSize];

    internal float[] Targets { get; } = new float[checked(batchSize * targetLength)];

    /// <summary>The batch's number in the epoch.</summary>
    internal int Number { get; private set; }

    internal int Count { get; private set; }

    /// <summary>Samples not yet handed to a worker start here.</summary>
    internal int NextSample { get; set; }

    /// <summary>Samples not yet finished.</summary>
    internal int Remaining { get; set; }

    internal bool Ready { get; set; }

    internal bool Failed => failure is not null;

    internal void Begin(int number, int count)
    {
        (Number, Count, NextSample, Remaining, Ready, failure) = (number, count, 0, count, false, null);
    }

    /// <summary>Of several failures the one of the first sample counts, so that the error does not depend on threads.</summary>
    internal void Fail(int position, Exception e)
    {
        if (failure is null || position < failedAt)
            (failure, failedAt) = (ExceptionDispatchInfo.Capture(e), position);
    }

    internal void ThrowIfFailed() => failure?.Throw();
}
