using Sightline.Torch;
using Sightline.Torch.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Use after free of TorchSharp's scalars under a thread that forces collections.</summary>
[Collection(nameof(OneAtATime))]
public sealed class ScalarGuardTests
{
    [Fact]
    public void Finalisers_wait_and_then_run()
    {
        var finalised = new ManualResetEventSlim();
        using (ScalarGuard.Enter())
        {
            Abandon(finalised);
            GC.Collect();
            GC.Collect();
            Assert.False(finalised.Wait(300));
        }

        Assert.True(finalised.Wait(5000));
        Assert.False(ScalarGuard.IsHeld);
    }

    [Fact]
    public void Draining_runs_what_waits()
    {
        using ScalarGuard outer = ScalarGuard.Enter();
        using ScalarGuard inner = ScalarGuard.Enter();
        for (int round = 0; round < 50; round++)
        {
            var finalised = new ManualResetEventSlim();
            Abandon(finalised);
            GC.Collect();
            inner.AtBoundary(); // nothing has waited for long
            Assert.False(finalised.IsSet);
            inner.Drain();
            Assert.True(finalised.IsSet);
            Assert.True(ScalarGuard.IsHeld);
        }
    }

    [Fact]
    public void A_guard_of_another_thread_forbids_draining()
    {
        ScalarGuard? elsewhere = null;
        var other = new Thread(() => elsewhere = ScalarGuard.Enter());
        other.Start();
        other.Join();
        var finalised = new ManualResetEventSlim();
        using (ScalarGuard here = ScalarGuard.Enter())
        {
            Abandon(finalised);
            GC.Collect();
            here.Drain();
            Assert.False(finalised.Wait(200));
        }

        Assert.True(ScalarGuard.IsHeld);
        elsewhere!.Dispose();
        Assert.True(finalised.Wait(5000));
        Assert.False(ScalarGuard.IsHeld);
    }

    [Fact]
    public void Thousands_of_training_steps_survive_a_thread_that_forces_collections()
    {
        using var storm = new CollectionStorm();
        using ScalarGuard guard = ScalarGuard.Enter();
        using TorchSharp.Modules.Linear layer = nn.Linear(4, 4);
        using var optimiser = torch.optim.SGD(layer.parameters(), 0.01, momentum: 0.9, weight_decay: 1e-4);
        using Tensor input = torch.rand(8, 4);
        for (int step = 0; step < 3000; step++)
        {
            using (torch.NewDisposeScope())
            {
                optimiser.zero_grad();
                Tensor loss = ((layer.call(input) * 1.5) + 0.25).clamp(-5, 5).add(0.5, 2).pow(2).mean();
                loss.backward();
                optimiser.step();
                if (step % 500 == 0) Assert.True(float.IsFinite(loss.item<float>()));
            }

            if (step % 100 == 99) guard.Drain();
        }

        Assert.True(ScalarGuard.IsHeld);
        Assert.InRange(storm.Collections, 50, int.MaxValue);
    }

    [Fact]
    public void Traces_with_lines_survive_it_too()
    {
        // Without the guard this fails within tens of traces: the hook allocates inside the calls that read scalars.
        using var storm = new CollectionStorm();
        using TorchSharp.Modules.Linear layer = nn.Linear(4, 4);
        using Tensor input = torch.rand(2, 4);
        for (int i = 0; i < 60; i++)
        {
            using TraceRecording recording = OperatorTracer.Record(
                layer, [input], inputs => [Enumerable.Range(1, 20).Aggregate(layer.call(inputs[0]), (x, k) => x + (x * (0.01 * k)))], withCallSites: true);
            Assert.Contains("aten::mul", recording.Graph);
        }

        Assert.InRange(storm.Collections, 10, int.MaxValue);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Abandon(ManualResetEventSlim finalised) => _ = new Witness(finalised);

    private sealed class Witness(ManualResetEventSlim finalised)
    {
        ~Witness() => finalised.Set();
    }

    /// <summary>A thread that collects without pause.</summary>
    private sealed class CollectionStorm : IDisposable
    {
        private readonly Thread thread;
        private volatile bool stop;
        private volatile int collections;

        public CollectionStorm()
        {
            thread = new Thread(() =>
            {
                while (!stop)
                {
                    GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                    collections++;
                    Thread.Sleep(1); // collecting back to back would leave the other thread no time to be disturbed in
                }
            })
            { IsBackground = true };
            thread.Start();
        }

        public int Collections => collections;

        public void Dispose()
        {
            stop = true;
            thread.Join();
        }
    }
}
