using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Training.Augmentation;
using Sightline.Training.Pipeline;
using TorchSharp;

namespace Sightline.Tests;

public sealed class BatchLoaderTests
{
    /// <summary>Every step that draws.</summary>
    private static readonly AugmentationRecipe Everything = new()
    {
        Pad = 4,
        PadFill = PadFill.Reflect,
        HorizontalFlip = 0.5,
        RandAugment = new RandAugmentRecipe(),
        ColorJitter = new ColorJitterRecipe { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 },
        RandomErasing = new RandomErasingRecipe { Fill = EraseFill.Noise },
        MixUp = new MixUpRecipe(),
        CutMix = new CutMixRecipe(),
    };

    private sealed record Copy(int Number, float[] Images, long[] Labels, float[]? Targets, int[] Indices)
    {
        public static Copy Of(Batch batch)
        {
            using (batch)
                return new Copy(batch.Number, batch.Images.data<float>().ToArray(), batch.Labels.data<long>().ToArray(), batch.SoftTargets?.data<float>().ToArray(), batch.Indices);
        }
    }

    private static Copy[] Run(BatchLoader loader, int epoch, int startBatch = 0) => [.. loader.Epoch(epoch, startBatch).Select(Copy.Of)];

    private static void AssertSame(Copy[] expected, Copy[] seen)
    {
        Assert.Equal(expected.Length, seen.Length);
        for (int b = 0; b < expected.Length; b++)
        {
            Assert.Equal(expected[b].Number, seen[b].Number);
            Assert.Equal(expected[b].Indices, seen[b].Indices);
            Assert.Equal(expected[b].Labels, seen[b].Labels);
            Assert.Equal(expected[b].Targets ?? [], seen[b].Targets ?? []);
            Assert.True(expected[b].Images.AsSpan().SequenceEqual(seen[b].Images), $"the images of batch {b} differ");
        }
    }

    private static LoaderOptions Options(int workers, int prefetch = 3) =>
        new() { BatchSize = 10, Seed = 7, Shuffle = true, Workers = workers, Prefetch = prefetch, Classes = 4 };

    [Fact]
    public void Shares_repeat_images_each_copy_augmented_by_itself_and_a_resume_gets_the_same()
    {
        // One class of 40, one of 4.
        ImageSample[] samples = [.. TestImages.Samples(44).Select((s, i) => s with { Label = i < 40 ? 0 : 1 })];
        SampleShares shares = SampleShares.Of(new Training.Recipes.SamplingRecipe { Name = Training.Recipes.SamplingName.ClassBalanced }, [.. samples.Select(s => s.Label)], 2)!;
        using var loader = new BatchLoader(samples, TestImages.At(32, 32), new AugmentationRecipe { Pad = 4 }, Options(2) with { Shares = shares, Classes = 2 });
        Assert.Equal(44, loader.ImagesPerEpoch);
        Copy[] whole = Run(loader, epoch: 1);
        AssertSame(whole[2..], Run(loader, epoch: 1, startBatch: 2));
        (int Index, float[] Image)[] rare = [.. whole.SelectMany(b => b.Indices.Select((index, i) => (index, b.Images[(i * 3072)..((i + 1) * 3072)]))).Where(p => p.index >= 40)];
        Assert.InRange(rare.Length, 20, 24);
        foreach (var copies in rare.GroupBy(p => p.Index))
        {
            Assert.InRange(copies.Count(), 5, 6);
            Assert.True(copies.Select(c => c.Image.Sum()).Distinct().Count() > 2, "the copies are alike");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(7, 2)]
    [InlineData(3, 100)]
    public void Batches_are_the_same_whatever_the_number_of_workers(int workers, int prefetch)
    {
        ImageSample[] samples = TestImages.Samples(47);
        using var plain = new BatchLoader(samples, TestImages.At(32, 32), Everything, Options(0) with { CacheBytes = 0 });
        using var threaded = new BatchLoader(samples, TestImages.At(32, 32), Everything, Options(workers, prefetch));
        for (int epoch = 0; epoch < 2; epoch++) // the second epoch comes from the cache
            AssertSame(Run(plain, epoch), Run(threaded, epoch));
    }

    [Fact]
    public void Batches_with_random_resized_crop_are_the_same_with_and_without_cache_and_workers()
    {
        ImageSample[] samples = [.. TestImages.Samples(12, 30, 25), .. TestImages.Samples(12, 90, 70)];
        AugmentationRecipe recipe = Everything with { Pad = 0, RandomResizedCrop = new RandomResizedCropRecipe() };
        using var plain = new BatchLoader(samples, TestImages.At(32, 32), recipe, Options(0) with { CacheBytes = 0 });
        using var threaded = new BatchLoader(samples, TestImages.At(32, 32), recipe, Options(4));
        for (int epoch = 0; epoch < 3; epoch++)
            AssertSame(Run(plain, epoch), Run(threaded, epoch));
    }

    [Fact]
    public void An_epoch_taken_up_in_its_middle_gives_exactly_the_remaining_batches()
    {
        ImageSample[] samples = TestImages.Samples(47);
        using var loader = new BatchLoader(samples, TestImages.At(32, 32), Everything, Options(2));
        Copy[] whole = Run(loader, 3);
        for (int start = 0; start <= loader.BatchesPerEpoch; start++)
        {
            using var fresh = new BatchLoader(samples, TestImages.At(32, 32), Everything, Options(2));
            AssertSame(whole[start..], Run(fresh, 3, start));
        }
    }

    [Fact]
    public void Every_image_comes_once_an_epoch_in_an_order_that_changes_with_epoch_and_seed()
    {
        ImageSample[] samples = TestImages.Samples(53);
        using var loader = new BatchLoader(samples, TestImages.At(32, 32), AugmentationRecipe.None, Options(2));
        int[] first = [.. Run(loader, 0).SelectMany(b => b.Indices)], second = [.. Run(loader, 1).SelectMany(b => b.Indices)];
        Assert.Equal(Enumerable.Range(0, 53), first.Order());
        Assert.Equal(Enumerable.Range(0, 53), second.Order());
        Assert.NotEqual(first, second);
        using var other = new BatchLoader(samples, TestImages.At(32, 32), AugmentationRecipe.None, Options(2) with { Seed = 8 });
        Assert.NotEqual(first, [.. Run(other, 0).SelectMany(b => b.Indices)]);
        Assert.All(Run(loader, 0), b => Assert.Equal(b.Indices.Select(i => (long)samples[i].Label), b.Labels));
    }

    [Theory]
    [InlineData(47, 10, false, 5, 47)]
    [InlineData(47, 10, true, 4, 40)]
    [InlineData(40, 10, true, 4, 40)]
    [InlineData(3, 10, false, 1, 3)]
    [InlineData(3, 10, true, 0, 0)]
    [InlineData(1, 1, false, 1, 1)]
    public void The_last_batch_is_short_or_dropped(int count, int batchSize, bool dropLast, int batches, int images)
    {
        using var loader = new BatchLoader(TestImages.Samples(count), TestImages.At(32, 32), AugmentationRecipe.None, Options(2) with { BatchSize = batchSize, DropLast = dropLast });
        Assert.Equal((batches, images), (loader.BatchesPerEpoch, loader.ImagesPerEpoch));
        Copy[] run = Run(loader, 0);
        Assert.Equal((batches, images), (run.Length, run.Sum(b => b.Indices.Length)));
    }

    [Theory]
    [InlineData(ResizeRule.Stretch)]
    [InlineData(ResizeRule.Letterbox)]
    [InlineData(ResizeRule.ShorterSideCenterCrop)]
    public void Without_augmentation_the_input_is_bit_for_bit_what_the_robot_computes(ResizeRule rule)
    {
        ImageSample[] samples = [.. TestImages.Samples(5, 50, 40), .. TestImages.Samples(5, 33, 64)];
        Preprocessing preprocessing = TestImages.At(32, 32, rule);
        using var loader = new BatchLoader(samples, preprocessing, AugmentationRecipe.None, Options(2) with { Shuffle = false });
        var expected = new float[preprocessing.Length];
        for (int pass = 0; pass < 2; pass++) // decoded, then from the cache
        {
            Copy batch = Assert.Single(Run(loader, pass));
            Assert.Equal(Enumerable.Range(0, 10), batch.Indices);
            for (int i = 0; i < samples.Length; i++)
            {
                preprocessing.Apply(samples[i].Content.Decode(), expected);
                Assert.True(expected.AsSpan().SequenceEqual(batch.Images.AsSpan(i * expected.Length, expected.Length)), $"image {i}");
            }
        }
    }

    [Fact]
    public void Tensors_have_the_promised_shapes_and_types_and_belong_to_the_batch()
    {
        using var loader = new BatchLoader(TestImages.Samples(12), TestImages.At(24, 16), Everything, Options(1));
        List<Batch> batches;
        using (torch.NewDisposeScope())
            batches = [.. loader.Epoch(0)];
        foreach (Batch batch in batches)
        {
            using (batch)
            {
                Assert.Equal([batch.Count, 3, 16, 24], batch.Images.shape);
                Assert.Equal(torch.ScalarType.Float32, batch.Images.dtype);
                Assert.True(batch.Images.is_contiguous());
                Assert.Equal([batch.Count], batch.Labels.shape);
                Assert.Equal(torch.ScalarType.Int64, batch.Labels.dtype);
                Assert.Equal([batch.Count, 4], batch.SoftTargets!.shape);
                Assert.Equal(torch.ScalarType.Float32, batch.SoftTargets.dtype);
            }
        }
    }

    [Fact]
    public void Small_images_are_decoded_once_in_a_run_while_the_budget_lasts()
    {
        ImageSample[] samples = TestImages.Samples(20);
        using var loader = new BatchLoader(samples, TestImages.At(32, 32), Everything, Options(3) with { CacheBytes = 10 * 32 * 32 * 3 });
        for (int epoch = 0; epoch < 3; epoch++)
            Run(loader, epoch);
        int[] decodes = [.. samples.Select(s => ((MemoryContent)s.Content).Decodes)];
        Assert.Equal(10, decodes.Count(d => d == 1));
        Assert.Equal(10, decodes.Count(d => d == 3));
    }

    [Fact]
    public void Mixed_labels_without_the_number_of_classes_are_refused() =>
        Assert.Contains("label", Assert.Throws<ArgumentException>(() => new BatchLoader(TestImages.Samples(8), TestImages.At(32, 32), Everything, Options(1) with { Classes = 2 })).Message);
}
