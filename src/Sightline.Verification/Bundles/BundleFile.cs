using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sightline.Verification;

/// <summary>
/// Bundles on disk, as a folder or one <c>.zip</c>: <c>bundle.json</c> with the SHA-256 of every other file, <c>model.onnx</c>,
/// <c>contract.json</c>, and for each golden frame its image, its input tensor (float32, little-endian) and <c>reference.json</c>.
/// </summary>
public static class BundleFile
{
    private const string Manifest = "bundle.json";
    private const long LargestManifest = 1 << 24;

    /// <summary>Whether a path looks like a bundle: a <c>.zip</c>, or a folder with a <c>bundle.json</c>.</summary>
    /// <param name="path">The path.</param>
    /// <returns>True if so; it may still be damaged.</returns>
    public static bool IsBundle(string path) => IsZip(path) ? File.Exists(path) : File.Exists(Path.Combine(path, Manifest));

    /// <summary>Writes a bundle, whole or not at all.</summary>
    /// <param name="path">A <c>.zip</c> file to create or replace, or a folder to create.</param>
    /// <param name="bundle">The bundle.</param>
    /// <exception cref="BadInputException">The folder exists already (<c>bundle-exists</c>).</exception>
    /// <exception cref="IOException">The disk is full, or the place cannot be written.</exception>
    public static void Write(string path, Bundle bundle)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(bundle);
        IReadOnlyList<(string Name, byte[] Bytes)> files = BundleLayout.Files(bundle);
        byte[] manifest = BundleLayout.Manifest(bundle, [.. files.Select(f => new ListedFile(f.Name, f.Bytes.LongLength, Hash(f.Bytes)))]);
        IEnumerable<(string Name, byte[] Bytes)> all = files.Prepend((Manifest, manifest));
        if (IsZip(path))
            AtomicFile.Write(path, stream => WriteZip(stream, all));
        else
            WriteFolder(path, all);
    }

    /// <summary>Reads a bundle and holds each file against its hash.</summary>
    /// <param name="path">The folder or <c>.zip</c>.</param>
    /// <returns>The bundle.</returns>
    /// <exception cref="BadInputException">
    /// There is none (<c>bundle-missing</c>), a file is missing or has other bytes than when it was made (<c>bundle-changed</c>), or it can't
    /// be read (<c>bundle-damaged</c>, <c>bundle-version</c>).
    /// </exception>
    public static Bundle Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!IsBundle(path))
            throw new BadInputException("bundle-missing", "There is no bundle: expected a folder with a bundle.json, or a .zip with one.", path, fix: "sightline export RUN -o MODEL.onnx --bundle BUNDLE makes one.");
        try
        {
            if (!IsZip(path))
                return Read(path, (name, most) => ReadFile(Path.Combine(path, name), most));
            using ZipArchive zip = ZipFile.OpenRead(path);
            return Read(path, (name, most) => ReadEntry(zip, name, most));
        }
        catch (Exception problem) when (problem is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadInputException("bundle-damaged", $"The bundle can't be read: {problem.Message}", path, fix: "Copy it again, or make it again by sightline export --bundle.", inner: problem);
        }
    }

    private static Bundle Read(string path, Func<string, long, byte[]?> read)
    {
        byte[] manifest = read(Manifest, LargestManifest) ?? throw new BadInputException("bundle-missing", "There is no bundle.json in it.", path, fix: "Give a bundle that sightline export --bundle made.");
        using JsonDocument document = JsonDocument.Parse(manifest);
        Dictionary<string, ListedFile> listed = BundleLayout.Listed(document.RootElement, path).ToDictionary(f => f.Name);
        return BundleLayout.Parse(document.RootElement, path, name =>
        {
            if (!listed.TryGetValue(name, out ListedFile? file))
                throw new FormatException($"bundle.json does not list {name}.");
            byte[]? bytes = read(name, file.Bytes);
            if (bytes is null || bytes.LongLength != file.Bytes || Hash(bytes) != file.Sha256)
            {
                string problem = bytes is null ? "is missing, or longer than" : "has other bytes than";
                throw new BadInputException("bundle-changed", $"{name} {problem} when the bundle was made.", path, fix: "Copy the bundle again; to hold another model file against it, give it by --model.");
            }
            return bytes;
        });
    }

    private static bool IsZip(string path) => path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[]? ReadFile(string path, long most)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length <= most ? File.ReadAllBytes(path) : null;
    }

    // What an entry says of its length need not be true: reading stops behind it.
    private static byte[]? ReadEntry(ZipArchive zip, string name, long most)
    {
        if (zip.GetEntry(name) is not { } entry || entry.Length > most || entry.Length > Array.MaxLength)
            return null;
        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return stream.ReadByte() < 0 ? bytes : null;
    }

    private static void WriteZip(Stream stream, IEnumerable<(string Name, byte[] Bytes)> files)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, byte[] bytes) in files)
        {
            ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.Fastest);
            // The same bundle gives the same bytes.
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream content = entry.Open();
            content.Write(bytes);
        }
    }

    private static void WriteFolder(string path, IEnumerable<(string Name, byte[] Bytes)> files)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.Exists(full))
            throw new BadInputException("bundle-exists", "Something stands there already.", path, fix: "Remove it, or choose another folder.");
        string beside = $"{full}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
        try
        {
            foreach ((string name, byte[] bytes) in files)
                AtomicFile.WriteBytes(Path.Combine(beside, name), bytes);
            Directory.Move(beside, full);
        }
        catch
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
            throw;
        }
    }
}

/// <summary>A file that a bundle lists.</summary>
/// <param name="Name">Its path inside the bundle.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, hex.</param>
internal sealed record ListedFile(string Name, long Bytes, string Sha256);
