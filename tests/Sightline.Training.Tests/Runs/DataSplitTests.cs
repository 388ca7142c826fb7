using CsCheck;
using Sightline.Datasets;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Tests;

public sealed class DataSplitTests
{
    [Fact]
    public void Every_image_is_in_one_part_and_no_drive_is_cut()
    {
        Gen<(int Images, int Drives, int Classes, double Val, double Test, ulong Seed)> cases =
            Gen.Select(Gen.Int[30, 200], Gen.Int[3, 9], Gen.Int[2, 5], Gen.Double[0.05, 0.4], Gen.Double[0, 0.4], Gen.ULong);
        cases.Sample(c =>
        {
            ImageSet set = Set(c.Images, i => $"drive-{i % c.Drives}", c.Classes);
            TrainingData data = DataSplit.Of(set, new SplitRecipe { By = SplitRule.Group, ValidationFraction = c.Val, TestFraction = c.Test }, c.Seed, "f");
            Whole(set, data);
            HashSet<string?> train = Drives(data.Train), val = Drives(data.Validation), test = Drives(data.Test);
            Assert.Empty(train.Intersect(val).Concat(val.Intersect(test)).Concat(train.Intersect(test)));
            Assert.NotEmpty(val);
            Assert.Equal(c.Test > 0, test.Count > 0);
        }, iter: 200);
    }

    [Fact]
    public void Imbalance_thins_classes_exponentially()
    {
        ImageSet set = Set(5000, _ => null, 10);
        TrainingData data = DataSplit.Of(set, new SplitRecipe { ValidationFraction = 0.1, Imbalance = 100 }, 3, "f");
        // 450 of each class: 450 · 100^(−k/9), rounded down.
        Assert.Equal([450, 269, 161, 96, 58, 34, 20, 12, 7, 4], Enumerable.Range(0, 10).Select(k => data.Train.Count(s => s.Label == k)));
        Assert.Equal(500, data.Validation.Count);
        Assert.Contains("an imbalance of 100", data.Explanation, StringComparison.Ordinal);
        Assert.Equal(data.Train.Select(s => s.Name), DataSplit.Of(set, new SplitRecipe { ValidationFraction = 0.1, Imbalance = 100 }, 3, "f").Train.Select(s => s.Name));
    }

    [Fact]
    public void A_random_split_keeps_the_classes_shares()
    {
        ImageSet set = Set(1000, _ => null, 4);
        TrainingData data = DataSplit.Of(set, new SplitRecipe { ValidationFraction = 0.2, TestFraction = 0.1 }, 3, "f");
        Whole(set, data);
        Assert.Equal((100, 200), (data.Test.Count, data.Validation.Count));
        foreach (int label in Enumerable.Range(0, 4))
            Assert.Equal((25, 50), (data.Test.Count(s => s.Label == label), data.Validation.Count(s => s.Label == label)));
        Assert.Equal(data.SplitFingerprint, DataSplit.Of(set, new SplitRecipe { ValidationFraction = 0.2, TestFraction = 0.1 }, 3, "f").SplitFingerprint);
        Assert.NotEqual(data.SplitFingerprint, DataSplit.Of(set, new SplitRecipe { ValidationFraction = 0.2, TestFraction = 0.1 }, 4, "f").SplitFingerprint);
    }

    [Theory]
    [InlineData(SplitRule.Auto)]
    [InlineData(SplitRule.Group)]
    public void A_manifest_in_which_two_images_name_no_drive_is_split_by_drive_and_passes_the_gate(SplitRule rule)
    {
        using var folder = new TinyImageFolder(perClass: 10);
        var rows = new List<string> { "path,label,drive" };
        string[] images = [.. Directory.GetFiles(folder.Images, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        // Each drive sees every class; a class's images are ten in a row.
        foreach ((int i, string image) in images.Index())
            rows.Add($"{Path.GetRelativePath(folder.Images, image)},{Path.GetFileName(Path.GetDirectoryName(image))},{(i is 3 or 14 ? "" : $"drive-{i % 5}")}");
        string manifest = Path.Combine(folder.Images, "manifest.csv");
        File.WriteAllLines(manifest, rows);
        TrainingData data = TrainingData.Open(new DataRecipe { Path = manifest, Split = new SplitRecipe { By = rule, ValidationFraction = 0.3 } }, 1).Checked([]);
        Assert.Equal(images.Length, data.Train.Count + data.Validation.Count);
        Assert.NotEmpty(data.Validation);
        Assert.Empty(Drives(data.Train).Intersect(Drives(data.Validation)));
        Assert.Equal([5, 16], data.Set.Problems.Where(p => p.Code == "manifest-group-missing").Select(p => p.Line!.Value));
    }

    [Theory]
    [InlineData("flat", "data-empty", "in no class's folder")]
    [InlineData("header", "manifest-empty", "no row")]
    [InlineData("gone", "data-empty", "There is no file 'gone.png'")]
    [InlineData("outside", "path-outside-set", "leads out")]
    [InlineData("categories", "label-outside-classes", "not in the file")]
    public void A_set_without_a_usable_image_is_refused_for_its_cause_not_for_its_split(string kind, string code, string part)
    {
        using var folder = new TinyImageFolder(perClass: 1);
        string root = Directory.CreateDirectory(folder.PathOf("empty")).FullName;
        File.Copy(Directory.GetFiles(folder.Images, "*.png", SearchOption.AllDirectories)[0], Path.Combine(root, "a.png"));
        switch (kind)
        {
            case "header":
                File.WriteAllText(Path.Combine(root, "manifest.csv"), "path,label\n");
                break;
            case "gone":
                File.WriteAllText(Path.Combine(root, "manifest.csv"), "path,label\ngone.png,cat\n");
                break;
            case "outside":
                File.WriteAllText(Path.Combine(root, "manifest.csv"), "path,label\n../../a.png,cat\n");
                break;
            case "categories":
                File.WriteAllText(Path.Combine(root, "annotations.json"), """
                    {"images":[{"id":1,"file_name":"a.png","width":12,"height":12}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,12,12]}],"categories":[]}
                    """);
                break;
        }
        var refused = Assert.Throws<BadInputException>(() => TrainingData.Open(new DataRecipe { Path = root }, 1));
        Assert.Equal(code, refused.Code);
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_opens_a_set_as_data_info_does() =>
        Assert.Equal(new ImageSetOptions(), TrainingData.OptionsOf(new DataRecipe { Path = "." }));

    [Theory]
    [InlineData("lists/manifest.csv")]
    [InlineData("lists")]
    public void A_manifest_whose_paths_start_elsewhere_is_read_with_the_recipes_image_root(string path)
    {
        using var folder = new TinyImageFolder(perClass: 4);
        Directory.CreateDirectory(folder.PathOf("lists"));
        File.WriteAllLines(folder.PathOf("lists/manifest.csv"), ["path,label", .. new[] { "cone", "crate" }.SelectMany(c => Enumerable.Range(0, 4).Select(i => $"{c}/{i:000}.png,{(c == "cone" ? 1 : 0)}"))]);
        File.WriteAllText(folder.PathOf("lists/classes.txt"), "crate\ncone\n");
        var recipe = new DataRecipe { Path = path, Split = new SplitRecipe { ValidationFraction = 0.25 } };
        var refused = Assert.Throws<BadInputException>(() => TrainingData.Open(recipe, 1, folder.Root));
        Assert.Contains("data.imageRoot", refused.Fix, StringComparison.Ordinal);
        TrainingData data = TrainingData.Open(recipe with { ImageRoot = "images" }, 1, folder.Root).Checked([]);
        Assert.Equal(8, data.Set.Samples.Count);
        Assert.Equal(["crate", "cone"], data.Set.Classes);
        Assert.Equal("data-missing", Assert.Throws<BadInputException>(() => TrainingData.Open(recipe with { ImageRoot = "imagse" }, 1, folder.Root)).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Copies_of_an_image_stay_together_in_a_random_split(ulong seed)
    {
        using var folder = new TinyImageFolder(perClass: 8);
        foreach (string image in Directory.GetFiles(folder.Images, "00?.png", SearchOption.AllDirectories))
            File.Copy(image, Path.Combine(Path.GetDirectoryName(image)!, "copy-" + Path.GetFileName(image)));
        var recipe = new DataRecipe { Path = folder.Images, Split = new SplitRecipe { ValidationFraction = 0.25, TestFraction = 0.25 } };
        TrainingData data = TrainingData.Open(recipe, seed);
        Assert.Equal((12, 12, 24), (data.Validation.Count, data.Test.Count, data.Train.Count));
        Assert.Contains("copies", data.Explanation, StringComparison.Ordinal);
        Assert.Equal(data.SplitFingerprint, TrainingData.Open(recipe, seed).SplitFingerprint);
        // The gate would stop at a copy in another part.
        data.Checked([]);
    }

    [Fact]
    public void Named_drives_go_where_they_are_named()
    {
        ImageSet set = Set(40, i => $"drive-{i % 4}", 2);
        TrainingData data = DataSplit.Of(set, new SplitRecipe { ValidationGroups = ["drive-1"], TestGroups = ["drive-3"] }, 1, "f");
        Assert.Equal(["drive-1"], Drives(data.Validation));
        Assert.Equal(["drive-3"], Drives(data.Test));
        Assert.Equal(20, data.Train.Count);
        BadInputException error = Assert.Throws<BadInputException>(() => DataSplit.Of(set, new SplitRecipe { TestGroups = ["drive3"] }, 1, "f"));
        Assert.Contains("Did you mean 'drive-3'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Own_splits_are_kept_and_what_is_missing_is_drawn_from_training()
    {
        ImageSet set = Set(100, _ => null, 2);
        set = new ImageSet(set.Format, set.Root, set.Evidence, set.Classes, [.. set.Samples.Select((s, i) => s with { Split = i < 80 ? "train" : "test" })], []);
        TrainingData data = DataSplit.Of(set, new SplitRecipe { ValidationFraction = 0.25, TrainLimit = 10 }, 1, "f");
        Assert.Equal((10, 20, 20), (data.Train.Count, data.Validation.Count, data.Test.Count));
        Assert.All(data.Test, s => Assert.Equal("test", s.Split));
        Assert.All(data.Validation, s => Assert.Equal("train", s.Split));
        Assert.Empty(DataSplit.Of(set, new SplitRecipe { ValidationFraction = 0 }, 1, "f").Validation);
    }

    private static void Whole(ImageSet set, TrainingData data) =>
        Assert.Equal(set.Samples.Select(s => s.Name).Order(StringComparer.Ordinal), data.Train.Concat(data.Validation).Concat(data.Test).Select(s => s.Name).Order(StringComparer.Ordinal));

    private static HashSet<string?> Drives(IReadOnlyList<ImageSample> samples) => [.. samples.Select(s => s.Group)];

    private static ImageSet Set(int images, Func<int, string?> drive, int classes)
    {
        ImageSample[] samples = TestImages.Samples(images, 4, 4, classes);
        return new ImageSet("test", "/nowhere", "made up", [.. Enumerable.Range(0, classes).Select(c => $"class {c}")], [.. samples.Select((s, i) => s with { Name = $"{i}", Label = i % classes, Split = "", Group = drive(i) })], []);
    }
}
