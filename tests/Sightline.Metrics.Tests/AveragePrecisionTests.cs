using CsCheck;
using Sightline.Imaging;
using Sightline.Metrics.Detection;

namespace Sightline.Tests;

/// <summary>Average precision as COCO counts it.</summary>
public sealed class AveragePrecisionTests
{
    private static readonly CropBox A = new(0, 0, 10, 10), B = new(20, 20, 10, 10), Far = new(50, 50, 5, 5);

    [Fact]
    public void Of_two_objects_one_found_first_gives_51_of_101_recalls()
    {
        AveragePrecision one = AveragePrecision.Of([new([new(A, 0.9)], [A, B])]);
        Assert.Equal(51 / 101.0, one.Ap, 12);
        Assert.Equal([0.5], one.Recall);
        // A wrong box in front halves the precision everywhere; one behind costs nothing.
        Assert.Equal(51 / 101.0 / 2, AveragePrecision.Of([new([new(A, 0.9), new(Far, 0.95)], [A, B])]).Ap, 12);
        Assert.Equal(51 / 101.0, AveragePrecision.Of([new([new(A, 0.9), new(Far, 0.1)], [A, B])]).Ap, 12);
    }

    [Fact]
    public void Precision_is_made_to_fall_with_recall()
    {
        // Right, wrong, right: precisions 1, 1/2, 2/3; from recall 0.51 on the best still to come is 2/3.
        AveragePrecision curve = AveragePrecision.Of([new([new(A, 0.9), new(Far, 0.8), new(B, 0.7)], [A, B])]);
        Assert.Equal((51 + 50 * 2 / 3.0) / 101, curve.Ap, 12);
        Assert.Equal([1, 0.5, 2 / 3.0], curve.Precision);
    }

    [Fact]
    public void A_second_box_on_the_same_object_is_wrong()
    {
        var shifted = new CropBox(1, 0, 10, 10);
        IReadOnlyList<(ScoredBox Box, int Object)> matches = AveragePrecision.Match(new([new(shifted, 0.8), new(A, 0.9)], [A]), 0.5);
        Assert.Equal([0, -1], matches.Select(m => m.Object));
        // The surer box takes the object even where the other fits better.
        Assert.Equal([0, -1], AveragePrecision.Match(new([new(A, 0.8), new(shifted, 0.9)], [A]), 0.5).Select(m => m.Object));
        // Each takes the free object that it overlaps most.
        Assert.Equal([1, 0], AveragePrecision.Match(new([new(shifted, 0.9), new(A, 0.8)], [A, shifted]), 0.5).Select(m => m.Object));
    }

    [Fact]
    public void Nothing_to_find_and_nothing_found()
    {
        Assert.True(double.IsNaN(AveragePrecision.Of([new([new(A, 0.9)], [])]).Ap));
        Assert.Equal(0, AveragePrecision.Of([new([], [A])]).Ap);
        Assert.Throws<ArgumentOutOfRangeException>(() => AveragePrecision.Of([], iou: 0));
    }

    [Fact]
    public void A_hundred_boxes_of_an_image_count()
    {
        ScoredBox[] wrong = [.. Enumerable.Range(0, 100).Select(i => new ScoredBox(Far, 0.9 - i * 1e-3))];
        Assert.Equal(0, AveragePrecision.Of([new([.. wrong, new(A, 0.1)], [A])]).Ap);
    }

    [Fact]
    public void The_mean_is_between_the_worst_and_the_best_order_and_falls_with_the_threshold()
    {
        Gen.Select(Gen.Int[1, 6], Gen.ULong).Sample((images, seed) =>
        {
            var stream = new SeedStream(seed, "boxes");
            CropBox Draw() => new(stream.NextInt(20), stream.NextInt(20), 5 + stream.NextInt(10), 5 + stream.NextInt(10));
            var set = new List<ImageDetections>();
            for (int i = 0; i < images; i++)
            {
                CropBox[] objects = [.. Enumerable.Range(0, 1 + stream.NextInt(4)).Select(_ => Draw())];
                ScoredBox[] found = [.. Enumerable.Range(0, stream.NextInt(6)).Select(_ => new ScoredBox(stream.NextInt(2) == 0 ? Draw() : objects[stream.NextInt(objects.Length)], stream.NextDouble()))];
                set.Add(new ImageDetections(found, objects));
            }
            double loose = AveragePrecision.Of(set, 0.3).Ap;
            Assert.InRange(loose, 0, 1);
            // The true boxes in front of all others, surest, are found perfectly.
            Assert.Equal(1, AveragePrecision.Of([.. set.Select(i => i with { Found = [.. i.Objects.Select(o => new ScoredBox(o, 2)), .. i.Found] })], 1).Ap, 12);
            // An independent count: the mean over recalls of the best precision at or beyond each.
            AveragePrecision curve = AveragePrecision.Of(set, 0.5);
            double mean = Enumerable.Range(0, 101).Average(k => curve.Recall.Zip(curve.Precision).Where(p => p.First >= k / 100.0).Select(p => p.Second).DefaultIfEmpty(0).Max());
            Assert.Equal(mean, curve.Ap, 12);
        });
    }

    [Fact]
    public void Overlap_of_whole_pixels_is_their_count()
    {
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[1, 9], Gen.Int[1, 9]).Array[2].Sample(two =>
        {
            CropBox[] boxes = [.. two.Select(b => new CropBox(b.Item1, b.Item2, b.Item3, b.Item4))];
            HashSet<(int, int)>[] pixels = [.. two.Select(b => Enumerable.Range(b.Item1, b.Item3).SelectMany(x => Enumerable.Range(b.Item2, b.Item4).Select(y => (x, y))).ToHashSet())];
            int shared = pixels[0].Intersect(pixels[1]).Count(), all = pixels[0].Union(pixels[1]).Count();
            Assert.Equal(shared / (double)all, boxes[0].IoU(boxes[1]), 12);
            Assert.Equal(boxes[0].IoU(boxes[1]), boxes[1].IoU(boxes[0]), 12);
        });
    }
}
