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

    [Fact]
    public void A_folder_that_takes_no_file_is_named_by_the_file_that_was_asked_for()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("/proc is Linux's.");
        var error = Assert.ThrowsAny<IOException>(() => AtomicFile.WriteText("/proc/x.onnx", "text"));
        Assert.StartsWith("/proc/x.onnx: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
