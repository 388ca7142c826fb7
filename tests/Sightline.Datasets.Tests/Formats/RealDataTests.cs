using Sightline.Datasets;
using Sightline.Imaging;

namespace Sightline.Tests;

public sealed class RealDataTests
{
    [Fact]
    public void Cifar10_in_two_archives_is_one_set_with_two_splits()
    {
        ImageSet set = ImageSet.Open(SharedData.Require("cifar10"));
        Assert.Equal("class-folders", set.Format);
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], set.Classes);
        Assert.Equal(["train", "test"], set.Splits);
        Assert.Equal(50_000, set.Samples.Count(s => s.Split == "train"));
        Assert.Equal(8_750, set.Samples.Count(s => s.Split == "test"));
        Assert.All(Enumerable.Range(0, 10), c => Assert.Equal(875, set.Samples.Count(s => s.Split == "test" && s.Label == c)));
        Assert.Empty(set.Problems);
        Assert.StartsWith("train.tar.gz!train/airplane/", set.Samples.First(s => s.Split == "train").Name);
        Assert.Equal(32, set.Samples[0].Content.Decode().Width);
    }

    [Fact]
    public void The_official_binary_form_of_cifar_holds_the_pixels_of_the_jpegs()
    {
        string folder = SharedData.Require("cifar10");
        ImageSet binary = ImageSet.Open(Path.Combine(folder, "sample_batch.bin.gz"));
        Assert.Equal("cifar-10-binary", binary.Format);
        Assert.Equal(500, binary.Samples.Count);
        var jpegs = ImageSet.Open(folder).Samples.ToDictionary(s => s.Name.Split('!')[1]);
        string[] rows = [.. File.ReadLines(Path.Combine(folder, "sample_batch.csv")).Skip(1)];
        Assert.Equal(500, rows.Length);
        long different = 0;
        foreach ((int i, string row) in rows.Index())
        {
            ImageSample jpeg = jpegs[row.Split(',').First(f => f.EndsWith(".jpg", StringComparison.Ordinal))];
            Assert.Equal(jpeg.Label, binary.Samples[i].Label);
            byte[] expected = binary.Samples[i].Content.Decode().Pixels, actual = jpeg.Content.Decode().Pixels;
            int largest = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
            different += expected.Zip(actual).Count(p => p.First != p.Second);
            Assert.True(largest <= 3, $"{jpeg.Name} differs from libjpeg-turbo by {largest} grey levels");
        }
        Assert.True(different < 500 * 3072 / 100, $"{different} of {500 * 3072} values differ from libjpeg-turbo");
    }

    [Fact]
    public void Bccd_gives_crops_of_its_cells_and_names_its_two_empty_boxes()
    {
        ImageSet set = ImageSet.Open(SharedData.Require("bccd"), new ImageSetOptions { MinCropSide = 0 });
        Assert.Equal("voc-crops", set.Format);
        Assert.Equal(["Platelets", "RBC", "WBC"], set.Classes);
        DataProblem[] empty = [.. set.Problems.Where(p => p.Code == "box-empty")];
        Assert.Equal(["BloodImage_00338", "BloodImage_00343"], empty.Select(p => Path.GetFileName(p.Path).Split('.')[0]));
        Assert.Equal(4_888, set.Samples.Count + set.Problems.Sum(p => p.Unusable));
        Assert.Equal([361, 372], new[] { 0, 2 }.Select(c => set.Samples.Count(s => s.Label == c)));
        Assert.Equal(["train", "val", "test"], set.Splits);
        Assert.Equal([205, 87, 72], set.Splits.Select(s => set.Samples.Where(x => x.Split == s).Select(x => x.Group).Distinct().Count()));
        RgbImage crop = set.Samples[0].Content.Decode();
        Assert.Equal(crop.Width, crop.Height);
    }
}
