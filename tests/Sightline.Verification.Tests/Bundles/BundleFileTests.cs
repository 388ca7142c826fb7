using System.IO.Compression;
using Sightline.Verification;

namespace Sightline.Tests;

/// <summary>Bundles on disk: what is written is what is read, and nothing else is.</summary>
public sealed class BundleFileTests : IDisposable
{
    private static readonly Bundle Golden = PlantedBundle.Of(new PlantedNetwork(), frames: 3);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("bundle-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("bundle")]
    [InlineData("bundle.zip")]
    public void What_is_written_is_what_is_read(string name)
    {
        BundleFile.Write(PathOf(name), Golden);
        Assert.True(BundleFile.IsBundle(PathOf(name)));
        Bundle read = BundleFile.Read(PathOf(name));
        Assert.Equal(Golden.Model, read.Model);
        Assert.Equal(Golden.Contract, read.Contract);
        Assert.Equal((Golden.Expected, Golden.Origin, Golden.Licence), (read.Expected, read.Origin, read.Licence));
        foreach ((GoldenFrame was, GoldenFrame now) in Golden.Frames.Zip(read.Frames))
        {
            Assert.Equal((was.Name, was.Label, was.Decision), (now.Name, now.Label, now.Decision));
            Assert.Equal(was.Image, now.Image);
            Assert.Equal(was.Input, now.Input);
            Assert.Equal(was.Logits, now.Logits);
            Assert.Equal(0, was.Decoded.Pixels.DistanceTo(now.Decoded.Pixels));
            Assert.Equal(was.Layers.Select(l => (l.Value, l.Operator, l.Module)), now.Layers.Select(l => (l.Value, l.Operator, l.Module)));
            Assert.All(was.Layers.Zip(now.Layers), pair => Assert.Equal(0, pair.First.Summary.DistanceTo(pair.Second.Summary)));
        }
        Assert.Empty(folder.EnumerateFileSystemInfos("*.tmp"));
    }

    [Fact]
    public void The_same_bundle_gives_the_same_bytes()
    {
        BundleFile.Write(PathOf("a.zip"), Golden);
        BundleFile.Write(PathOf("b.zip"), Golden);
        Assert.Equal(File.ReadAllBytes(PathOf("a.zip")), File.ReadAllBytes(PathOf("b.zip")));
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("contract.json")]
    [InlineData("frames/0001/image.png")]
    [InlineData("frames/0002/input.f32")]
    [InlineData("frames/0000/reference.json")]
    public void Changed_bytes_are_named(string file)
    {
        BundleFile.Write(PathOf("bundle"), Golden);
        string path = PathOf($"bundle/{file}");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(file, Refused("bundle-changed").Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, [.. bytes, 0]);
        Refused("bundle-changed");
        File.Delete(path);
        Assert.Contains(file, Refused("bundle-changed").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_bundle_says_so()
    {
        Refused("bundle-missing");
        folder.CreateSubdirectory("bundle");
        Refused("bundle-missing");
        File.WriteAllText(PathOf("bundle/bundle.json"), "{");
        Refused("bundle-damaged");
        File.WriteAllText(PathOf("bundle/bundle.json"), """{"version": 9, "files": []}""");
        Refused("bundle-version");
        File.WriteAllText(PathOf("bundle/bundle.json"), """{"version": 1, "files": [], "frames": []}""");
        Refused("bundle-damaged");
        File.WriteAllText(PathOf("bundle.zip"), "no zip");
        Refused("bundle-damaged", "bundle.zip");
        using (ZipArchive zip = ZipFile.Open(PathOf("other.zip"), ZipArchiveMode.Create))
            zip.CreateEntry("readme.txt");
        Refused("bundle-missing", "other.zip");
        File.WriteAllText(PathOf("taken"), "");
        Assert.Equal("bundle-exists", Assert.Throws<BadInputException>(() => BundleFile.Write(PathOf("taken"), Golden)).Code);
    }

    // No name of the manifest leads out of the bundle.
    [Fact]
    public void Paths_of_a_manifest_are_not_followed()
    {
        File.WriteAllText(PathOf("secret.json"), "secret");
        folder.CreateSubdirectory("bundle");
        File.WriteAllText(PathOf("bundle/bundle.json"), """{"version": 1, "files": [{"name": "../secret.json", "bytes": 6, "sha256": "00"}], "frames": ["../secret.json"], "origin": {}}""");
        Assert.Contains("does not list contract.json", Refused("bundle-damaged").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_another_program_wrote_down_is_held_against_the_frames()
    {
        for (int i = 0; i < Golden.Frames.Count; i++)
        {
            folder.CreateSubdirectory($"out/000{i}");
            File.WriteAllBytes(PathOf($"out/000{i}/input.f32"), [.. Golden.Frames[i].Input.SelectMany(BitConverter.GetBytes)]);
            File.WriteAllText(PathOf($"out/000{i}/decision.txt"), Golden.Frames[i].Decision + "\n");
        }
        var recorded = new RecordedDeployment(PathOf("out"));
        Assert.True(BundleCheck.Run(Golden, recorded).Passed);
        File.WriteAllText(PathOf("out/0001/decision.txt"), Golden.Contract.Classes.First(c => c != Golden.Frames[1].Decision));
        BundleReport flipped = BundleCheck.Run(Golden, recorded);
        Assert.Equal(("1 of 3 golden frames are decided otherwise", BundleStage.Decision), (Assert.Single(flipped.Reasons), flipped.First!.Value.Difference.Stage));
        File.WriteAllText(PathOf("out/0001/input.f32"), "odd");
        Assert.Equal("outputs-invalid", Assert.Throws<BadInputException>(() => BundleCheck.Run(Golden, recorded)).Code);
        Directory.Delete(PathOf("out/0001"), recursive: true);
        Assert.Equal("outputs-missing", Assert.Throws<BadInputException>(() => BundleCheck.Run(Golden, recorded)).Code);
    }

    private BadInputException Refused(string code, string name = "bundle")
    {
        BadInputException refused = Assert.Throws<BadInputException>(() => BundleFile.Read(PathOf(name)));
        Assert.Equal(code, refused.Code);
        return refused;
    }

    private string PathOf(string name) => Path.Combine(folder.FullName, name);
}
