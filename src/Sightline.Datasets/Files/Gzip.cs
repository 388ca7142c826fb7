using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Datasets.Files;

/// <summary>Unpacks gzip files, guarded against bombs.</summary>
internal static class Gzip
{
    /// <summary>Unpacks a compressed tar once: into memory while it fits, else into the cache folder, where the next opening finds it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>The unpacked bytes.</returns>
    /// <exception cref="BadInputException">The file is damaged or a bomb.</exception>
    public static ByteSource Unpack(string path, ArchiveLimits limits)
    {
        var info = new FileInfo(path);
        string key = $"{info.FullName}\n{info.Length}\n{info.LastWriteTimeUtc.Ticks}";
        string cached = System.IO.Path.Combine(limits.CacheFolder, "unpacked", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32] + ".tar");
        if (File.Exists(cached))
            return new FileBytes(cached);
        using FileStream packed = info.OpenRead();
        var memory = new MemoryBytes();
        byte[] buffer = new byte[1 << 16];
        try
        {
            using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
            int count;
            while ((count = unpacked.Read(buffer)) > 0)
            {
                memory.Append(buffer.AsSpan(0, count));
                Check(path, memory.Length, packed.Position, limits.TotalBytes);
                if (memory.Length > limits.MemoryBytes)
                {
                    Spill(path, cached, memory, unpacked, packed, buffer, limits);
                    return new FileBytes(cached);
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(path, exception);
        }
        if (memory.Length == 0)
            throw Damaged(path, null);
        return memory;
    }

    /// <summary>Unpacks a small gzip file that is in memory.</summary>
    /// <param name="packed">Its bytes.</param>
    /// <param name="location">What to call it in an error.</param>
    /// <param name="maxBytes">The most it may unpack to.</param>
    /// <returns>The unpacked bytes.</returns>
    /// <exception cref="BadInputException">The file is damaged or a bomb.</exception>
    public static byte[] Unpack(byte[] packed, string location, long maxBytes)
    {
        try
        {
            using var source = new MemoryStream(packed);
            using var unpacked = new GZipStream(source, CompressionMode.Decompress);
            using var target = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            int count;
            while ((count = unpacked.Read(buffer)) > 0)
            {
                target.Write(buffer, 0, count);
                Check(location, target.Length, packed.Length, maxBytes);
            }
            return target.ToArray();
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(location, exception);
        }
    }

    private static void Spill(string path, string cached, MemoryBytes head, GZipStream unpacked, FileStream packed, byte[] buffer, ArchiveLimits limits) =>
        AtomicFile.Write(cached, target =>
        {
            head.CopyTo(target);
            int count;
            while ((count = unpacked.Read(buffer)) > 0)
            {
                target.Write(buffer, 0, count);
                Check(path, target.Length, packed.Position, limits.TotalBytes);
            }
        });

    private static void Check(string location, long unpacked, long packed, long maxBytes)
    {
        if (ArchiveLimits.IsBomb(unpacked, packed))
            throw ArchiveLimits.Bomb(location, $"The file unpacks to more than {unpacked / Math.Max(packed, 1)} times its size");
        if (unpacked > maxBytes)
            throw ArchiveLimits.Bomb(location, $"The file unpacks to more than {maxBytes} bytes");
    }

    private static BadInputException Damaged(string location, Exception? inner) =>
        new("archive-damaged", "The compressed file is damaged or cut off.", location, fix: "Download or copy it again.", inner: inner);
}
