namespace Sightline.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sightline-").FullName;

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_beside_it()
    {
        string path = Path.Combine(folder, "a", "x.txt");
        AtomicFile.WriteText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, s =>
        {
            s.WriteByte(1);
            throw new InvalidOperationException("half way");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
