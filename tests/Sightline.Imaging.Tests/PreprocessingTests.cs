using System.Text;
using System.Text.Json;
using CsCheck;
using Sightline.Imaging;

namespace Sightline.Tests;

public class PreprocessingTests
{
    private static readonly Preprocessing imageNet = new(224, 224, ResizeRule.ShorterSideCenterCrop, 256, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    [Fact]
    public void NormalizesByTheFormula()
    {
        var p = new Preprocessing(5, 3, ResizeRule.None, 0, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);
        RgbImage image = TestPictures.Formula(5, 3);
        float[] input = new float[p.Length];
        p.Apply(image, input);
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < 15; i++)
                Assert.Equal((image.Pixels[3 * i + c] / 255.0 - p.Mean[c]) / p.Std[c], input[15 * c + i], 1e-6);
        }
    }

    [Fact]
    public void OtherSizesAreRefusedWhereNothingMayChange()
    {
        var p = new Preprocessing(5, 3, ResizeRule.None, 0, [0, 0, 0], [1, 1, 1]);
        var error = Assert.Throws<BadInputException>(() => p.Apply(TestPictures.Formula(6, 3), new float[p.Length]));
        Assert.Equal("image-wrong-size", error.Code);
        Assert.Throws<ArgumentException>(() => p.Apply(TestPictures.Formula(5, 3), new float[p.Length + 1]));
    }

    [Fact]
    public void ShorterSideCenterCropEqualsResizeThenCrop()
    {
        foreach ((int w, int h) in new[] { (640, 480), (480, 640), (256, 300), (333, 257), (224, 1000) })
        {
            RgbImage image = TestPictures.Formula(w, h);
            (int fw, int fh) = w >= h ? (256 * w / h, 256) : (256, 256 * h / w);
            RgbImage full = Resize.To(image, fw, fh);
            RgbImage cut = full.Crop((int)Math.Round((fw - 224) / 2.0), (int)Math.Round((fh - 224) / 2.0), 224, 224);
            Assert.Equal(cut.Pixels, imageNet.Fit(image).Pixels);
        }
    }

    [Fact]
    public void LetterboxKeepsTheAspectAndFillsWithGrey()
    {
        var p = new Preprocessing(64, 64, ResizeRule.Letterbox, 0, [0, 0, 0], [1, 1, 1]);
        RgbImage boxed = p.Fit(TestPictures.Smooth(128, 64));
        Assert.All(boxed.Row(15).ToArray(), v => Assert.Equal(114, v));
        Assert.All(boxed.Row(48).ToArray(), v => Assert.Equal(114, v));
        Assert.Equal(Resize.To(TestPictures.Smooth(128, 64), 64, 32).Pixels, boxed.Crop(0, 16, 64, 32).Pixels);
    }

    [Fact]
    public void JsonReadsBackToTheSameBits() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[1, 600], Gen.Enum<ResizeRule>(), Gen.Float[-2, 2].Array[3], Gen.Float[0.001f, 3].Array[3]).Sample((w, h, rule, mean, std) =>
        {
            var p = new Preprocessing(w, h, rule, Math.Max(w, h) + 7, mean, std);
            Assert.Equal(p, Read(Write(p)));
            Assert.Equal(p.GetHashCode(), Read(Write(p)).GetHashCode());
            Assert.NotEqual(p, p with { Mean = [mean[0], mean[1], mean[2] + 1] });
            Assert.Equal(rule != ResizeRule.ShorterSideCenterCrop, p == p with { ShorterSide = p.ShorterSide + 1 });
        }, iter: 200);

    [Theory]
    [InlineData("\"width\": 224", "\"width\": 0")]
    [InlineData("\"height\": 224", "\"height\": \"tall\"")]
    [InlineData("shorter-side-center-crop", "squeeze")]
    [InlineData("0.229", "0")]
    [InlineData("\"mean\"", "\"average\"")]
    [InlineData("\"rgb\"", "\"bgr\"")]
    [InlineData("\"shorterSide\": 256", "\"shorterSide\": 100")]
    public void NonsenseIsRefused(string from, string to)
    {
        string json = Write(imageNet);
        Assert.Contains(from, json);
        Assert.Equal("preprocessing-invalid", Assert.Throws<BadInputException>(() => Read(json.Replace(from, to))).Code);
    }

    private static string Write(Preprocessing p)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
            p.WriteJson(json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static Preprocessing Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Preprocessing.FromJson(document.RootElement, "x");
    }
}
