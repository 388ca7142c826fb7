using System.Text;
using Sightline.Datasets;
using Sightline.Datasets.Coco;

namespace Sightline.Tests;

/// <summary>The forms of the healthy set.</summary>
public enum Healthy
{
    Folders,
    Csv,
    Zip,
    Tar,
    TarGz,
    Cifar,
    Idx,
    Coco,
    Voc,
}

/// <summary>A small healthy set (two classes, two splits, 24 images) in one of the forms, into which a test plants a defect.</summary>
internal sealed class Plot
{
    private readonly TemporaryFolder folder;
    private readonly Healthy kind;

    private Plot(Healthy kind, TemporaryFolder folder)
    {
        this.kind = kind;
        this.folder = folder;
    }

    public Dictionary<string, byte[]> Files { get; } = [];

    public List<string> Folders { get; } = [];

    public List<byte[]> RawTar { get; } = [];

    public ImageSetOptions Options { get; set; } = new();

    public Func<byte[], byte[]> Damage { get; set; } = bytes => bytes;

    public string? Target { get; set; }

    public static Plot Of(Healthy kind, TemporaryFolder folder)
    {
        var plot = new Plot(kind, folder);
        switch (kind)
        {
            case Healthy.Csv:
                plot.Csv();
                break;
            case Healthy.Cifar:
                plot.Files["data_batch_1.bin"] = Cifar(1);
                plot.Files["test_batch.bin"] = Cifar(2);
                plot.Files["batches.meta.txt"] = "cat\ndog\n"u8.ToArray();
                break;
            case Healthy.Idx:
                plot.Idx("train", 1);
                plot.Idx("t10k", 2);
                break;
            case Healthy.Coco:
                plot.Coco("train", 0);
                plot.Coco("test", 12);
                break;
            case Healthy.Voc:
                plot.Voc();
                break;
            default:
                foreach ((string name, byte[] bytes) in TestImages.ClassFolders())
                    plot.Files[name] = bytes;
                break;
        }
        return plot;
    }

    public string Write()
    {
        var entries = Files.Concat(Folders.Select(f => KeyValuePair.Create(f + "/", Array.Empty<byte>())));
        switch (kind)
        {
            case Healthy.Zip:
                return folder.Write("set.zip", Damage(TestImages.Zip(entries)));
            case Healthy.Tar:
                return folder.Write("set.tar", Damage(TestImages.Tar(entries)));
            case Healthy.TarGz:
                byte[] plain = TestImages.Tar(Files);
                byte[] headers = [.. Folders.SelectMany(f => TestImages.TarHeader(f + "/", 0, '5')), .. RawTar.SelectMany(r => r)];
                byte[] tar = new byte[headers.Length + plain.Length];
                headers.CopyTo(tar, 0);
                plain.CopyTo(tar, headers.Length);
                return folder.Write("set.tar.gz", Damage(TestImages.Gzip(tar)));
        }
        foreach ((string name, byte[] bytes) in Files)
            folder.Write("set/" + name, bytes);
        foreach (string name in Folders)
            Directory.CreateDirectory(System.IO.Path.Combine(folder.Path, "set", name));
        Directory.CreateDirectory(System.IO.Path.Combine(folder.Path, "set"));
        return System.IO.Path.Combine(folder.Path, "set", Target ?? "");
    }

    public void Remove(string part)
    {
        foreach (string name in Files.Keys.Where(k => k.Contains(part, StringComparison.Ordinal)).ToArray())
            Files.Remove(name);
    }

    public void Rename(string from, string to)
    {
        foreach (string name in Files.Keys.Where(k => k.StartsWith(from + "/", StringComparison.Ordinal)).ToArray())
        {
            Files[to + name[from.Length..]] = Files[name];
            Files.Remove(name);
        }
    }

    public Plot Add(string file, string text)
    {
        Files[file] = PlantedDefectTests.Utf8(text);
        return this;
    }

    public Plot Append(string file, string text) => Add(file, Encoding.UTF8.GetString(Files[file]) + text);

    public Plot Replace(string file, string from, string to)
    {
        string text = Encoding.UTF8.GetString(Files[file]);
        Assert.Contains(from, text);
        return Add(file, text.Replace(from, to, StringComparison.Ordinal));
    }

    public void Imbalance()
    {
        string text = string.Concat(Enumerable.Range(0, 600).Select(i => $"more-{i}.png,cat,train,\n"));
        for (int i = 0; i < 600; i++)
            Files[$"more-{i}.png"] = TestImages.Png(1000 + i, 5, 5);
        Append("manifest.csv", text);
        // One dog is left in training.
        foreach (int i in new[] { 3, 5, 7, 9, 11 })
            Replace("manifest.csv", $"img-{i:00}.png,dog,train,drive-1\n", "");
    }

    public void EditCoco(Func<CocoDataset, CocoDataset> edit)
    {
        foreach (string split in new[] { "train", "test" })
        {
            string path = folder.Write("edit.json", Files[$"annotations/instances_{split}.json"]);
            CocoJson.Write(path, edit(CocoJson.Read(path)));
            Files[$"annotations/instances_{split}.json"] = File.ReadAllBytes(path);
            File.Delete(path);
        }
    }

    private void Csv()
    {
        var text = new StringBuilder("path,label,split,group\n");
        for (int i = 0; i < 24; i++)
        {
            Files[$"img-{i:00}.png"] = TestImages.Png(i + 1);
            text.Append($"img-{i:00}.png,{(i % 2 == 0 ? "cat" : "dog")},{(i < 12 ? "train" : "test")},drive-{(i < 12 ? 1 : 2)}\n");
        }
        Add("manifest.csv", text.ToString());
    }

    private static byte[] Cifar(int seed)
    {
        byte[] bytes = new byte[12 * 3073];
        new Random(seed).NextBytes(bytes);
        for (int i = 0; i < 12; i++)
            bytes[i * 3073] = (byte)(i % 2);
        return bytes;
    }

    private void Idx(string name, int seed)
    {
        byte[] pixels = new byte[12 * 6 * 5];
        new Random(seed).NextBytes(pixels);
        Files[$"{name}-images-idx3-ubyte"] = PlantedDefectTests.Idx([12, 6, 5], pixels);
        Files[$"{name}-labels-idx1-ubyte"] = PlantedDefectTests.Idx([12], [.. Enumerable.Range(0, 12).Select(i => (byte)(i % 2))]);
    }

    private void Coco(string split, int first)
    {
        var dataset = new CocoDataset(
            [new CocoCategory(1, "cat"), new CocoCategory(2, "dog")],
            [.. Enumerable.Range(first, 12).Select(i => new CocoImage(i, $"img-{i:00}.png", 40, 30))],
            [.. Enumerable.Range(first, 12).Select(i => new CocoAnnotation(i, i, 1 + (i % 2), 5, 4, 20, 16, 320))],
            []);
        for (int i = first; i < first + 12; i++)
            Files[$"{split}/img-{i:00}.png"] = TestImages.Png(i, 40, 30);
        string path = System.IO.Path.Combine(folder.Path, "coco.json");
        CocoJson.Write(path, dataset);
        Files[$"annotations/instances_{split}.json"] = File.ReadAllBytes(path);
        File.Delete(path);
    }

    private void Voc()
    {
        for (int i = 0; i < 24; i++)
        {
            Files[$"JPEGImages/img-{i:00}.png"] = TestImages.Png(i, 40, 30);
            Add($"Annotations/img-{i:00}.xml", $"""
                <annotation>
                  <filename>img-{i:00}.png</filename>
                  <size><width>40</width><height>30</height><depth>3</depth></size>
                  <object>
                    <name>{(i % 2 == 0 ? "cat" : "dog")}</name><truncated>0</truncated><difficult>0</difficult>
                    <bndbox><xmin>6</xmin><ymin>5</ymin><xmax>25</xmax><ymax>20</ymax></bndbox>
                  </object>
                </annotation>
                """);
        }
        Add("ImageSets/Main/train.txt", string.Concat(Enumerable.Range(0, 12).Select(i => $"img-{i:00}\n")));
        Add("ImageSets/Main/val.txt", string.Concat(Enumerable.Range(12, 12).Select(i => $"img-{i:00}\n")));
    }
}
