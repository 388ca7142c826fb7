using System.Diagnostics;
using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Training.Augmentation;
using Sightline.Training.Pipeline;
using TorchSharp;

namespace Sightline.Tests;

/// <summary>However a pass ends, no thread and no tensor of it is left.</summary>
public sealed class InterruptionTests
{
    private static int LoaderThreads()
    {
        int count = 0;
        foreach (string task in Directory.Exists("/proc/self/task") ? Directory.GetDirectories("/proc/self/task") : [])
        {
            try
            {
                // The kernel keeps 15 letters of a thread's name.
                count += File.ReadAllText(Path.Combine(task, "comm")).StartsWith("sightline loade", StringComparison.Ordinal) ? 1 : 0;
            }
            catch (IOException)
            {
                // The thread ended while we looked.
            }
        }
        return count;
    }

    private static BatchLoader Loader(IReadOnlyList<ImageSample> samples, int workers = 3) => new(
        samples, TestImages.At(32, 32), new AugmentationRecipe { HorizontalFlip = 0.5 }, new LoaderOptions { BatchSize = 8, Seed = 1, Workers = workers, Prefetch = 3, Shuffle = false });

    private static void AssertNothingIsLeft(Action interrupted)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Threads are counted in /proc, which only Linux has.");
        Assert.Equal(0, LoaderThreads());
        // What earlier tests left to the finaliser must not be counted as freed by this one.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long tensors = torch.Tensor.TotalCount;
        interrupted();
        // A thread that was joined may stay in /proc for a moment.
        var patience = Stopwatch.StartNew();
        while (LoaderThreads() > 0 && patience.ElapsedMilliseconds < 2000)
            Thread.Sleep(5);
        Assert.Equal(0, LoaderThreads());
        Assert.Equal(tensors, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_whole_epoch_leaves_nothing() => AssertNothingIsLeft(() =>
    {
        using BatchLoader loader = Loader(TestImages.Samples(100));
        int threads = 0;
        foreach (Batch batch in loader.Epoch(0))
        {
            using (batch)
                threads = Math.Max(threads, LoaderThreads());
        }
        Assert.True(threads > 0, "the count of loader threads sees none even at work");
    });

    [Fact]
    public void Leaving_the_loop_leaves_nothing() => AssertNothingIsLeft(() =>
    {
        using BatchLoader loader = Loader(TestImages.Samples(100));
        foreach (Batch batch in loader.Epoch(0))
        {
            using (batch)
                break;
        }
        Assert.Equal(8, loader.Epoch(1).Sum(b => { using (b) return b.Number == 2 ? b.Count : 0; }));
    });

    [Fact]
    public void Disposing_the_loader_ends_a_pass_whose_enumerator_was_forgotten() => AssertNothingIsLeft(() =>
    {
        BatchLoader loader = Loader(TestImages.Samples(100));
        IEnumerator<Batch> forgotten = loader.Epoch(0).GetEnumerator();
        Assert.True(forgotten.MoveNext());
        forgotten.Current.Dispose();
        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => forgotten.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => loader.Epoch(0));
    });

    [Fact]
    public void Cancelling_wakes_a_consumer_that_waits() => AssertNothingIsLeft(() =>
    {
        using var release = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        ImageSample[] samples = TestImages.Samples(40);
        samples[20] = samples[20] with
        {
            Content = new ScriptedContent(() =>
            {
                // The consumer waits for this batch; the decode comes back after it was told to stop waiting.
                cancellation.CancelAfter(20);
                cancellation.Token.WaitHandle.WaitOne();
                return TestImages.Random(32, 32, 1);
            }),
        };
        using BatchLoader loader = Loader(samples);
        var seen = new List<int>();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (Batch batch in loader.Epoch(0, 0, cancellation.Token))
            {
                using (batch)
                    seen.Add(batch.Number);
            }
        });
        Assert.Equal([0, 1], seen);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void An_unreadable_image_ends_the_pass_with_its_name_after_the_batches_before_it(int workers) => AssertNothingIsLeft(() =>
    {
        ImageSample[] samples = TestImages.Samples(100);
        byte[] truncated = ImageCodec.EncodeJpeg(TestImages.Random(64, 64, 5))[..700];
        samples[37] = new ImageSample("barrel/broken.jpg", 0, "train", null, new JpegContent(truncated, "bytes"));
        samples[38] = samples[38] with { Content = new ScriptedContent(() => throw new IOException("the disk is gone")) };
        using BatchLoader loader = Loader(samples, workers);
        var seen = new List<int>();
        BadInputException error = Assert.Throws<BadInputException>(() =>
        {
            foreach (Batch batch in loader.Epoch(0))
            {
                using (batch)
                    seen.Add(batch.Number);
            }
        });
        Assert.Equal([0, 1, 2, 3], seen);
        Assert.Contains("barrel/broken.jpg", error.Message);
        Assert.StartsWith("image-", error.Code);
    });

    [Fact]
    public void A_disk_that_fails_is_reported_with_the_image() => AssertNothingIsLeft(() =>
    {
        ImageSample[] samples = TestImages.Samples(10);
        samples[3] = samples[3] with { Content = new ScriptedContent(() => throw new IOException("the disk is gone")) };
        using BatchLoader loader = Loader(samples);
        BadInputException error = Assert.Throws<BadInputException>(() => loader.Epoch(0).Count());
        Assert.Contains("image-003", error.Message);
        Assert.Contains("the disk is gone", error.Message);
    });

    [Fact]
    public void A_bug_in_a_decoder_comes_through_as_it_is() => AssertNothingIsLeft(() =>
    {
        ImageSample[] samples = TestImages.Samples(10);
        samples[3] = samples[3] with { Content = new ScriptedContent(() => throw new InvalidOperationException("bug")) };
        using BatchLoader loader = Loader(samples);
        Assert.Equal("bug", Assert.Throws<InvalidOperationException>(() => loader.Epoch(0).Count()).Message);
    });

    [Fact]
    public void Workers_stay_within_the_bounds_of_the_prefetch() => AssertNothingIsLeft(() =>
    {
        int started = 0;
        ImageSample[] samples =
            [.. Enumerable.Range(0, 100).Select(i => new ImageSample($"{i}", 0, "train", null, new ScriptedContent(() => { Interlocked.Increment(ref started); return TestImages.Random(32, 32, i); })))];
        using BatchLoader loader = Loader(samples);
        using IEnumerator<Batch> pass = loader.Epoch(0).GetEnumerator();
        Assert.True(pass.MoveNext());
        pass.Current.Dispose();
        Thread.Sleep(200);
        Assert.InRange(Volatile.Read(ref started), 8, 8 * (1 + 3));
    });
}
