using System.Text;
using Sightline.Datasets;
using Sightline.Datasets.Audit;
using Sightline.Datasets.Coco;

namespace Sightline.Tests;

public sealed class ImageSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Healthy.Folders, "class-folders")]
    [InlineData(Healthy.Zip, "class-folders")]
    [InlineData(Healthy.Tar, "class-folders")]
    [InlineData(Healthy.TarGz, "class-folders")]
    [InlineData(Healthy.Csv, "csv-manifest")]
    [InlineData(Healthy.Cifar, "cifar-10-binary")]
    [InlineData(Healthy.Idx, "idx")]
    [InlineData(Healthy.Coco, "coco-crops")]
    [InlineData(Healthy.Voc, "voc-crops")]
    public void Every_form_is_recognised_with_classes_and_splits(Healthy kind, string format)
    {
        ImageSet set = ImageSet.Open(Plot.Of(kind, folder).Write());
        Assert.Equal(format, set.Format);
        Assert.Equal(24, set.Samples.Count);
        Assert.Equal(kind == Healthy.Idx ? ["0", "1"] : ["cat", "dog"], set.Classes);
        Assert.Equal(["train", kind == Healthy.Voc ? "val" : "test"], set.Splits);
        Assert.All(set.Splits, s => Assert.Equal(12, set.Samples.Count(x => x.Split == s)));
        Assert.Equal(24, set.Samples.Select(s => s.Name).Distinct().Count());
        Assert.NotEmpty(set.Evidence);
    }

    // A form below a folder, in an archive: nothing is unpacked, whatever the form.
    [Theory]
    [InlineData(Healthy.Csv)]
    [InlineData(Healthy.Cifar)]
    [InlineData(Healthy.Idx)]
    [InlineData(Healthy.Coco)]
    [InlineData(Healthy.Voc)]
    public void Every_form_is_read_from_archives_too(Healthy kind)
    {
        Plot plot = Plot.Of(kind, folder);
        ImageSet plain = ImageSet.Open(plot.Write());
        var files = plot.Files.ToDictionary(f => "some-folder/" + f.Key, f => f.Value);
        string[] archives =
        [
            folder.Write("a.zip", TestImages.Zip(files)), folder.Write("a.tar", TestImages.Tar(files)), folder.Write("a.tar.gz", TestImages.Gzip(TestImages.Tar(files))),
        ];
        foreach (string archive in archives)
        {
            ImageSet packed = ImageSet.Open(archive);
            Assert.Equal(plain.Format, packed.Format);
            Assert.Equal(plain.Samples.Select(s => (s.Label, s.Split)), packed.Samples.Select(s => (s.Label, s.Split)));
            Assert.All(plain.Samples.Zip(packed.Samples), p => Assert.Equal(p.First.Content.Decode().Pixels, p.Second.Content.Decode().Pixels));
        }
    }

    [Fact]
    public void Of_several_archives_in_a_folder_one_must_be_named()
    {
        folder.Write("set/a.tar", TestImages.Tar(TestImages.ClassFolders()));
        folder.Write("set/b.tar", TestImages.Tar(TestImages.ClassFolders()));
        var refused = Assert.Throws<BadInputException>(() => ImageSet.Open(System.IO.Path.Combine(folder.Path, "set")));
        Assert.Equal("archives-several", refused.Code);
        Assert.Contains("a.tar, b.tar", refused.Message, StringComparison.Ordinal);
        Assert.Contains("train and test", refused.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_into_the_set_or_above_it_counts_no_image_twice()
    {
        foreach ((string name, byte[] bytes) in TestImages.ClassFolders())
            folder.Write("set/" + name, bytes);
        string root = System.IO.Path.Combine(folder.Path, "set");
        File.CreateSymbolicLink(System.IO.Path.Combine(root, "train", "cat", "up"), "../..");
        Directory.CreateSymbolicLink(System.IO.Path.Combine(root, "train", "dog", "again"), System.IO.Path.Combine(root, "train", "dog"));
        Directory.CreateSymbolicLink(System.IO.Path.Combine(root, "test", "dog", "above"), folder.Path);
        ImageSet set = ImageSet.Open(root);
        Assert.Equal(24, set.Samples.Count);
        Assert.Equal(["cat", "dog"], set.Classes);
        Assert.Equal(3, set.Problems.Count(p => p.Code == "folder-link-repeats" && !p.StopsTraining));
    }

    [Fact]
    public void A_link_to_a_folder_elsewhere_is_followed()
    {
        foreach ((string name, byte[] bytes) in TestImages.ClassFolders())
            folder.Write((name.Contains("cat", StringComparison.Ordinal) ? "set/" : "elsewhere/") + name, bytes);
        foreach (string split in new[] { "train", "test" })
            Directory.CreateSymbolicLink(System.IO.Path.Combine(folder.Path, "set", split, "dog"), System.IO.Path.Combine(folder.Path, "elsewhere", split, "dog"));
        ImageSet set = ImageSet.Open(System.IO.Path.Combine(folder.Path, "set"));
        Assert.Empty(set.Problems);
        Assert.Equal((24, 12), (set.Samples.Count, set.Samples.Count(s => s.Name.Contains("/dog/", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_pipe_named_like_an_image_does_not_hang()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no named pipes in folders.");
        foreach ((string name, byte[] bytes) in TestImages.ClassFolders())
            folder.Write("set/" + name, bytes);
        using (var made = System.Diagnostics.Process.Start("mkfifo", folder["set/train/cat/pipe.png"]))
            made.WaitForExit();
        File.CreateSymbolicLink(folder["set/train/cat/link.png"], "pipe.png");
        DataAuditReport report = await Task.Run(() =>
        {
            ImageSet set = ImageSet.Open(System.IO.Path.Combine(folder.Path, "set"));
            set.Fingerprint();
            return DataAudit.Run(set);
        }, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(2, report.Problems.Count(p => p.Code == "image-empty"));
    }

    [Fact]
    public void Many_threads_read_the_same_archive()
    {
        foreach (Healthy kind in new[] { Healthy.Zip, Healthy.Tar, Healthy.TarGz, Healthy.Coco })
        {
            ImageSet set = ImageSet.Open(Plot.Of(kind, folder).Write());
            byte[][] expected = [.. set.Samples.Select(s => s.Content.Decode().Pixels)];
            ImageSet again = ImageSet.Open(set.Root);
            Parallel.For(0, 480, i => Assert.Equal(expected[i % 24], again.Samples[i % 24].Content.Decode().Pixels));
        }
    }

    [Fact]
    public void A_tar_too_large_for_memory_goes_through_the_cache_folder_once()
    {
        string path = Plot.Of(Healthy.TarGz, folder).Write();
        var options = new ImageSetOptions { MemoryBytes = 5000, CacheFolder = Path.Combine(folder.Path, "cache") };
        ImageSet spilled = ImageSet.Open(path, options);
        FileInfo cached = Assert.Single(new DirectoryInfo(Path.Combine(folder.Path, "cache", "unpacked")).GetFiles());
        Assert.Equal(ImageSet.Open(path).Fingerprint(), spilled.Fingerprint());
        DateTime written = cached.LastWriteTimeUtc;
        Assert.Equal(24, ImageSet.Open(path, options).Samples.Count);
        cached.Refresh();
        Assert.Equal(written, cached.LastWriteTimeUtc);
    }

    [Fact]
    public void The_fingerprint_is_of_the_data_not_of_its_place()
    {
        Plot plot = Plot.Of(Healthy.Folders, folder);
        string path = plot.Write();
        string moved = Path.Combine(folder.Path, "moved");
        string before = ImageSet.Open(path).Fingerprint();
        Directory.Move(path, moved);
        Assert.Equal(before, ImageSet.Open(moved).Fingerprint());
        Assert.Matches("^[0-9a-f]{64}$", before);

        var seen = new HashSet<string> { before };
        File.WriteAllBytes(Path.Combine(moved, "train/cat/00.png"), TestImages.Png(500));
        Assert.True(seen.Add(ImageSet.Open(moved).Fingerprint()), "a changed image");
        File.Move(Path.Combine(moved, "train/cat/01.png"), Path.Combine(moved, "train/dog/99.png"));
        Assert.True(seen.Add(ImageSet.Open(moved).Fingerprint()), "a changed label");
        File.Move(Path.Combine(moved, "train/cat/02.png"), Path.Combine(moved, "test/cat/99.png"));
        Assert.True(seen.Add(ImageSet.Open(moved).Fingerprint()), "a changed split");
        Assert.True(seen.Add(ImageSet.Open(moved, new ImageSetOptions { SplitNames = new Dictionary<string, string> { ["test"] = "val" } }).Fingerprint()), "a renamed split");
        File.Delete(Path.Combine(moved, "train/cat/03.png"));
        Assert.True(seen.Add(ImageSet.Open(moved).Fingerprint()), "a missing image");
    }

    [Fact]
    public void Crops_change_their_fingerprint_with_the_way_they_are_cut()
    {
        string path = Plot.Of(Healthy.Coco, folder).Write();
        string[] prints =
        [
            ImageSet.Open(path).Fingerprint(), ImageSet.Open(path, new ImageSetOptions { CropMargin = 0.2 }).Fingerprint(), ImageSet.Open(path, new ImageSetOptions { SquareCrops = false }).Fingerprint(),
        ];
        Assert.Equal(3, prints.Distinct().Count());
    }

    [Fact]
    public void Crops_of_one_image_or_drive_stay_together()
    {
        Plot plot = Plot.Of(Healthy.Coco, folder);
        ImageSet single = ImageSet.Open(plot.Write());
        Assert.Equal(24, single.Samples.Select(s => s.Group).Distinct().Count());
        Assert.All(single.Samples, s => Assert.StartsWith(s.Group + "#", s.Name));
        plot.EditCoco(c => c with
        {
            Videos = [new CocoVideo(1, "drive-01"), new CocoVideo(2, "drive-02")],
            Images = [.. c.Images.Select(i => i with { VideoId = 1 + (int)(i.Id % 2) })],
        });
        ImageSet drives = ImageSet.Open(plot.Write());
        Assert.Equal(["drive-01", "drive-02"], drives.Samples.Where(s => s.Split == "train").Select(s => s.Group).Distinct().Order());
    }

    [Fact]
    public void A_crop_shows_the_box_and_its_margin()
    {
        Plot plot = Plot.Of(Healthy.Voc, folder);
        string path = plot.Write();
        // The box is x 5–25, y 4–20 in continuous coordinates.
        var exact = new ImageSetOptions { CropMargin = 0, SquareCrops = false };
        Imaging.RgbImage image = Imaging.ImageCodec.Decode(plot.Files["JPEGImages/img-00.png"], "img"), crop = ImageSet.Open(path, exact).Samples[0].Content.Decode();
        Assert.Equal((20, 16), (crop.Width, crop.Height));
        for (int y = 0; y < 16; y++)
            Assert.Equal(image.Row(4 + y).Slice(3 * 5, 3 * 20).ToArray(), crop.Row(y).ToArray());
        Imaging.RgbImage wide = ImageSet.Open(path, exact with { CropMargin = 0.25 }).Samples[0].Content.Decode();
        Assert.Equal((30, 24), (wide.Width, wide.Height));
        Imaging.RgbImage square = ImageSet.Open(path, exact with { SquareCrops = true }).Samples[0].Content.Decode();
        Assert.Equal((20, 20), (square.Width, square.Height));
    }

    [Fact]
    public void A_crop_knows_where_its_objects_box_is()
    {
        string voc = Plot.Of(Healthy.Voc, folder).Write();
        // The box is x 5–25, y 4–20; with this margin the crop begins at the image's corner.
        ObjectPixels box = ImageSet.Open(voc, new ImageSetOptions { CropMargin = 0.25, SquareCrops = false }).Samples[0].Content.FindObject()!;
        Assert.Equal((30, 24, false), (box.Pixels.Width, box.Pixels.Height, box.IsExact));
        for (int i = 0; i < box.Pixels.Values.Length; i++)
            Assert.Equal(i % 30 is >= 5 and < 25 && i / 30 is >= 4 and < 20, box.Pixels.Values[i] == 1);
    }

    [Fact]
    public void A_crop_with_a_mask_knows_its_objects_pixels()
    {
        Plot plot = Plot.Of(Healthy.Coco, folder);
        (CocoAnnotation first, CocoImage image) = (null!, null!);
        plot.EditCoco(c =>
        {
            first = c.Annotations[0];
            image = c.Images.First(i => i.Id == first.ImageId);
            var bitmap = new byte[image.Width * image.Height];
            bitmap[(int)(first.Y + 2) * image.Width + (int)(first.X + 1)] = 1;
            return c with { Annotations = [.. c.Annotations.Select((a, i) => i == 0 ? a with { Mask = RleMask.FromBitmap(bitmap, image.Height, image.Width) } : a)] };
        });
        ImageSample crop = ImageSet.Open(plot.Write(), new ImageSetOptions { CropMargin = 0, SquareCrops = false }).Samples.First(s => s.Name.EndsWith($"#{first.Id}", StringComparison.Ordinal));
        ObjectPixels exact = crop.Content.FindObject()!;
        Assert.True(exact.IsExact);
        Assert.Equal(2 * exact.Pixels.Width + 1, exact.Pixels.Values.Index().Single(v => v.Item != 0).Index);
        Imaging.RgbImage decoded = crop.Content.Decode();
        Assert.Equal((decoded.Width, decoded.Height), (exact.Pixels.Width, exact.Pixels.Height));
    }

    [Fact]
    public void A_single_archive_in_a_folder_is_the_set()
    {
        folder.Write("cache/readme.txt", "hello"u8.ToArray());
        folder.Write("cache/imagenette.tgz", TestImages.Gzip(TestImages.Tar(TestImages.ClassFolders().Select(f => KeyValuePair.Create("imagenette/" + f.Key, f.Value)))));
        Assert.Equal(24, ImageSet.Open(Path.Combine(folder.Path, "cache")).Samples.Count);
    }

    [Fact]
    public void Split_archives_without_a_folder_of_their_own_name_get_it()
    {
        foreach (string split in new[] { "train", "valid" })
            folder.Write($"set/{split}.zip", TestImages.Zip([new("cat/0.png", TestImages.Png(1)), new("dog/0.png", TestImages.Png(2))]));
        ImageSet set = ImageSet.Open(Path.Combine(folder.Path, "set"));
        Assert.Equal(["train", "val"], set.Splits);
        Assert.Equal(["cat", "dog"], set.Classes);
    }

    [Fact]
    public void Classes_alone_are_a_set_without_splits()
    {
        Plot plot = Plot.Of(Healthy.Folders, folder);
        plot.Remove("test/");
        ImageSet set = ImageSet.Open(Path.Combine(plot.Write(), "train"));
        Assert.Equal([""], set.Splits);
        Assert.Equal(12, set.Samples.Count);
        Assert.Empty(set.Problems);
        Assert.Null(set.Samples[0].Content.FindObject());
    }

    [Theory]
    [InlineData("a,b\n\"x, \"\"y\"\"\nz\",2\n", "x, \"y\"\nz|2")]
    [InlineData("a;b\r\nx,y;2\r\n", "x,y|2")]
    [InlineData("a\tb\n\n1\t\n", "1|")]
    [InlineData("\uFEFFa,b\n1,2", "1|2")]
    public void Csv_is_read_as_it_is_written(string text, string record)
    {
        Datasets.Formats.CsvRecord[] records = [.. Datasets.Formats.CsvReader.Read(Encoding.UTF8.GetBytes(text), "x.csv")];
        Assert.Equal("a|b", string.Join('|', records[0].Fields));
        Assert.Equal(record, string.Join('|', records[1].Fields));
    }

    [Fact]
    public void A_missing_path_names_its_neighbour()
    {
        Plot.Of(Healthy.Folders, folder).Write();
        var error = Assert.Throws<BadInputException>(() => ImageSet.Open(Path.Combine(folder.Path, "sett")));
        Assert.Equal("data-missing", error.Code);
        Assert.EndsWith("set'?", error.Fix);
    }

    [Fact]
    public void A_manifest_may_name_its_classes_by_number()
    {
        Plot plot = Plot.Of(Healthy.Csv, folder);
        plot.Add("classes.txt", "cat\ndog\n").Replace("manifest.csv", ",cat,", ",0,").Replace("manifest.csv", ",dog,", ",1,");
        ImageSet set = ImageSet.Open(Path.Combine(plot.Write(), "manifest.csv"));
        Assert.Equal(["cat", "dog"], set.Classes);
        Assert.Equal([0, 1], set.Samples.Take(2).Select(s => s.Label));
        Assert.Equal("drive-1", set.Samples[0].Group);
        Assert.False(DataAudit.Run(set).StopsTraining);
    }
}
