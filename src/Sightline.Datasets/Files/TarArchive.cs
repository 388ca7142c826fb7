using System.Formats.Tar;

namespace Sightline.Datasets.Files;

/// <summary>Reads tar archives in place, by an index of where each file lies; nothing is ever unpacked to disk.</summary>
internal static class TarArchive
{
    private const int BlockBytes = 512;

    /// <summary>Makes the index.</summary>
    /// <param name="source">The archive's bytes, not compressed.</param>
    /// <param name="location">What to call the archive in an error.</param>
    /// <param name="name">What to call it in the names of samples.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>The tree.</returns>
    /// <exception cref="BadInputException">The archive is damaged (<c>archive-damaged</c>) or has entries of a kind that is not read (<c>archive-unsupported</c>).</exception>
    public static FileTree Open(ByteSource source, string location, string name, ArchiveLimits limits)
    {
        var files = new List<TreeFile>();
        var folders = new List<string>();
        var problems = new List<DataProblem>();
        try
        {
            using var stream = new ByteSourceStream(source);
            using var reader = new TarReader(stream);
            long dataEnd = 0;
            while (reader.GetNextEntry() is TarEntry entry)
            {
                if (entry.Length > 0 && entry.DataOffset >= 0)
                    dataEnd = entry.DataOffset + entry.Length;
                if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
                    continue;
                if (TreePath.Normalise(entry.Name) is not string path)
                {
                    // "./" alone is the archive's own root.
                    if (entry.EntryType != TarEntryType.Directory || entry.Name.Contains("..", StringComparison.Ordinal) || entry.Name.StartsWith('/'))
                        problems.Add(ArchiveProblems.UnsafePath(location, entry.Name));
                    continue;
                }
                if (TreePath.IsLitter(path))
                    continue;
                if (entry.EntryType == TarEntryType.Directory)
                    folders.Add(path);
                else if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                    problems.Add(ArchiveProblems.Link(location, path, entry.EntryType.ToString()));
                else if (entry.Length > limits.EntryBytes)
                    problems.Add(ArchiveProblems.TooLarge(location, path, entry.Length, limits.EntryBytes));
                else if (entry.Length < 0 || (entry.Length > 0 && (entry.DataOffset < 0 || entry.DataOffset > source.Length - entry.Length)))
                    throw new EndOfStreamException();
                else
                    files.Add(FileAt(source, entry.DataOffset, (int)entry.Length, path, location, name));
            }
            RequireEnd(source, stream.Position, dataEnd);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            throw new BadInputException(
                "archive-damaged", $"The tar archive is damaged or cut off after {files.Count} files.", location, fix: "Download or copy it again.", inner: exception);
        }
        catch (NotSupportedException exception)
        {
            // Sparse files, parts of several volumes and the like: the reader knows of them and doesn't read them.
            throw new BadInputException(
                "archive-unsupported", $"The tar archive has an entry of a kind that is not read, after {files.Count} files: {exception.Message}", location,
                fix: "Pack it again with plain files only (tar without --sparse).", inner: exception);
        }
        return new FileTree(location, files, folders, problems);
    }

    // A tar ends with blocks of zeros. Without them it was cut off, even when that was exactly between two files.
    private static void RequireEnd(ByteSource source, long position, long dataEnd)
    {
        if (position - BlockBytes < dataEnd || source.Read(position - BlockBytes, BlockBytes).AsSpan().ContainsAnyExcept((byte)0))
            throw new EndOfStreamException();
    }

    private static TreeFile FileAt(ByteSource source, long offset, int length, string path, string location, string name) =>
        new(path, $"{name}!{path}", $"{location}!{path}", length, () => Read(source, offset, length, $"{location}!{path}"));

    private static byte[] Read(ByteSource source, long offset, int length, string location)
    {
        try
        {
            return length == 0 ? [] : source.Read(offset, length);
        }
        catch (IOException exception)
        {
            throw new BadInputException(
                "archive-entry-damaged", "This file in the archive cannot be read; was the archive changed since it was opened?", location, fix: "Download or copy the archive again.", inner: exception);
        }
    }
}
