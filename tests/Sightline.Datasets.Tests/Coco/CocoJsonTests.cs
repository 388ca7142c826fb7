using CsCheck;
using Sightline.Datasets.Coco;

namespace Sightline.Tests;

public sealed class CocoJsonTests : IDisposable
{
    private static readonly Gen<double> Numbers = Gen.Double[-5000, 5000];

    private static readonly Gen<RleMask?> Masks =
        (from height in Gen.Int[1, 9]
         from width in Gen.Int[1, 9]
         from bits in Gen.Byte[0, 1].Array[height * width]
         select RleMask.FromBitmap(bits, height, width)).Null();

    private static readonly Gen<IReadOnlyList<IReadOnlyList<double>>?> Polygons =
        Numbers.Array[3, 6].Select(half => (IReadOnlyList<double>)[.. half, .. half]).Array[1, 3].Select(p => (IReadOnlyList<IReadOnlyList<double>>)p).Null();

    private static readonly Gen<CocoAnnotation> Annotations =
        from id in Gen.Long
        from box in Numbers.Array[4]
        from area in Numbers
        from crowd in Gen.Bool
        from mask in Masks
        from polygons in Polygons
        from track in Gen.Int.Nullable()
        from amodal in Numbers.Array[4].Null()
        from occlusion in Gen.Double[0, 1].Nullable()
        select new CocoAnnotation(id, id / 2, 3, box[0], box[1], box[2], box[3], area, crowd, mask, mask is null ? polygons : null, track, amodal, occlusion, occlusion);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_returns_from_the_file() =>
        Gen.Select(Annotations.Array[0, 5], Gen.String, Gen.Int.Nullable()).Sample(
            (annotations, name, number) =>
            {
                var written = new CocoDataset(
                    [new CocoCategory(1, name, "a \\ \"group\""), new CocoCategory(3, "ü")],
                    [new CocoImage(1L << 40, name, 640, 480, number, number, number), new CocoImage(2, "b/c.jpg", 1, 2)],
                    annotations,
                    number is int video ? [new CocoVideo(video, "drive-01")] : []);
                string path = System.IO.Path.Combine(folder.Path, $"{Guid.NewGuid():N}.json");
                CocoJson.Write(path, written);
                Same(written, CocoJson.Read(path));
            },
            iter: 60);

    [Fact]
    public void Gaps_are_filled_from_what_is_there()
    {
        string path = folder.Write("a.json", """
            {
              "info": {"year": 2017, "nested": [1, {"deep": true}]},
              "images": [{"id": 7, "file_name": "a.jpg"}],
              "annotations": [
                {"id": 1, "image_id": 7, "category_id": 18.0, "segmentation": [[10, 20, 30.5, 20, 30, 60]], "iscrowd": false},
                {"id": 2, "image_id": 7, "category_id": 18, "segmentation": {"size": [2, 3], "counts": [1, 2, 3]}, "iscrowd": 1},
                {"id": 3, "image_id": 7, "category_id": 18, "bbox": [1, 2, 3, 4], "segmentation": null, "score": 0.5}
              ],
              "categories": [{"id": 18, "name": "dog", "keypoints": []}],
            }
            """);
        CocoDataset dataset = CocoJson.Read(path);
        CocoAnnotation[] annotations = [.. dataset.Annotations];
        Assert.Equal((10, 20, 20.5, 40), (annotations[0].X, annotations[0].Y, annotations[0].Width, annotations[0].Height));
        Assert.Equal((0, 0, 2, 2, 2), (annotations[1].X, annotations[1].Y, annotations[1].Width, annotations[1].Height, annotations[1].Area));
        Assert.True(annotations[1].IsCrowd);
        Assert.Equal(12, annotations[2].Area);
        Assert.Equal(0, dataset.Images[0].Width);
    }

    [Theory]
    [InlineData("[]", "coco-not-detection", null, "list")]
    [InlineData("3", "coco-not-detection", null, "no JSON object")]
    [InlineData("""{"images": []}""", "coco-not-detection", null, "'annotations'")]
    [InlineData("", "coco-syntax", 1, "damaged")]
    [InlineData("{\n\"images\": [\n{\"id\": 1,", "coco-syntax", 3, "damaged")]
    [InlineData("{\"images\": {}, \"annotations\": []}", "coco-record", 1, "'images' is not a list")]
    [InlineData("{\"images\": [\n{\"id\": 1, \"file_name\": \"a\"},\n{\"id\": 2}], \"annotations\": []}", "coco-record", 3, "Record 1 of 'images': 'file_name' is missing")]
    [InlineData("{\"images\": [{\"id\": \"1\", \"file_name\": \"a\"}], \"annotations\": []}", "coco-record", 1, "'id' is \"1\", not a whole number")]
    [InlineData("{\"images\": [3], \"annotations\": []}", "coco-record", 1, "not an object")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1}]}", "coco-record", 1, "no 'bbox'")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3]}]}", "coco-record", 1, "4 numbers")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 1e999]}]}", "coco-record", 1, "not a number")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"segmentation\": {\"size\": [2, 2], \"counts\": \"9\"}}]}", "coco-record", 1, "runs cover 9")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"segmentation\": {\"size\": [2], \"counts\": \"4\"}}]}", "coco-record", 1, "[height, width]")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"segmentation\": [[1, 2, 3]]}]}", "coco-record", 1, "pairs")]
    public void Damage_is_named_with_record_and_line(string text, string code, int? line, string part)
    {
        string path = folder.Write("bad.json", text);
        var error = Assert.Throws<BadInputException>(() => CocoJson.Read(path));
        Assert.Equal((code, path, line), (error.Code, error.Path, error.Line));
        Assert.Contains(part, error.Message);
        Assert.NotNull(error.Fix);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Equal("coco-missing", Assert.Throws<BadInputException>(() => CocoJson.Read(folder["none.json"])).Code);

    private static void Same(CocoDataset expected, CocoDataset actual)
    {
        Assert.Equal(expected.Categories, actual.Categories);
        Assert.Equal(expected.Videos, actual.Videos);
        Assert.Equal(expected.Images, actual.Images);
        Assert.Equal(expected.Annotations.Count, actual.Annotations.Count);
        foreach ((CocoAnnotation a, CocoAnnotation b) in expected.Annotations.Zip(actual.Annotations))
        {
            Assert.Equal(a with { Polygons = null, AmodalBox = null }, b with { Polygons = null, AmodalBox = null });
            Assert.Equal(a.Polygons, b.Polygons);
            Assert.Equal(a.AmodalBox, b.AmodalBox);
        }
    }
}
