using System.IO.Compression;
using System.Text;
using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary>Small images, each another, and archives of them.</summary>
internal static class TestImages
{
    public static RgbImage Noise(int seed, int width = 12, int height = 10)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    public static byte[] Png(int seed, int width = 12, int height = 10) => ImageCodec.EncodePng(Noise(seed, width, height));

    /// <summary>Twenty-four images: train and test, cat and dog, six each.</summary>
    public static Dictionary<string, byte[]> ClassFolders()
    {
        var files = new Dictionary<string, byte[]>();
        int seed = 0;
        foreach (string split in new[] { "train", "test" })
        {
            foreach (string name in new[] { "cat", "dog" })
            {
                for (int i = 0; i < 6; i++)
                    files[$"{split}/{name}/{i:00}.png"] = Png(++seed);
            }
        }
        return files;
    }

    public static byte[] Zip(IEnumerable<KeyValuePair<string, byte[]>> files, CompressionLevel level = CompressionLevel.Optimal)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in files)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }

    /// <summary>A plain ustar archive, written by hand, so that unsafe names and wrong sizes can be written too.</summary>
    public static byte[] Tar(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var stream = new MemoryStream();
        foreach ((string name, byte[] bytes) in files)
        {
            stream.Write(TarHeader(name, bytes.Length));
            stream.Write(bytes);
            stream.Write(new byte[(512 - (bytes.Length % 512)) % 512]);
        }
        stream.Write(new byte[1024]);
        return stream.ToArray();
    }

    public static byte[] TarHeader(string name, long length, char type = '0', string link = "")
    {
        byte[] header = new byte[512];
        void Put(int at, string text) => Encoding.ASCII.GetBytes(text).CopyTo(header, at);
        Put(0, name);
        Put(100, "0000644\0");
        Put(108, "0000000\0");
        Put(116, "0000000\0");
        Put(124, Convert.ToString(length, 8).PadLeft(11, '0') + "\0");
        Put(136, "00000000000\0");
        Put(148, "        ");
        Put(156, type.ToString());
        Put(157, link);
        Put(257, "ustar\0" + "00");
        Put(148, Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        return header;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return stream.ToArray();
    }
}
