namespace Sightline.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sightline-datasets-").FullName;

    /// <summary>The path of a file in the folder; its own folder is made.</summary>
    public string this[string relative]
    {
        get
        {
            string path = System.IO.Path.Combine(Path, relative);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return path;
        }
    }

    public string Write(string relative, string text)
    {
        File.WriteAllText(this[relative], text);
        return this[relative];
    }

    public string Write(string relative, byte[] bytes)
    {
        File.WriteAllBytes(this[relative], bytes);
        return this[relative];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
