using System.Text;

namespace Sightline.Training.Runs;

/// <summary>
/// A CSV file that grows by whole rows, each on the disk before <see cref="Append"/> returns, and that a resume can cut back to an
/// earlier length.
/// </summary>
public sealed class CsvLog
{
    private readonly string path;

    private CsvLog(string path, long length) => (this.path, Length) = (path, length);

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>Starts a new file with a header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The columns, snake_case.</param>
    /// <returns>The log.</returns>
    public static CsvLog Start(string path, IReadOnlyList<string> columns)
    {
        string header = string.Join(',', columns) + "\n";
        AtomicFile.WriteText(path, header);
        return new CsvLog(path, Encoding.UTF8.GetByteCount(header));
    }

    /// <summary>Goes on with a file, cut back to <paramref name="length"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">A length it had after a row.</param>
    /// <returns>The log.</returns>
    /// <exception cref="BadInputException">The file is shorter or missing: someone changed it.</exception>
    public static CsvLog Continue(string path, long length)
    {
        if (!File.Exists(path) || new FileInfo(path).Length < length)
            throw new BadInputException("run-log-short", $"The file is missing or shorter than the {length} bytes that the checkpoint remembers; it was changed after it was written.", path);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read))
        {
            stream.SetLength(length);
            stream.Flush(flushToDisk: true);
        }
        return new CsvLog(path, length);
    }

    /// <summary>Adds a row.</summary>
    /// <param name="cells">Its cells, without commas.</param>
    public void Append(IReadOnlyList<string> cells)
    {
        byte[] row = Encoding.UTF8.GetBytes(string.Join(',', cells) + "\n");
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(row);
        stream.Flush(flushToDisk: true);
        Length += row.Length;
    }
}
