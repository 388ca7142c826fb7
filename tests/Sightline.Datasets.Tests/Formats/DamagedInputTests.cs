using CsCheck;
using Sightline.Datasets;
using Sightline.Datasets.Audit;

namespace Sightline.Tests;

/// <summary>Whatever bytes come, the answer is a set with its problems or a <see cref="BadInputException"/>; nothing else, and no endless work.</summary>
public sealed class DamagedInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Healthy.Zip)]
    [InlineData(Healthy.Tar)]
    [InlineData(Healthy.TarGz)]
    public void Damaged_archives_are_read_or_refused(Healthy kind)
    {
        string path = Plot.Of(kind, folder).Write();
        byte[] healthy = File.ReadAllBytes(path);
        Damage(healthy).Sample(bytes => Survives(folder.Write(System.IO.Path.GetFileName(path), bytes)), iter: 120, threads: 1);
    }

    [Fact]
    public void A_tar_with_a_sparse_file_is_refused_and_says_so()
    {
        string path = Plot.Of(Healthy.Tar, folder).Write();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[156] = (byte)'S'; // the first entry's type: GNU's sparse file, with a checksum that fits
        int sum = 8 * ' ' + bytes[..148].Sum(b => b) + bytes[156..512].Sum(b => b);
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, 148);
        BadInputException error = Assert.Throws<BadInputException>(() => ImageSet.Open(folder.Write(System.IO.Path.GetFileName(path), bytes)));
        Assert.Equal("archive-unsupported", error.Code);
        Assert.Contains("--sparse", error.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Healthy.Csv, "manifest.csv")]
    [InlineData(Healthy.Cifar, "test_batch.bin")]
    [InlineData(Healthy.Idx, "t10k-images-idx3-ubyte")]
    [InlineData(Healthy.Idx, "train-labels-idx1-ubyte")]
    [InlineData(Healthy.Coco, "annotations/instances_train.json")]
    [InlineData(Healthy.Voc, "Annotations/img-00.xml")]
    [InlineData(Healthy.Voc, "ImageSets/Main/train.txt")]
    public void Damaged_indices_are_read_or_refused(Healthy kind, string file)
    {
        Plot plot = Plot.Of(kind, folder);
        string path = plot.Write();
        Damage(plot.Files[file]).Sample(bytes =>
        {
            File.WriteAllBytes(System.IO.Path.Combine(path, file), bytes);
            Survives(path);
        }, iter: 80, threads: 1);
    }

    // Some bytes changed, and perhaps the end cut off.
    private static Gen<byte[]> Damage(byte[] healthy) =>
        from changes in Gen.Select(Gen.Int[0, healthy.Length - 1], Gen.Byte).Array[0, 12]
        from headChanges in Gen.Select(Gen.Int[0, Math.Min(healthy.Length, 600) - 1], Gen.Byte).Array[0, 3]
        from length in Gen.OneOf(Gen.Const(healthy.Length), Gen.Int[0, healthy.Length])
        select Apply(healthy, [.. changes, .. headChanges], length);

    private static byte[] Apply(byte[] healthy, (int At, byte Value)[] changes, int length)
    {
        byte[] bytes = [.. healthy];
        foreach ((int at, byte value) in changes)
            bytes[at] = value;
        return bytes[..length];
    }

    private static void Survives(string path)
    {
        try
        {
            ImageSet set = ImageSet.Open(path);
            DataAudit.Run(set);
            set.Fingerprint();
        }
        catch (BadInputException error)
        {
            Assert.False(string.IsNullOrEmpty(error.Code));
        }
    }
}
