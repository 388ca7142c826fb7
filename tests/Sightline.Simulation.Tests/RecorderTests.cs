using System.Security.Cryptography;
using System.Text.Json;
using Sightline.Datasets.Coco;
using Sightline.Imaging;
using Sightline.Simulation;

namespace Sightline.Tests;

public sealed class RecorderTests : IDisposable
{
    private static readonly RecordingOptions small = new() { Seed = 7, Drives = 2, FramesPerDrive = 6, FramesPerSecond = 1, Width = 90, Height = 70, Depth = true, LeastPixels = 3 };

    private readonly string root = Directory.CreateTempSubdirectory("sightline-record-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void The_same_seed_gives_the_same_bytes_whatever_the_number_of_threads()
    {
        Dictionary<string, string> one = Hashes(Record(small with { Threads = 1 }, "one"));
        Dictionary<string, string> three = Hashes(Record(small with { Threads = 3 }, "three"));
        Assert.Equal(2 * 6 * 3 + 2 + 3, one.Count);
        Assert.Equal(one, three);
        Dictionary<string, string> other = Hashes(Record(small with { Seed = 8, Drives = 1 }, "other"));
        Assert.All(other.Where(f => f.Key.EndsWith(".jpg", StringComparison.Ordinal)), f => Assert.NotEqual(one[f.Key], f.Value));
    }

    [Fact]
    public void Files_agree_with_each_other()
    {
        string folder = Record(small, "a");
        CocoDataset coco = CocoJson.Read(Path.Combine(folder, "annotations.json"));
        Assert.Equal(["cone", "barrel", "crate", "pallet", "person", "vehicle", "sign"], coco.Categories.Select(c => c.Name));
        Assert.Equal(["drive-01", "drive-02"], coco.Videos.Select(v => v.Name));
        Assert.Equal(12, coco.Images.Count);
        Assert.NotEmpty(coco.Annotations);
        foreach (CocoImage image in coco.Images)
        {
            RgbImage picture = ImageCodec.Read(Path.Combine(folder, image.FileName));
            Assert.Equal((image.Width, image.Height), (picture.Width, picture.Height));
            string name = image.FileName["images/".Length..^".jpg".Length];
            Plane<byte> semantic = ImageCodec.DecodePlane8(File.ReadAllBytes(Path.Combine(folder, "semantic", name + ".png")), name);
            Plane<ushort> depth = ImageCodec.DecodePlane16(File.ReadAllBytes(Path.Combine(folder, "depth", name + ".png")), name);
            Assert.All(semantic.Values, v => Assert.InRange(v, 0, SemanticClasses.Count - 1));
            for (int i = 0; i < semantic.Values.Length; i++)
                Assert.True(semantic.Values[i] != 0 || depth.Values[i] == 0, "the sky has no depth");
            foreach (CocoAnnotation a in coco.Annotations.Where(a => a.ImageId == image.Id))
            {
                byte[] mask = a.Mask!.ToBitmap();
                for (int i = 0; i < mask.Length; i++)
                    Assert.True(mask[i] == 0 || semantic.Values[i] == a.CategoryId, "mask and semantic image agree");
            }
        }
        // A track is one thing: one class in all of its drive.
        var drives = coco.Images.ToDictionary(i => i.Id, i => i.VideoId);
        foreach (IGrouping<(int?, int?), CocoAnnotation> track in coco.Annotations.GroupBy(a => (drives[a.ImageId], a.TrackId)))
        {
            Assert.Single(track.Select(a => a.CategoryId).Distinct());
            Assert.Equal(track.Count(), track.Select(a => a.ImageId).Distinct().Count());
        }
        using var poses = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "poses", "drive-02.json")));
        JsonElement list = poses.RootElement.GetProperty("worldFromBody");
        Assert.Equal(6, list.GetArrayLength());
        Assert.Equal(coco.Images[7].TimestampNs, list[1].GetProperty("timestampNs").GetInt64());
        using var calibration = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "calibration.json")));
        Assert.Equal(45, calibration.RootElement.GetProperty("camera").GetProperty("cx").GetDouble());
    }

    [Fact]
    public void An_interrupted_recording_keeps_complete_drives_and_nothing_else()
    {
        using var stop = new CancellationTokenSource();
        string folder = Path.Combine(root, "cut");
        var options = small with { FramesPerDrive = 20, Threads = 2 };
        Assert.ThrowsAny<OperationCanceledException>(() => Recorder.Record(options, folder, new StopAt(stop, "record drive-02", 3), stop.Token));
        Assert.Equal(20, Directory.GetFiles(Path.Combine(folder, "images", "drive-01")).Length);
        Assert.False(Directory.Exists(Path.Combine(folder, "images", "drive-02")));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(folder), f => Path.GetFileName(f).StartsWith('.'));
        CocoDataset coco = CocoJson.Read(Path.Combine(folder, "annotations.json"));
        Assert.Equal("drive-01", Assert.Single(coco.Videos).Name);
        Assert.Equal(20, coco.Images.Count);
    }

    [Fact]
    public void A_recording_interrupted_in_its_first_drive_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        string folder = Path.Combine(root, "cut at once");
        Assert.ThrowsAny<OperationCanceledException>(() => Recorder.Record(small with { FramesPerDrive = 20, Threads = 2 }, folder, new StopAt(stop, "record drive-01", 2), stop.Token));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_folder_with_something_in_it_is_refused_unless_it_may_be_replaced()
    {
        string folder = Record(small with { Drives = 1, FramesPerDrive = 1 }, "full");
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "mine");
        var refused = Assert.Throws<BadInputException>(() => Recorder.Record(small, folder));
        Assert.Equal("record-folder", refused.Code);
        Recorder.Record(small with { Drives = 1, FramesPerDrive = 2, Depth = false, Overwrite = true }, folder);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(folder, "images", "drive-01")).Length);
        Assert.False(Directory.Exists(Path.Combine(folder, "depth")));
        Assert.True(File.Exists(Path.Combine(folder, "notes.txt")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("{\"generator\": \"another program\"}")]
    [InlineData("not json")]
    public void A_folder_that_is_no_recording_is_never_replaced(string? recordingJson)
    {
        string folder = Path.Combine(root, "photos");
        Directory.CreateDirectory(Path.Combine(folder, "images", "drive-01"));
        File.WriteAllText(Path.Combine(folder, "images", "photo.jpg"), "mine");
        File.WriteAllText(Path.Combine(folder, "images", "drive-01", "000000.jpg"), "mine");
        File.WriteAllText(Path.Combine(folder, "annotations.json"), "mine");
        if (recordingJson is not null)
            File.WriteAllText(Path.Combine(folder, "recording.json"), recordingJson);
        Dictionary<string, string> before = Hashes(folder);
        var refused = Assert.Throws<BadInputException>(() => Recorder.Record(small with { Drives = 1, FramesPerDrive = 1, Overwrite = true }, folder));
        Assert.Equal("record-folder", refused.Code);
        Assert.Equal(before, Hashes(folder));
    }

    [Fact]
    public void Replacing_a_recording_removes_what_it_wrote_and_nothing_else()
    {
        string folder = Record(small with { Drives = 2, FramesPerDrive = 1 }, "mixed");
        string[] mine = ["images/photo.jpg", "depth/drive-1x/a.png", "poses/notes.json", "kept/drive-01/a.jpg"];
        foreach (string file in mine)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllText(Path.Combine(folder, file), "mine");
        }
        Recorder.Record(small with { Drives = 1, FramesPerDrive = 1, Depth = false, Overwrite = true }, folder);
        Assert.All(mine, file => Assert.Equal("mine", File.ReadAllText(Path.Combine(folder, file))));
        Assert.False(Directory.Exists(Path.Combine(folder, "images", "drive-02")));
        Assert.False(Directory.Exists(Path.Combine(folder, "depth", "drive-01")));
        Assert.False(File.Exists(Path.Combine(folder, "poses", "drive-02.json")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        File.WriteAllText(Path.Combine(root, "file"), "mine");
        Assert.Equal("record-folder", Assert.Throws<BadInputException>(() => Recorder.Record(small, Path.Combine(root, "file", "below"))).Code);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused_before_anything_is_written()
    {
        foreach (RecordingOptions bad in (RecordingOptions[])[small with { Drives = 0 }, small with { Width = 8 }, small with { JpegQuality = 101 }, small with { Difficulty = double.NaN }])
        {
            string folder = Path.Combine(root, "never");
            Assert.Equal("record-option", Assert.Throws<BadInputException>(() => Recorder.Record(bad, folder)).Code);
            Assert.False(Directory.Exists(folder));
        }
    }

    private string Record(RecordingOptions options, string name)
    {
        string folder = Path.Combine(root, name);
        RecordingSummary summary = Recorder.Record(options, folder);
        Assert.Equal(options.Drives * options.FramesPerDrive, summary.Frames);
        Assert.Equal(summary.Annotations, summary.PerClass.Values.Sum());
        return folder;
    }

    private static Dictionary<string, string> Hashes(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(folder, f), f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))));

    private sealed class StopAt(CancellationTokenSource stop, string stage, int done) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Stage == stage && value.Done >= done)
                stop.Cancel();
        }
    }
}
