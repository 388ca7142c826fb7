using Sightline.Datasets.Files;

namespace Sightline.Datasets.Formats;

/// <summary>Which files are images.</summary>
internal static class ImageFiles
{
    private static readonly string[] Readable = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"];
    private static readonly string[] Unreadable = [".tif", ".tiff", ".heic", ".avif", ".jxl", ".jp2", ".ppm", ".pgm", ".raw", ".dng"];

    /// <summary>Whether a file is an image that can be read, by its name.</summary>
    /// <param name="path">The name.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsImage(string path) => Has(path, Readable);

    /// <summary>Images in formats that are not read.</summary>
    /// <param name="files">All files.</param>
    /// <returns>One problem for all of them, or none.</returns>
    public static IEnumerable<DataProblem> Unsupported(IEnumerable<TreeFile> files)
    {
        TreeFile[] found = [.. files.Where(f => Has(f.Path, Unreadable))];
        if (found.Length > 0)
        {
            yield return new DataProblem(
                "image-format-unsupported", found[0].Location, $"{found.Length} images are in a format that is not read ({string.Join(", ", found.Select(f => Path.GetExtension(f.Path)).Distinct())}).",
                "Convert them to JPEG or PNG.", StopsTraining: false, Unusable: found.Length);
        }
    }

    private static bool Has(string path, string[] extensions)
    {
        foreach (string extension in extensions)
        {
            if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
