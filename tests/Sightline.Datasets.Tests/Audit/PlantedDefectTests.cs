using System.Buffers.Binary;
using System.Text;
using Sightline.Datasets;
using Sightline.Datasets.Audit;
using Sightline.Datasets.Coco;
using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary>
/// Each defect is planted into a small healthy set and must be found under its own code, with a place and a fix; the healthy set has no
/// problem at all. Whether training stops because of it is part of each row.
/// </summary>
public sealed class PlantedDefectTests : IDisposable
{
    private static readonly Dictionary<string, Defect> Defects = All().ToDictionary(d => d.Name);

    private readonly TemporaryFolder folder = new();

    private sealed record Defect(string Name, string Code, bool Stops, Healthy Set, Action<Plot> Plant, string Message);

    public static TheoryData<string> Names => [.. Defects.Keys];

    public static TheoryData<Healthy> HealthySets => [.. Enum.GetValues<Healthy>()];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(HealthySets))]
    public void A_healthy_set_has_no_problem(Healthy kind)
    {
        DataAuditReport report = DataAudit.Run(ImageSet.Open(Plot.Of(kind, folder).Write()));
        Assert.Empty(report.Problems);
        Assert.False(report.StopsTraining);
        Assert.Equal(24, report.Counts.Values.Sum(c => c.Sum()));
        Assert.Same(report.Set, DataGate.Check(report.Set).UsableSet());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_defect_is_found_under_its_code(string name)
    {
        Defect defect = Defects[name];
        Plot plot = Plot.Of(defect.Set, folder);
        defect.Plant(plot);
        string path = plot.Write();
        DataAuditReport report;
        try
        {
            report = DataAudit.Run(ImageSet.Open(path, plot.Options));
        }
        catch (BadInputException error)
        {
            // Damage of the index itself: the set cannot be opened at all.
            Assert.True(defect.Stops);
            Assert.Equal(defect.Code, error.Code);
            Assert.Contains(defect.Message, error.Message);
            Assert.False(string.IsNullOrEmpty(error.Path));
            Assert.False(string.IsNullOrEmpty(error.Fix));
            return;
        }
        DataProblem[] found = [.. report.Problems.Where(p => p.Code == defect.Code)];
        Assert.True(found.Length > 0, $"'{defect.Code}' was not found, but: {string.Join("; ", report.Problems)}");
        Assert.Contains(found, p => (p.Message + p.Path + (p.Line is int line ? $":{line}" : "")).Contains(defect.Message, StringComparison.Ordinal));
        Assert.All(found, p => Assert.False(string.IsNullOrEmpty(p.Path) || string.IsNullOrEmpty(p.Fix)));
        Assert.Equal(defect.Stops, found.Any(p => p.StopsTraining));
        Assert.All(report.Problems.Where(p => p.StopsTraining), p => Assert.Contains(p.Code, ProblemCodes.Stopping));
        if (defect.Stops)
            Assert.Equal(defect.Code, Assert.Throws<BadInputException>(() => DataGate.Check(report, [.. report.Problems.Select(p => p.Code).Where(c => c != defect.Code)])).Code);
    }

    [Fact]
    public void The_gate_names_all_that_stops_training_up_to_ten()
    {
        ImageSet set = ImageSet.Open(Plot.Of(Healthy.Folders, folder).Write());
        DataProblem Problem(int i) => new($"code-{i}", $"file-{i}", $"Message {i}.", $"Fix {i}.", i);
        string Said(int problems) =>
            Assert.Throws<BadInputException>(() => DataGate.Check(DataAudit.Run(set) with { Problems = [.. Enumerable.Range(1, problems).Select(Problem)] })).Message;
        Assert.Equal("file-1:1: [code-1] Message 1. Fix 1. To train all the same: --set 'data.allow=[code-1]'.", Said(1));
        Assert.Equal("file-1:1: [code-1] Message 1. Fix 1.\n1 more stops training too:\n  [code-2] file-2:2: Message 2. Fix 2.\nTo train all the same: --set 'data.allow=[code-1, code-2]'.", Said(2));
        string twelve = Said(12);
        Assert.All(Enumerable.Range(1, 10), i => Assert.Contains($"[code-{i}]", twelve));
        Assert.DoesNotContain("Message 11", twelve);
        Assert.Contains("\n  … and 2 more\nTo train all the same: --set 'data.allow=[code-1, code-2,", twelve);
    }

    [Fact]
    public void There_are_at_least_twenty_five_codes() => Assert.InRange(Defects.Values.Select(d => d.Code).Distinct().Count(), 25, 100);

    private static IEnumerable<Defect> All()
    {
        // Images that cannot be used: one in 24 is more than 0.5 %, so each also stops under too-many-unusable.
        yield return new("zero bytes", "image-empty", false, Healthy.Folders, p => p.Files["train/cat/00.png"] = [], "train/cat/00.png");
        yield return new("cut off", "image-truncated", false, Healthy.Folders, p => p.Files["train/cat/00.jpg"] = ImageCodec.EncodeJpeg(TestImages.Noise(99, 64, 64))[..700], "train/cat/00.jpg");
        yield return new("text named png", "image-unreadable", false, Healthy.Folders, p => p.Files["test/dog/00.png"] = "not an image"u8.ToArray(), "test/dog/00.png");
        yield return new("format not read", "image-format-unsupported", false, Healthy.Folders, p => p.Files["test/dog/00.tiff"] = [1, 2, 3], ".tiff");
        yield return new("one in twenty-four", "too-many-unusable", true, Healthy.Folders, p => p.Files["train/cat/00.png"] = [], "1 of 24 images (4.17 %)");
        yield return new("one colour", "image-blank", false, Healthy.Folders, p => p.Files["train/cat/00.png"] = ImageCodec.EncodePng(new RgbImage(12, 10)), "train/cat/00.png");
        yield return new("one pixel high", "image-tiny", false, Healthy.Folders, p => p.Files["train/cat/00.png"] = TestImages.Png(99, 12, 1), "12×1");

        // Classes and splits.
        yield return new("empty class folder", "class-without-images", true, Healthy.Folders, p => p.Folders.Add("train/bird"), "bird");
        yield return new("empty class folder in tar", "class-without-images", true, Healthy.TarGz, p => p.Folders.Add("train/bird"), "bird");
        yield return new("one class", "single-class", true, Healthy.Folders, p => p.Remove("/dog/"), "'cat'");
        yield return new("another spelling", "class-names-differ", true, Healthy.Folders, p => p.Rename("test/dog", "test/Dog"), "'Dog'");
        yield return new("another spelling in csv", "class-names-differ", true, Healthy.Csv, p => p.Replace("manifest.csv", "dog,test", "dogs,test"), "'dogs'");
        yield return new("beside the classes", "image-without-class", false, Healthy.Folders, p => p.Files["train/lost.png"] = TestImages.Png(99), "train/lost.png");
        yield return new("class beside splits", "layout-mixed", true, Healthy.Folders, p => p.Files["bird/00.png"] = TestImages.Png(99), "'bird'");
        yield return new("camvid", "layout-not-classes", true, Healthy.Folders, p => { p.Rename("train/cat", "train/images"); p.Rename("train/dog", "train/labels"); p.Rename("test/cat", "test/images"); p.Rename("test/dog", "test/labels"); }, "images, labels");
        yield return new("kitti", "layout-not-classes", true, Healthy.Folders, p => { p.Rename("train/cat", "image_2"); p.Remove("dog"); p.Remove("test/"); p.Files["calib/000000.txt"] = [1]; p.Files["label_2/000000.txt"] = [1]; }, "calib, image_2, label_2");
        yield return new("a folder of its own beside", "layout-not-classes", true, Healthy.Folders, p => { p.Rename("train/cat", "training/image_2"); p.Remove("dog"); p.Remove("test/"); p.Files["training/planes/000000.txt"] = [1]; }, "planes");
        yield return new("no images", "data-empty", true, Healthy.Folders, p => p.Remove(".png"), "no images");
        yield return new("hundred to one", "class-imbalance", false, Healthy.Csv, p => p.Imbalance(), "'cat' has 606 images");
        yield return new("class not in val", "class-missing-in-split", false, Healthy.Coco, p => p.EditCoco(c => c with { Annotations = [.. c.Annotations.Where(a => a.ImageId < 12 || a.CategoryId == 1)] }), "'test'");
        yield return new("group in two splits", "group-across-splits", true, Healthy.Csv, p => p.Replace("manifest.csv", "drive-2", "drive-1"), "'drive-1'");
        yield return new("image in two lists", "splits-overlap", true, Healthy.Voc, p => p.Append("ImageSets/Main/val.txt", "img-00\n"), "'img-00'");

        // The same image twice.
        yield return new("same in two splits", "duplicate-across-splits", true, Healthy.Folders, p => p.Files["test/cat/99.png"] = p.Files["train/cat/00.png"], "test/cat/99.png");
        yield return new("same pixels in another file", "duplicate-across-splits", true, Healthy.Folders, p => p.Files["test/cat/99.bmp"] = Bmp(TestImages.Noise(1)), "test/cat/99.bmp");
        yield return new("same in one split", "duplicate-within-split", false, Healthy.Folders, p => p.Files["train/cat/99.png"] = p.Files["train/cat/00.png"], "train/cat/99.png");
        yield return new("same under two labels", "duplicate-labels-differ", false, Healthy.Folders, p => p.Files["train/dog/99.png"] = p.Files["train/cat/00.png"], "'cat' here and 'dog'");

        // Manifests.
        yield return new("no label column", "manifest-column-missing", true, Healthy.Csv, p => p.Replace("manifest.csv", "path,label", "path,lable"), "manifest.csv:1: There is no column 'label'");
        yield return new("no such column", "manifest-column-missing", true, Healthy.Csv, p => p.Options = p.Options with { LabelColumn = "species" }, "'species'");
        yield return new("nan label", "manifest-label-missing", true, Healthy.Csv, p => p.Replace("manifest.csv", "img-03.png,dog", "img-03.png,NaN"), "manifest.csv:5");
        yield return new("nan split", "manifest-split-missing", true, Healthy.Csv, p => p.Replace("manifest.csv", "img-03.png,dog,train", "img-03.png,dog,NaN"), "manifest.csv:5");
        yield return new("empty split", "manifest-split-missing", true, Healthy.Csv, p => p.Replace("manifest.csv", "img-03.png,dog,train", "img-03.png,dog,"), "manifest.csv:5");
        yield return new("unknown split", "split-unknown", true, Healthy.Csv, p => p.Replace("manifest.csv", ",test,", ",fold2,"), "12 of 24 images are in the split 'fold2'");
        yield return new("misspelt split", "split-unknown", true, Healthy.Csv, p => p.Replace("manifest.csv", "img-03.png,dog,train", "img-03.png,dog,trian"), "did you mean 'train'");
        yield return new("empty drive", "manifest-group-missing", false, Healthy.Csv, p => p.Replace("manifest.csv", "img-03.png,dog,train,drive-1", "img-03.png,dog,train,"), "manifest.csv:5");
        yield return new("nan drive", "manifest-group-missing", false, Healthy.Csv, p => p.Replace("manifest.csv", "img-03.png,dog,train,drive-1", "img-03.png,dog,train,nan"), "manifest.csv:5");
        yield return new("label outside", "label-outside-classes", true, Healthy.Csv, p => p.Add("classes.txt", "cat\ndog\n").Replace("manifest.csv", "img-03.png,dog", "img-03.png,dgo"), "did you mean 'dog'");
        yield return new("row too short", "manifest-row", false, Healthy.Csv, p => p.Append("manifest.csv", "img-00.png,cat\n"), "manifest.csv:26");
        yield return new("file gone", "image-missing", false, Healthy.Csv, p => p.Files.Remove("img-03.png"), "'img-03.png'");
        yield return new("path leads out", "path-outside-set", true, Healthy.Csv, p => p.Append("manifest.csv", "../../secret.png,cat,train,\n"), "'../../secret.png'");
        yield return new("row twice", "manifest-repeats-image", false, Healthy.Csv, p => p.Append("manifest.csv", "img-00.png,cat,train,drive-1\n"), "line 2");
        yield return new("row twice, other label", "manifest-contradicts-itself", true, Healthy.Csv, p => p.Append("manifest.csv", "img-00.png,dog,train,drive-1\n"), "as 'cat'");
        yield return new("quote open", "manifest-quote", true, Healthy.Csv, p => p.Append("manifest.csv", "\"img-00.png,dog\n"), "manifest.csv:26");
        yield return new("nothing in it", "manifest-empty", true, Healthy.Csv, p => { p.Files["manifest.csv"] = []; p.Target = "manifest.csv"; }, "manifest.csv");
        yield return new("header only", "manifest-empty", true, Healthy.Csv, p => p.Add("manifest.csv", "path,label,split,group\n"), "but no row");
        yield return new("latin-1", "manifest-encoding", true, Healthy.Csv, p => { p.Replace("manifest.csv", "img-03.png,dog", "img-03.png,dög"); p.Files["manifest.csv"] = Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(p.Files["manifest.csv"])); }, "manifest.csv:5");
        yield return new("utf-16", "manifest-encoding", true, Healthy.Csv, p => p.Files["manifest.csv"] = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(p.Files["manifest.csv"]))], "UTF-16");
        yield return new("class listed twice", "class-twice", true, Healthy.Csv, p => p.Add("classes.txt", "cat\ndog\ncat\n"), "classes.txt:3");

        // Archives.
        yield return new("name leads out of zip", "archive-unsafe-path", true, Healthy.Zip, p => p.Files["../evil.png"] = TestImages.Png(99), "../evil.png");
        yield return new("absolute name in tar", "archive-unsafe-path", true, Healthy.TarGz, p => p.Files["/etc/evil.png"] = TestImages.Png(99), "/etc/evil.png");
        yield return new("bomb in zip", "archive-bomb", true, Healthy.Zip, p => p.Files["train/cat/bomb.bmp"] = new byte[20_000_000], "bomb.bmp");
        yield return new("bomb in gzip", "archive-bomb", true, Healthy.TarGz, p => p.Files["train/cat/bomb.bmp"] = new byte[20_000_000], "times its size");
        yield return new("zip cut off", "archive-damaged", true, Healthy.Zip, p => p.Damage = b => b[..(b.Length / 2)], "set.zip");
        yield return new("tar.gz cut off", "archive-damaged", true, Healthy.TarGz, p => p.Damage = b => b[..(b.Length / 2)], "set.tar.gz");
        yield return new("tar cut between files", "archive-damaged", true, Healthy.Tar, p => p.Damage = b => b[..^1024], "after 24 files");
        yield return new("tar cut between files, the last empty", "archive-damaged", true, Healthy.Tar, p => { p.Files["zz.txt"] = []; p.Damage = b => b[..^1024]; }, "cut off");
        yield return new("link in tar", "archive-link", false, Healthy.TarGz, p => p.RawTar.Add(TestImages.TarHeader("train/cat/link.png", 0, '2', "/etc/passwd")), "link.png");
        yield return new("encrypted zip", "archive-encrypted", false, Healthy.Zip, p => p.Damage = b => PatchDirectory(b, 8, 1), "encrypted");
        yield return new("unknown method", "archive-method", false, Healthy.Zip, p => p.Damage = b => PatchDirectory(b, 10, 14), "method 14");
        yield return new("bit flipped", "archive-entry-damaged", false, Healthy.Zip, p => p.Damage = b => { b[70] ^= 8; return b; }, "train/cat/00.png");

        // Binary batches.
        yield return new("batch cut off", "cifar-truncated", true, Healthy.Cifar, p => p.Files["test_batch.bin"] = p.Files["test_batch.bin"][..^100], "after 11 records");
        yield return new("label 10", "label-outside-classes", true, Healthy.Cifar, p => p.Files["test_batch.bin"][3073] = 10, "test_batch.bin#1");
        yield return new("python pickles", "cifar-python", true, Healthy.Cifar, p => { p.Remove(".bin"); p.Files["data_batch_1"] = [128, 2]; }, "data_batch_1");
        yield return new("labels for fewer", "idx-count-differs", true, Healthy.Idx, p => p.Files["t10k-labels-idx1-ubyte"] = Idx([6], new byte[6]), "6 labels for 12 images");
        yield return new("idx cut off", "idx-truncated", true, Healthy.Idx, p => p.Files["t10k-images-idx3-ubyte"] = p.Files["t10k-images-idx3-ubyte"][..^30], "t10k-images-idx3-ubyte");
        yield return new("no idx", "idx-unreadable", true, Healthy.Idx, p => p.Files["t10k-images-idx3-ubyte"] = "<html>404</html>"u8.ToArray(), "t10k-images-idx3-ubyte");
        yield return new("labels gone", "idx-labels-missing", true, Healthy.Idx, p => p.Files.Remove("train-labels-idx1-ubyte"), "train-labels-idx1-ubyte");

        // Objects.
        yield return new("empty box", "box-empty", false, Healthy.Coco, p => p.EditCoco(c => c with { Annotations = [.. c.Annotations, new CocoAnnotation(99, 1, 1, 3, 3, 0, 8, 0)] }), "#99");
        yield return new("box outside", "box-outside-image", false, Healthy.Coco, p => p.EditCoco(c => c with { Annotations = [.. c.Annotations, new CocoAnnotation(99, 1, 1, 300, 3, 20, 20, 400)] }), "#99");
        yield return new("no such image", "box-without-image", false, Healthy.Coco, p => p.EditCoco(c => c with { Annotations = [.. c.Annotations, new CocoAnnotation(99, 77, 1, 3, 3, 20, 20, 400)] }), "image 77");
        yield return new("no such category", "label-outside-classes", true, Healthy.Coco, p => p.EditCoco(c => c with { Annotations = [.. c.Annotations, new CocoAnnotation(99, 1, 9, 3, 3, 20, 20, 400)] }), "category 9");
        yield return new("two categories of one name", "class-twice", true, Healthy.Coco, p => p.EditCoco(c => c with { Categories = [.. c.Categories, new CocoCategory(3, "dog")] }), "categories 2 and 3");
        yield return new("another size in coco", "image-size-differs", false, Healthy.Coco, p => p.EditCoco(c => c with { Images = [.. c.Images.Select(i => i.Id == 3 ? i with { Width = 80, Height = 60 } : i)] }), "80×60 pixels, it has 40×30");
        yield return new("another size in voc", "image-size-differs", false, Healthy.Voc, p => p.Replace("Annotations/img-00.xml", "<width>40", "<width>41"), "41×30 pixels, it has 40×30");
        yield return new("nan in a box", "coco-number", true, Healthy.Coco, p => p.Replace("annotations/instances_train.json", "\"bbox\":[5,", "\"bbox\":[NaN,"), "NaN");
        yield return new("infinity in a box", "coco-number", true, Healthy.Coco, p => p.Replace("annotations/instances_train.json", "\"bbox\":[5,", "\"bbox\":[-Infinity,"), "Infinity");
        yield return new("image id twice", "image-twice", true, Healthy.Coco, p => p.EditCoco(c => c with { Images = [.. c.Images, c.Images[0] with { FileName = "b.png" }] }), "id 0");
        yield return new("category without object", "class-without-images", true, Healthy.Coco, p => p.EditCoco(c => c with { Categories = [.. c.Categories, new CocoCategory(3, "bird")] }), "'bird'");
        yield return new("all objects too small", "class-without-images", true, Healthy.Coco, p => p.EditCoco(c => c with { Annotations = [.. c.Annotations.Select(a => a.CategoryId == 1 ? a with { Width = 3 } : a)] }), "All 12 objects of the class 'cat' are left out: 12 smaller than 8 pixels");
        yield return new("coco image leads out", "path-outside-set", true, Healthy.Coco, p => p.EditCoco(c => c with { Images = [c.Images[0] with { FileName = "../../a.png" }, .. c.Images.Skip(1)] }), "../../a.png");
        yield return new("json cut off", "coco-syntax", true, Healthy.Coco, p => p.Files["annotations/instances_train.json"] = p.Files["annotations/instances_train.json"][..200], "instances_train.json:1");
        yield return new("record without id", "coco-record", true, Healthy.Coco, p => p.Replace("annotations/instances_train.json", "\"image_id\":3", "\"imageid\":3"), "'image_id' is missing");
        yield return new("other categories", "class-names-differ", true, Healthy.Coco, p => p.Replace("annotations/instances_test.json", "\"dog\"", "\"wolf\""), "instances_test.json");
        yield return new("xml cut off", "voc-syntax", true, Healthy.Voc, p => p.Files["Annotations/img-00.xml"] = p.Files["Annotations/img-00.xml"][..60], "img-00.xml");
        yield return new("object without corner", "voc-record", true, Healthy.Voc, p => p.Replace("Annotations/img-00.xml", "<xmax>", "<xmux>").Replace("Annotations/img-00.xml", "</xmax>", "</xmux>"), "<xmax>");
        yield return new("annotated image gone", "image-missing", false, Healthy.Voc, p => p.Files.Remove("JPEGImages/img-00.png"), "'img-00'");
    }

    private static byte[] Bmp(RgbImage image)
    {
        int row = (3 * image.Width) + 3 & ~3;
        byte[] bmp = new byte[54 + (row * image.Height)];
        "BM"u8.CopyTo(bmp);
        void Put(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(at), value);
        Put(2, bmp.Length);
        Put(10, 54);
        Put(14, 40);
        Put(18, image.Width);
        Put(22, image.Height);
        Put(26, 1 | (24 << 16));
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                    bmp[54 + ((image.Height - 1 - y) * row) + (3 * x) + 2 - c] = image.Row(y)[(3 * x) + c];
            }
        }
        return bmp;
    }

    internal static byte[] Idx(int[] sizes, byte[] values)
    {
        var stream = new MemoryStream();
        stream.Write([0, 0, 8, (byte)sizes.Length]);
        foreach (int size in sizes)
        {
            byte[] big = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(big, size);
            stream.Write(big);
        }
        stream.Write(values);
        return stream.ToArray();
    }

    // Changes a 16-bit field of the first entry of a zip's directory.
    private static byte[] PatchDirectory(byte[] zip, int field, ushort value)
    {
        int at = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(at + field), value);
        return zip;
    }

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
