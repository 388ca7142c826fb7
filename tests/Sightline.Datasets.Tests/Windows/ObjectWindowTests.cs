using Sightline.Datasets.Coco;
using Sightline.Datasets.Windows;
using Sightline.Imaging;

namespace Sightline.Tests.Windows;

/// <summary>Windows with a wanted number of objects, cut out of a COCO set whose objects are rectangles of one colour.</summary>
public sealed class ObjectWindowTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("windows-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    public void Every_window_shows_its_objects_whole_and_no_others(int least, int most)
    {
        string file = Write(images: 6);
        var options = new WindowOptions { Class = "cone", Side = 48, SmallestWindow = 48, LargestWindow = 140, Least = least, Most = most, PerImage = 4, EmptyPerImage = 2 };
        IReadOnlyList<ImageWindow> windows = ObjectWindows.Cut(file, options);
        Assert.Contains(windows, w => w.Objects.Count == 0);
        Assert.Contains(windows, w => w.Objects.Count >= least);
        Assert.All(windows.GroupBy(w => w.Name[..w.Name.LastIndexOf('@')]), image => Assert.InRange(image.Count(), 1, 6));
        Assert.Equal(windows.Count, windows.DistinctBy(w => w.Name).Count());
        foreach (ImageWindow window in windows)
        {
            Assert.True(window.Objects.Count == 0 || (window.Objects.Count >= least && window.Objects.Count <= most));
            Assert.Equal("drive-1", window.Group);
            Assert.Equal((48, 48), (window.Image.Width, window.Image.Height));
            // Red is cones, blue the other class: the pixels say the same as the boxes, but for scaling at their edges.
            int red = 0, outside = 0;
            for (int i = 0; i < 48 * 48; i++)
            {
                if (window.Image.Pixels[3 * i] < 128)
                    continue;
                red++;
                var pixel = new CropBox(i % 48, i / 48, 1, 1);
                outside += window.Objects.Any(o => o.Intersection(pixel) > 0) ? 0 : 1;
            }
            Assert.Equal(0, outside);
            double area = window.Objects.Sum(o => o.Area);
            Assert.InRange(red, area * 0.75 - 4, area * 1.25 + 4);
            Assert.All(window.Objects, o => Assert.True(o.X >= 0 && o.Y >= 0 && o.X + o.Width <= 48.001 && o.Y + o.Height <= 48.001));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_windows_and_another_others()
    {
        string file = Write(images: 3);
        string[] Names(ulong seed) => [.. ObjectWindows.Cut(file, new WindowOptions { Class = "cone", Seed = seed }).Select(w => w.Name)];
        Assert.Equal(Names(1), Names(1));
        Assert.NotEqual(Names(1), Names(2));
    }

    [Fact]
    public void Small_hidden_and_cut_objects_make_a_window_unusable()
    {
        var one = new CocoAnnotation(1, 1, 1, 60, 60, 20, 20, 400);
        IReadOnlyList<ImageWindow> Cut(CocoAnnotation other) => ObjectWindows.Cut(Write([one, other]), new WindowOptions { Class = "cone", Side = 64, Most = 9, PerImage = 200, EmptyPerImage = 0, LeastInside = 1 });
        // Where the second is in sight at all, nothing is cut: it is too small, too hidden, or a crowd.
        foreach (CocoAnnotation other in (CocoAnnotation[])[new(2, 1, 1, 90, 60, 2, 2, 4), new(2, 1, 1, 90, 60, 20, 20, 400, Occlusion: 0.9), new(2, 1, 1, 90, 60, 20, 20, 400, IsCrowd: true)])
        {
            IReadOnlyList<ImageWindow> windows = Cut(other);
            Assert.NotEmpty(windows);
            Assert.All(windows, w => Assert.Single(w.Objects));
        }
        Assert.Contains(Cut(new(2, 1, 1, 90, 60, 20, 20, 400)), w => w.Objects.Count == 2);
        // All of an object is inside: none touches the window's edge unless it ends there.
        Assert.All(Cut(new(2, 1, 1, 90, 60, 20, 20, 400)), w => Assert.All(w.Objects, o => Assert.Equal(o.Width, o.Height, 1e-6)));
    }

    [Fact]
    public void Bad_input_is_told_by_name()
    {
        string file = Write(images: 1);
        BadInputException unknown = Assert.Throws<BadInputException>(() => ObjectWindows.Cut(file, new WindowOptions { Class = "cones" }));
        Assert.Equal(("window-class", "Did you mean 'cone'?"), (unknown.Code, unknown.Fix));
        Assert.Equal("window-option", Assert.Throws<BadInputException>(() => ObjectWindows.Cut(file, new WindowOptions { Class = "cone", Least = 3, Most = 2 })).Code);
        Assert.Equal("coco-missing", Assert.Throws<BadInputException>(() => ObjectWindows.Cut(Path.Combine(folder, "no.json"), new WindowOptions { Class = "cone" })).Code);
        var image = new RgbImage(100, 100);
        File.WriteAllBytes(Path.Combine(folder, "images", "0.png"), ImageCodec.EncodePng(image));
        BadInputException size = Assert.Throws<BadInputException>(() => ObjectWindows.Cut(file, new WindowOptions { Class = "cone" }));
        Assert.Equal("image-size-differs", size.Code);
        Assert.EndsWith("0.png", size.Path);
        File.Delete(Path.Combine(folder, "images", "0.png"));
        Assert.Equal("image-missing", Assert.Throws<BadInputException>(() => ObjectWindows.Cut(file, new WindowOptions { Class = "cone" })).Code);
    }

    private string Write(int images)
    {
        var annotations = new List<CocoAnnotation>();
        for (int i = 0; i < images; i++)
        {
            var stream = new SeedStream(3, "objects", i);
            for (int k = 0; k < 12; k++)
            {
                int w = 8 + stream.NextInt(12), h = 8 + stream.NextInt(20);
                var box = new CropBox(stream.NextInt(200 - w), stream.NextInt(160 - h), w, h);
                if (annotations.TrueForAll(a => a.ImageId != i + 1 || box.Intersection(new CropBox(a.X, a.Y, a.Width, a.Height)) == 0))
                    annotations.Add(new CocoAnnotation(annotations.Count + 1, i + 1, 1 + k % 2, box.X, box.Y, w, h, w * h));
            }
        }
        return Write(annotations);
    }

    private string Write(IReadOnlyList<CocoAnnotation> annotations)
    {
        var images = new List<CocoImage>();
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        foreach (long id in annotations.Select(a => a.ImageId).Distinct())
        {
            var image = new RgbImage(200, 160);
            foreach (CocoAnnotation a in annotations.Where(a => a.ImageId == id))
            {
                for (int y = (int)a.Y; y < a.Y + a.Height; y++)
                {
                    for (int x = (int)a.X; x < a.X + a.Width; x++)
                        image.Row(y)[3 * x + (a.CategoryId == 1 ? 0 : 2)] = 255;
                }
            }
            File.WriteAllBytes(Path.Combine(folder, "images", $"{id - 1}.png"), ImageCodec.EncodePng(image));
            images.Add(new CocoImage(id, $"{id - 1}.png", 200, 160, VideoId: 1));
        }
        string file = Path.Combine(folder, "annotations.json");
        CocoJson.Write(file, new CocoDataset([new(1, "cone"), new(2, "crate")], images, annotations, [new(1, "drive-1")]));
        return file;
    }
}
