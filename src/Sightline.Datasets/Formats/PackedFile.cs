using Sightline.Datasets.Files;

namespace Sightline.Datasets.Formats;

/// <summary>Files that may be compressed by gzip, as their name says.</summary>
internal static class PackedFile
{
    /// <summary>Reads a file, unpacking <c>.gz</c>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">The options; their memory is the most it may unpack to.</param>
    /// <returns>Its bytes, unpacked.</returns>
    /// <exception cref="BadInputException">It is damaged or a bomb.</exception>
    public static byte[] Read(TreeFile file, ImageSetOptions options)
    {
        byte[] bytes = file.ReadBytes();
        return file.FileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Gzip.Unpack(bytes, file.Location, Math.Min(options.MemoryBytes, Array.MaxLength)) : bytes;
    }
}
