using CsCheck;
using Sightline.Imaging;
using Sightline.Training.Augmentation;

namespace Sightline.Tests;

public sealed class AugmentationTests
{
    private static SeedStream Stream(int i) => new(17, "test", i);

    [Fact]
    public void Random_resized_crops_stay_inside_and_keep_their_bounds() =>
        Gen.Select(Gen.Int[1, 700], Gen.Int[1, 700], Gen.Double[0.05, 0.9], Gen.Int).Sample((width, height, scaleMin, i) =>
        {
            var recipe = new RandomResizedCropRecipe { ScaleMin = scaleMin, ScaleMax = 1 };
            SeedStream stream = Stream(i);
            CropBox box = CropChoice.RandomResized(recipe, ref stream, width, height);
            Assert.True(box.X >= 0 && box.Y >= 0 && box.Width >= 1 && box.Height >= 1 && box.X + box.Width <= width && box.Y + box.Height <= height, $"{box} in {width}×{height}");
            Assert.True(box is { X: var x } && x == Math.Floor(x) && box.Width == Math.Floor(box.Width));
            // Sides are rounded to whole pixels: half a pixel each way. The fallback may leave the area's bounds, never the image.
            bool fallback = box.Width == width || box.Height == height;
            Assert.True(fallback || (box.Width + 0.5) * (box.Height + 0.5) >= scaleMin * width * height);
            Assert.True(fallback || ((box.Width + 0.5) / (box.Height - 0.5) >= recipe.RatioMin && (box.Width - 0.5) / (box.Height + 0.5) <= recipe.RatioMax));
        }, iter: 3000);

    /// <summary>In a square image areas up to 3/4 always fit (the aspect is at most 4/3), so there areas are uniform and the log-aspect is.</summary>
    [Fact]
    public void Areas_and_aspects_of_crops_are_distributed_as_they_should_be()
    {
        var recipe = new RandomResizedCropRecipe { ScaleMin = 0.1, ScaleMax = 0.7 };
        const int n = 20_000, side = 4000;
        double[] areas = new double[n], aspects = new double[n], places = new double[n];
        for (int i = 0; i < n; i++)
        {
            SeedStream stream = Stream(i);
            CropBox box = CropChoice.RandomResized(recipe, ref stream, side, side);
            areas[i] = (box.Width * box.Height / ((double)side * side) - 0.1) / 0.6;
            aspects[i] = (Math.Log(box.Width / box.Height) + Math.Log(4.0 / 3)) / (2 * Math.Log(4.0 / 3));
            places[i] = box.X / (side - box.Width);
        }
        AssertUniform(areas);
        AssertUniform(aspects);
        AssertUniform(places);
    }

    /// <summary>Kolmogorov–Smirnov at a level of 1e-4 (deterministic here: the seed is fixed), with slack for whole pixels.</summary>
    private static void AssertUniform(double[] values)
    {
        Array.Sort(values);
        double largest = values.Select((v, i) => Math.Max(Math.Abs(v - (double)i / values.Length), Math.Abs(v - (i + 1.0) / values.Length))).Max();
        Assert.True(largest < 2.23 / Math.Sqrt(values.Length) + 1e-3, $"largest distance {largest}");
    }

    [Theory]
    [InlineData(10, 100)]
    [InlineData(100, 10)]
    [InlineData(1, 1)]
    [InlineData(300, 299)]
    public void A_crop_that_never_fits_becomes_the_largest_centred_one(int width, int height)
    {
        var recipe = new RandomResizedCropRecipe { ScaleMin = 1, ScaleMax = 1, RatioMin = 1, RatioMax = 1 };
        SeedStream stream = Stream(0);
        CropBox box = CropChoice.RandomResized(recipe, ref stream, width, height);
        int side = Math.Min(width, height);
        Assert.Equal(new CropBox((width - side) / 2, (height - side) / 2, side, side), box);
    }

    [Fact]
    public void Pad_and_crop_equals_a_crop_of_the_padded_image() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[-12, 12], Gen.Int[-12, 12], Gen.Bool).Sample((width, height, dx, dy, reflect) =>
        {
            RgbImage image = TestImages.Random(width, height, width * 10 + height);
            RgbImage seen = PadAndCrop.Shift(image, dx, dy, reflect ? PadFill.Reflect : PadFill.Zero);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    for (int c = 0; c < 3; c++)
                        Assert.Equal(ReferencePadded(image, x + dx, y + dy, c, reflect), seen.Pixels[3 * (y * width + x) + c]);
                }
            }
        }, iter: 2000);

    /// <summary>Walks into the image step by step, turning at the edges.</summary>
    private static byte ReferencePadded(RgbImage image, int x, int y, int channel, bool reflect)
    {
        if (!reflect && (x < 0 || y < 0 || x >= image.Width || y >= image.Height))
            return 0;
        return image.Pixels[3 * (Walk(y, image.Height) * image.Width + Walk(x, image.Width)) + channel];

        static int Walk(int to, int size)
        {
            int at = 0, step = to < 0 ? -1 : 1, direction = step;
            for (int i = 0; i != to; i += step)
            {
                if (size == 1)
                    return 0;
                if (at + direction < 0 || at + direction >= size)
                    direction = -direction;
                at += direction;
            }
            return at;
        }
    }

    [Fact]
    public void Erased_rectangles_keep_their_bounds_and_nothing_else_changes()
    {
        var recipe = new RandomErasingRecipe { Probability = 1 };
        int erased = 0;
        for (int i = 0; i < 500; i++)
        {
            float[] image = [.. Enumerable.Range(0, 3 * 40 * 60).Select(k => k + 1f)];
            SeedStream stream = Stream(i);
            RandomErasing.Apply(recipe, image, 60, 40, ref stream);
            int[] gone = [.. Enumerable.Range(0, 40 * 60).Where(k => image[k] == 0)];
            for (int k = 0; k < image.Length; k++)
                Assert.True(image[k] == k + 1 || (image[k] == 0 && image[k % 2400] == 0));
            if (gone.Length == 0)
                continue;
            erased++;
            int left = gone.Min(k => k % 60), right = gone.Max(k => k % 60) + 1, top = gone.Min(k => k / 60), bottom = gone.Max(k => k / 60) + 1;
            Assert.Equal((right - left) * (bottom - top), gone.Length); // a rectangle, in all three channels
            Assert.InRange(gone.Length, 0.02 * 2400 - 40, 0.33 * 2400 + 60);
        }
        Assert.True(erased > 480);
        float[] kept = [1, 2, 3];
        SeedStream never = Stream(1);
        RandomErasing.Apply(recipe with { Probability = 0 }, kept, 1, 1, ref never);
        Assert.Equal([1f, 2, 3], kept);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(4)]
    public void Beta_draws_have_the_mean_and_the_variance_of_Beta(double alpha)
    {
        const int n = 40_000;
        SeedStream stream = Stream(5);
        double sum = 0, squares = 0;
        for (int i = 0; i < n; i++)
        {
            double x = BetaDistribution.Symmetric(alpha, ref stream);
            Assert.InRange(x, 0, 1);
            sum += x;
            squares += (x - 0.5) * (x - 0.5);
        }
        double variance = 1 / (4 * (2 * alpha + 1));
        Assert.Equal(0.5, sum / n, 5 * Math.Sqrt(variance / n));
        Assert.Equal(variance, squares / n, 0.03 * variance);
    }

    private static (float[] Images, float[] Targets) Mix(AugmentationRecipe recipe, int n, int seed)
    {
        // Every image is one number, unlike all others; labels are as many as images.
        float[] images = [.. Enumerable.Range(0, n).SelectMany(i => Enumerable.Repeat((float)(1 << i), 3 * 6 * 8))];
        int[] labels = [.. Enumerable.Range(0, n)];
        float[] targets = new float[n * n];
        SeedStream stream = Stream(seed);
        LabelMixing.Apply(recipe, images, labels, targets, 8, 6, n, ref stream);
        return (images, targets);
    }

    [Fact]
    public void CutMix_labels_are_the_shares_of_the_pixels()
    {
        int mixed = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            (float[] images, float[] targets) = Mix(new AugmentationRecipe { CutMix = new CutMixRecipe() }, 5, seed);
            for (int i = 0; i < 5; i++)
            {
                float[] image = images[(i * 144)..((i + 1) * 144)];
                for (int c = 0; c < 5; c++)
                    Assert.Equal(image.Count(v => v == 1 << c) / 144.0, targets[i * 5 + c], 5);
                mixed += image.Distinct().Count() > 1 ? 1 : 0;
            }
        }
        Assert.True(mixed > 600);
    }

    [Fact]
    public void MixUp_labels_are_the_shares_of_the_images()
    {
        int mixed = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            (float[] images, float[] targets) = Mix(new AugmentationRecipe { MixUp = new MixUpRecipe { Alpha = 1 } }, 5, seed);
            for (int i = 0; i < 5; i++)
            {
                double expected = Enumerable.Range(0, 5).Sum(c => targets[i * 5 + c] * (1 << c));
                Assert.All(images[(i * 144)..((i + 1) * 144)], v => Assert.Equal(expected, v, 3));
                Assert.Equal(1, targets[(i * 5)..(i * 5 + 5)].Sum(), 5);
                mixed += targets[(i * 5)..(i * 5 + 5)].Count(t => t > 0) > 1 ? 1 : 0;
            }
        }
        Assert.True(mixed > 600);
    }

    [Theory]
    [InlineData(1.0, 1.0, 0.5, 0.5)]
    [InlineData(0.2, 0.3, 0.2, 0.3)]
    [InlineData(0.0, 0.4, 0.0, 0.4)]
    public void Batches_are_mixed_as_often_as_asked(double mixUp, double cutMix, double expectMixUp, double expectCutMix)
    {
        const int n = 4000;
        int up = 0, cut = 0;
        var recipe = new AugmentationRecipe { MixUp = new MixUpRecipe { Probability = mixUp, Alpha = 4 }, CutMix = new CutMixRecipe { Probability = cutMix, Alpha = 50 } };
        for (int seed = 0; seed < n; seed++)
        {
            (float[] images, _) = Mix(recipe, 12, seed);
            bool blended = images.Any(v => !float.IsPow2(v));
            bool pasted = !blended && Enumerable.Range(0, 12).Any(i => images[(i * 144)..((i + 1) * 144)].Distinct().Count() > 1);
            up += blended ? 1 : 0;
            cut += pasted ? 1 : 0;
        }
        Assert.Equal(expectMixUp, (double)up / n, 0.03);
        Assert.Equal(expectCutMix, (double)cut / n, 0.03);
    }

    private static float[] Augmented(AugmentationRecipe recipe, int index, int epoch, ulong seed = 3)
    {
        var input = new float[3 * 32 * 32];
        new SampleAugmentation(recipe, TestImages.At(32, 32), seed).Write(TestImages.Random(32, 32, 1), index, epoch, input);
        return input;
    }

    public static TheoryData<string> Steps() => ["pad", "flip", "alternating", "rand-augment", "jitter", "erasing"];

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_step_depends_on_seed_index_and_epoch_and_on_no_other_step(string name)
    {
        AugmentationRecipe step = name switch
        {
            "pad" => new AugmentationRecipe { Pad = 4 },
            "flip" => new AugmentationRecipe { HorizontalFlip = 0.5 },
            "alternating" => new AugmentationRecipe { AlternatingFlip = true },
            "rand-augment" => new AugmentationRecipe { RandAugment = new RandAugmentRecipe() },
            "jitter" => new AugmentationRecipe { ColorJitter = new ColorJitterRecipe { Brightness = 0.4, Hue = 0.1 } },
            _ => new AugmentationRecipe { RandomErasing = new RandomErasingRecipe { Probability = 1 } },
        };
        Assert.Equal(Augmented(step, 4, 2), Augmented(step, 4, 2));
        int[] range = [.. Enumerable.Range(0, 40)];
        Assert.True(range.Select(i => string.Join(',', Augmented(step, i, 2))).Distinct().Count() > 1, "the sample's index changes nothing");
        Assert.True(range.Select(e => string.Join(',', Augmented(step, 4, e))).Distinct().Count() > 1, "the epoch changes nothing");
        Assert.True(range.Select(s => string.Join(',', Augmented(step, 4, 2, (ulong)s))).Distinct().Count() > 1, "the seed changes nothing");
        // Adding erasing after it leaves what is not erased as it was.
        if (step.RandomErasing is null)
        {
            float[] alone = Augmented(step, 4, 2), with = Augmented(step with { RandomErasing = new RandomErasingRecipe { Probability = 1 } }, 4, 2);
            Assert.All(alone.Zip(with), pair => Assert.True(pair.First == pair.Second || pair.Second == 0));
            Assert.NotEqual(alone, with);
        }
    }

    [Fact]
    public void The_alternating_flip_mirrors_every_second_epoch_and_half_of_the_images_first()
    {
        var recipe = new AugmentationRecipe { AlternatingFlip = true };
        float[] plain = Augmented(AugmentationRecipe.None, 0, 0);
        bool[] first = [.. Enumerable.Range(0, 200).Select(i => !Augmented(recipe, i, 0).AsSpan().SequenceEqual(plain))];
        Assert.InRange(first.Count(f => f), 75, 125);
        for (int i = 0; i < 20; i++)
        {
            for (int epoch = 1; epoch < 5; epoch++)
                Assert.Equal(first[i] ^ (epoch % 2 == 1), !Augmented(recipe, i, epoch).AsSpan().SequenceEqual(plain));
        }
    }

    [Fact]
    public void Flips_come_as_often_as_asked()
    {
        float[] plain = Augmented(AugmentationRecipe.None, 0, 0);
        Assert.InRange(Enumerable.Range(0, 400).Count(i => !Augmented(new AugmentationRecipe { HorizontalFlip = 0.3 }, i, 0).AsSpan().SequenceEqual(plain)), 90, 150);
    }

    [Fact]
    public void Values_out_of_range_are_refused_under_their_key()
    {
        (AugmentationRecipe Recipe, string Key)[] wrong =
        [
            (new() { Pad = -1 }, "pad"),
            (new() { Pad = 4, RandomResizedCrop = new() }, "pad"),
            (new() { HorizontalFlip = 1.5 }, "horizontalFlip"),
            (new() { HorizontalFlip = double.NaN }, "horizontalFlip"),
            (new() { HorizontalFlip = 0.5, AlternatingFlip = true }, "alternatingFlip"),
            (new() { RandomResizedCrop = new() { ScaleMin = 0 } }, "randomResizedCrop.scaleMin"),
            (new() { RandomResizedCrop = new() { RatioMin = 3, RatioMax = 2 } }, "randomResizedCrop.ratioMin"),
            (new() { ColorJitter = new() { Hue = 0.6 } }, "colorJitter.hue"),
            (new() { ColorJitter = new() { Contrast = -1 } }, "colorJitter.contrast"),
            (new() { RandAugment = new() { Magnitude = 31 } }, "randAugment.magnitude"),
            (new() { RandAugment = new() { Operations = -1 } }, "randAugment.operations"),
            (new() { RandomErasing = new() { Probability = 2 } }, "randomErasing.probability"),
            (new() { MixUp = new() { Alpha = 0 } }, "mixUp.alpha"),
            (new() { CutMix = new() { Probability = -0.1 } }, "cutMix.probability"),
        ];
        foreach ((AugmentationRecipe recipe, string key) in wrong)
        {
            Assert.Equal(key, Assert.Single(recipe.Faults()).Key);
            Assert.Contains($"augmentation.{key}", Assert.Throws<BadInputException>(recipe.Validate).Message);
        }
        new AugmentationRecipe { RandomResizedCrop = new(), ColorJitter = new(), RandAugment = new(), RandomErasing = new(), MixUp = new(), CutMix = new(), HorizontalFlip = 0.5 }.Validate();
    }
}
