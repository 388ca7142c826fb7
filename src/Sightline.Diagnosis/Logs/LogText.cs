using System.Text;

namespace Sightline.Diagnosis;

/// <summary>Opens logs that another process may be writing.</summary>
internal static class LogText
{
    private const long LargestText = 1L << 30;

    internal static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);

    /// <summary>The file's text; UTF-8 unless it begins with another byte-order mark.</summary>
    /// <exception cref="BadInputException">It is no text, or too large for one.</exception>
    internal static string Read(string path)
    {
        using FileStream file = Open(path);
        if (file.Length > LargestText)
            throw new BadInputException("log-too-large", $"The file holds {file.Length >> 20} MB; logs of text are read up to {LargestText >> 20} MB.", path, fix: "Keep a row for each epoch, or give the run's event files.");
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        string text = reader.ReadToEnd();
        if (text.AsSpan(0, Math.Min(text.Length, 1 << 12)).Contains('\0'))
            throw new BadInputException("log-binary", "The file holds binary data, no text and no TensorBoard events.", path, fix: "Give a CSV, JSON or event file, or the folder of a run.");
        return text;
    }
}
