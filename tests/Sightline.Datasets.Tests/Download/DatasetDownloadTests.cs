using System.Security.Cryptography;
using Sightline.Datasets;
using Sightline.Datasets.Download;

namespace Sightline.Tests;

public sealed class DatasetDownloadTests : IDisposable
{
    private static readonly byte[] Content = TestImages.Tar(TestImages.ClassFolders());

    private readonly TemporaryFolder folder = new();
    private readonly UnreliableServer server = new();

    private string Target => Path.Combine(folder.Path, "pets", "pets.tar");

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_file_arrives_is_checked_and_is_a_set()
    {
        server["pets.tar"] = Content;
        DownloadedFile file = Assert.Single(await Get(Release()));
        Assert.Equal((Target, Content.Length, Content.Length), (file.Path, file.Bytes, file.Downloaded));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(24, ImageSet.Open(Path.GetDirectoryName(Target)!).Samples.Count);
        Assert.Equal(["pets.tar"], Directory.GetFiles(Path.GetDirectoryName(Target)!).Select(Path.GetFileName));

        Assert.Equal(0, (await Get(Release()))[0].Downloaded);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_cut_connection_is_taken_up_where_it_broke()
    {
        server["pets.tar"] = Content;
        foreach (int cut in new[] { 1000, 0, 5000, 1 })
            server.CutAfter.Enqueue(cut);
        Assert.Equal(Content.Length, (await Get(Release()))[0].Downloaded);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(["/pets.tar 0", "/pets.tar 1000", "/pets.tar 1000", "/pets.tar 6000", "/pets.tar 6001"], server.Requests);
    }

    [Fact]
    public async Task An_interrupted_run_is_taken_up_by_the_next()
    {
        server["pets.tar"] = Content;
        folder.Write("pets/pets.tar.part", Content[..7000]);
        Assert.Equal(Content.Length - 7000, (await Get(Release()))[0].Downloaded);
        Assert.Equal(["/pets.tar 7000"], server.Requests);
    }

    [Fact]
    public async Task What_is_left_of_another_file_is_thrown_away()
    {
        server["pets.tar"] = Content;
        folder.Write("pets/pets.tar.part", new byte[7000]);
        await Get(Release());
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(["/pets.tar 7000", "/pets.tar 0"], server.Requests);
    }

    [Fact]
    public async Task A_remainder_longer_than_the_file_is_thrown_away()
    {
        server["pets.tar"] = Content;
        folder.Write("pets/pets.tar.part", new byte[Content.Length + 5]);
        await Get(Release());
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_server_without_ranges_starts_again()
    {
        server["pets.tar"] = Content;
        server.IgnoreRanges = true;
        server.CutAfter.Enqueue(1000);
        await Get(Release());
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(["/pets.tar 0", "/pets.tar 1000"], server.Requests);
    }

    [Fact]
    public async Task Wrong_bytes_are_refused_and_not_kept()
    {
        byte[] wrong = [.. Content];
        wrong[5000] ^= 1;
        server["pets.tar"] = wrong;
        var error = await Assert.ThrowsAsync<DownloadException>(() => Get(Release()));
        Assert.Contains("SHA-256", error.Message);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(wrong)), error.Message);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task A_damaged_file_in_the_cache_is_replaced()
    {
        server["pets.tar"] = Content;
        folder.Write("pets/pets.tar", Content[..100]);
        await Get(Release());
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Too_many_bytes_end_the_download()
    {
        server["pets.tar"] = [.. Content, .. Content];
        var error = await Assert.ThrowsAsync<DownloadException>(() => Get(Release()));
        Assert.Contains($"announces {2 * Content.Length} bytes", error.Message);
    }

    [Fact]
    public async Task A_mirror_takes_over_from_an_address_that_is_gone()
    {
        server["mirror/pets.tar"] = Content;
        await Get(Release($"{server.Address}/gone/pets.tar", $"{server.Address}/mirror/pets.tar"));
        Assert.Equal(["/gone/pets.tar 0", "/mirror/pets.tar 0"], server.Requests);
    }

    [Fact]
    public async Task An_overloaded_server_is_asked_again_a_missing_file_is_not()
    {
        server["pets.tar"] = Content;
        server.Refuse.Enqueue(503);
        server.Refuse.Enqueue(503);
        await Get(Release());
        Assert.Equal(3, server.Requests.Count);
        var error = await Assert.ThrowsAsync<DownloadException>(() => Get(Release($"{server.Address}/none.tar") with { Name = "other" }));
        Assert.Contains("404", error.Message);
        Assert.Equal(4, server.Requests.Count);
        Assert.False(File.Exists(folder["other/pets.tar.part"]), "a download of which nothing came leaves an empty file");
    }

    [Fact]
    public async Task A_silent_server_is_given_up()
    {
        server.Silent = true;
        var error = await Assert.ThrowsAsync<DownloadException>(() => Get(Release(), TimeSpan.FromMilliseconds(300)));
        Assert.Contains("nothing came for", error.Message);
    }

    [Fact]
    public async Task Without_a_network_the_message_says_what_to_do()
    {
        var error = await Assert.ThrowsAsync<DownloadException>(() => Get(Release("http://127.0.0.1:9/pets.tar")));
        Assert.Contains("no connection", error.Message);
        Assert.Contains("Check the network", error.Message);
        Assert.Contains($"put it at {Target}", error.Message);
        error = await Assert.ThrowsAsync<DownloadException>(() => Get(Release("http://no-such-host.invalid/pets.tar")));
        Assert.Contains("is there a network?", error.Message);
    }

    [Fact]
    public async Task Interrupted_it_keeps_what_came()
    {
        server["pets.tar"] = Content;
        using var cancel = new CancellationTokenSource();
        var progress = new Stopper(cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DatasetDownload(folder.Path) { Patience = TimeSpan.FromSeconds(5) }.GetAsync(Release(), progress, cancel.Token));
        Assert.True(File.Exists(Target + ".part"));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void The_catalogue_has_what_was_promised()
    {
        Assert.Equal(["cifar10", "cifar100", "mnist", "fashion-mnist", "imagenette"], DatasetCatalogue.All.Select(d => d.Name));
        Assert.All(DatasetCatalogue.All.SelectMany(d => d.Files), f =>
        {
            Assert.Matches("^[0-9a-f]{64}$", f.Sha256);
            Assert.All(f.Addresses, a => Assert.EndsWith("/" + f.Name, new Uri(a).AbsolutePath));
        });
        var error = Assert.Throws<BadInputException>(() => DatasetCatalogue.Find("cifar-10"));
        Assert.Equal("dataset-unknown", error.Code);
        Assert.Contains("Did you mean 'cifar10'?", error.Message);
    }

    private DatasetRelease Release(params string[] addresses) => new(
        "pets", "", [new DatasetFile("pets.tar", Convert.ToHexStringLower(SHA256.HashData(Content)), addresses.Length > 0 ? addresses : [$"{server.Address}/pets.tar"], Content.Length)]);

    private Task<IReadOnlyList<DownloadedFile>> Get(DatasetRelease release, TimeSpan? patience = null) =>
        new DatasetDownload(folder.Path) { Patience = patience ?? TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(5), Attempts = 3 }.GetAsync(release);

    private sealed class Stopper(CancellationTokenSource cancel) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => cancel.Cancel();
    }
}
