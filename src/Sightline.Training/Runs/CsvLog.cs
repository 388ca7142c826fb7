using System.Text;

namespace Sightline.Training.Runs;

/// <summary>
/// A CSV file that grows by whole rows and that a resume can cut back to an earlier length. A row outlives this process when
/// <see cref="Append"/> returns, and the machine when <see cref="Sync"/> does.
/// </summary>
public sealed class CsvLog : IDisposable
{
    private readonly FileStream stream;

    private CsvLog(string path, long length)
    {
        // No buffer of its own: a row is the operating system's when it is written.
        stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, 0);
        stream.SetLength(length);
        stream.Position = length;
    }

    /// <summary>Bytes written.</summary>
    public long Length => stream.Position;

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
    /// <param name="columns">The columns that the rows to come have.</param>
    /// <returns>The log.</returns>
    /// <exception cref="BadInputException">The file is shorter or missing: someone changed it (<c>run-log-short</c>). It has other columns:
    /// another version began the run (<c>run-log-columns</c>).</exception>
    public static CsvLog Continue(string path, long length, IReadOnlyList<string> columns)
    {
        if (!File.Exists(path) || new FileInfo(path).Length < length)
            throw new BadInputException("run-log-short", $"The file is missing or shorter than the {length} bytes that the checkpoint remembers; it was changed after it was written.", path);
        if (File.ReadLines(path).FirstOrDefault() != string.Join(',', columns))
        {
            throw new BadInputException("run-log-columns", $"The columns are not those that this version writes ({string.Join(',', columns)}): the run was begun by another.", path, 1,
                fix: "Resume it with the version that environment.json names, or train anew.");
        }
        return new CsvLog(path, length);
    }

    /// <summary>Adds a row.</summary>
    /// <param name="cells">Its cells, without commas.</param>
    public void Append(IReadOnlyList<string> cells)
    {
        stream.Write(Encoding.UTF8.GetBytes(string.Join(',', cells) + "\n"));
    }

    /// <summary>Makes sure that all rows are on the disk.</summary>
    public void Sync() => stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
