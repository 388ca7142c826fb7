using Sightline.Training.Augmentation;

namespace Sightline.Training.Pipeline;

/// <summary>
/// One pass over the samples: worker threads fill a ring of <see cref="BatchSlot"/>s in order, the consumer takes them in order. All
/// workers work on the same batch, a few samples at a time, so that the next batch is ready as early as it can be.
/// </summary>
internal sealed class EpochRun : IDisposable
{
    private readonly object gate = new();
    private readonly EpochPlan plan;
    private readonly BatchSlot[] slots;
    private readonly Thread[] workers;
    private readonly int chunk;
    private int handing; // the batch whose samples are being handed out
    private int consumed; // batches before this are free to be overwritten
    private bool stopping;

    internal EpochRun(EpochPlan plan, int workerCount, int prefetch)
    {
        this.plan = plan;
        handing = consumed = plan.FirstBatch;
        slots = new BatchSlot[Math.Min(prefetch, Math.Max(1, plan.Batches - plan.FirstBatch))];
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = new BatchSlot(plan.BatchSize, plan.InputLength, plan.MixesLabels ? plan.Classes : 0);
            if (plan.FirstBatch + i < plan.Batches)
                Begin(plan.FirstBatch + i);
        }
        chunk = Math.Clamp(plan.BatchSize / Math.Max(1, 4 * workerCount), 1, 16);
        workers = new Thread[workerCount];
        for (int i = 0; i < workerCount; i++)
        {
            workers[i] = new Thread(Work) { IsBackground = true, Name = $"sightline loader {i}" };
            workers[i].Start();
        }
    }

    /// <summary>The next batch, as tensors made on the calling thread.</summary>
    internal Batch Next(CancellationToken cancellation)
    {
        BatchSlot slot = SlotOf(consumed);
        using (cancellation.Register(Wake))
        {
            while (workers.Length == 0 && !slot.Ready && !cancellation.IsCancellationRequested && Take(wait: false) is (BatchSlot own, int from, int to))
                Fill(own, from, to);
            lock (gate)
            {
                while (true)
                {
                    cancellation.ThrowIfCancellationRequested();
                    ObjectDisposedException.ThrowIf(stopping, typeof(BatchLoader));
                    if (slot.Ready)
                        break;
                    Monitor.Wait(gate);
                }
            }
        }
        slot.ThrowIfFailed();
        Batch batch = plan.MakeBatch(slot);
        lock (gate)
        {
            consumed++;
            if (slot.Number + slots.Length < plan.Batches)
                Begin(slot.Number + slots.Length);
            Monitor.PulseAll(gate);
        }
        return batch;
    }

    /// <summary>Stops the workers and waits until they are gone.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }
        foreach (Thread worker in workers)
            worker.Join();
    }

    private BatchSlot SlotOf(int batch) => slots[(batch - plan.FirstBatch) % slots.Length];

    private void Begin(int batch) => SlotOf(batch).Begin(batch, plan.CountOf(batch));

    private void Wake()
    {
        lock (gate)
            Monitor.PulseAll(gate);
    }

    private void Work()
    {
        while (Take(wait: true) is (BatchSlot slot, int from, int to))
            Fill(slot, from, to);
    }

    /// <summary>The next few samples to do; null when the pass is over or interrupted (or, without waiting, when every slot is full).</summary>
    private (BatchSlot Slot, int From, int To)? Take(bool wait)
    {
        lock (gate)
        {
            while (!stopping && handing < plan.Batches)
            {
                if (handing < consumed + slots.Length)
                {
                    BatchSlot slot = SlotOf(handing);
                    int from = slot.NextSample, to = Math.Min(from + chunk, slot.Count);
                    slot.NextSample = to;
                    if (to == slot.Count)
                        handing++;
                    return (slot, from, to);
                }
                if (!wait)
                    return null;
                Monitor.Wait(gate);
            }
            return null;
        }
    }

    private void Fill(BatchSlot slot, int from, int to)
    {
        for (int position = from; position < to && !Volatile.Read(ref stopping); position++)
        {
            try
            {
                plan.Read(slot, position);
            }
            catch (Exception e)
            {
                lock (gate)
                    slot.Fail(position, e);
            }
        }
        bool last;
        lock (gate)
        {
            slot.Remaining -= to - from;
            last = slot.Remaining == 0;
        }
        if (!last)
            return;
        try
        {
            if (!slot.Failed)
                plan.Mix(slot);
        }
        catch (Exception e)
        {
            slot.Fail(slot.Count, e);
        }
        lock (gate)
        {
            slot.Ready = true;
            Monitor.PulseAll(gate);
        }
    }
}
