using Sightline.Imaging;

namespace Sightline.Tests;

public class DrawingTests
{
    private static int Ink(RgbImage image) => Enumerable.Range(0, image.Width * image.Height).Count(i => image.Pixels[3 * i] < 128);

    [Fact]
    public void TextPutsInkOnThePicture()
    {
        using var drawing = new Drawing(200, 40, Rgb.White);
        Assert.Equal(0, Ink(drawing.ToImage()));
        RgbImage image = drawing.Text(5, 5, "cone 0.93", 20, Rgb.Black).ToImage();
        Assert.InRange(Ink(image), 300, 2000);
        // All of it lies where measuring says.
        (double width, double height) = Drawing.MeasureText("cone 0.93", 20);
        Assert.InRange(width, 70, 120);
        for (int y = 0; y < 40; y++)
        {
            for (int x = 0; x < 200; x++)
            {
                if (image.Row(y)[3 * x] < 128)
                    Assert.True(x >= 4 && x <= 6 + width && y >= 4 && y <= 6 + height, $"ink at {x}, {y}");
            }
        }
    }

    [Theory]
    [InlineData('A')]
    [InlineData('ß')]
    [InlineData('Ж')]
    [InlineData('µ')]
    [InlineData('±')]
    [InlineData('…')]
    [InlineData('→')]
    public void LettersDifferFromTheMissingGlyph(char letter)
    {
        RgbImage drawn = new Drawing(40, 40, Rgb.White).Text(5, 5, letter.ToString(), 24, Rgb.Black).ToImage();
        RgbImage missing = new Drawing(40, 40, Rgb.White).Text(5, 5, "\uE123", 24, Rgb.Black).ToImage();
        Assert.True(Ink(drawn) > 5);
        Assert.NotEqual(missing.Pixels, drawn.Pixels);
    }

    [Fact]
    public void EmbeddedFontIsATrueTypeFile()
    {
        Assert.Equal([0, 1, 0, 0], EmbeddedFont.Bytes.Span[..4].ToArray());
        Assert.True(EmbeddedFont.Bytes.Length > 500_000);
    }

    [Fact]
    public void LongTextsAreShortenedToTheRoom()
    {
        const string name = "drive-03/frame-000172-pallet-with-a-very-long-name.jpg";
        string fitted = Drawing.FitText(name, 12, 128);
        Assert.EndsWith("…", fitted);
        Assert.InRange(Drawing.MeasureText(fitted, 12).Width, 90, 128);
        Assert.Equal("cone", Drawing.FitText("cone", 12, 128));
        Assert.Equal("", Drawing.FitText("cone", 12, 1));
    }

    [Fact]
    public void RectanglesAndImagesLandWhereTheyAreTold()
    {
        using var drawing = new Drawing(20, 10, Rgb.White);
        RgbImage image = drawing.FillRectangle(new CropBox(2, 3, 4, 5), new Rgb(255, 0, 0)).Image(-1, -1, new RgbImage(3, 3)).Image(19, 9, new RgbImage(3, 3)).ToImage();
        for (int y = 0; y < 10; y++)
        {
            for (int x = 0; x < 20; x++)
            {
                Rgb expected = (x < 2 && y < 2) || (x == 19 && y == 9) ? Rgb.Black : x is >= 2 and < 6 && y is >= 3 and < 8 ? new Rgb(255, 0, 0) : Rgb.White;
                Span<byte> p = image.Row(y).Slice(3 * x, 3);
                Assert.Equal(expected, new Rgb(p[0], p[1], p[2]));
            }
        }
    }

    [Fact]
    public void LabelsStayInsideAndStandOut()
    {
        RgbImage image = new Drawing(100, 60, Rgb.White).Label(90, 55, "crate", 14, new Rgb(20, 20, 120)).ToImage();
        int plate = Enumerable.Range(0, 6000).Count(i => image.Pixels[3 * i + 2] == 120);
        Assert.InRange(plate, 300, 1500);
        Assert.Contains(Enumerable.Range(0, 6000), i => image.Pixels[3 * i] > 240 && i / 100 > 44 && i % 100 > 50);
    }

    [Fact]
    public void ContactSheetShowsEveryPictureAndCaption()
    {
        var tiles = Enumerable.Range(0, 7).Select(i =>
        {
            var picture = new RgbImage(32, 32);
            picture.Fill(new Rgb((byte)(30 * i + 20), 200, 60));
            return new SheetTile(picture, $"class {i}", i == 3 ? new Rgb(255, 0, 0) : null);
        }).ToList();
        RgbImage sheet = ContactSheet.Draw(tiles, new ContactSheetOptions { TileWidth = 64, TileHeight = 64, Title = "seven" });
        RgbImage bare = ContactSheet.Draw([.. tiles.Select(t => t with { Caption = "" })], new ContactSheetOptions { TileWidth = 64, TileHeight = 64, Title = "seven" });
        foreach (SheetTile tile in tiles)
        {
            int count = Enumerable.Range(0, sheet.Width * sheet.Height).Count(i => sheet.Pixels[3 * i] == tile.Picture.Pixels[0] && sheet.Pixels[3 * i + 1] == 200 && sheet.Pixels[3 * i + 2] == 60);
            Assert.InRange(count, 64 * 64 - 300, 64 * 64); // 32 pixels are shown twice as large; a frame covers some
        }
        Assert.True(Ink(sheet) > Ink(bare) + 7 * 40, "captions put ink on the sheet");
        Assert.InRange((double)sheet.Width / sheet.Height, 0.8, 2.2);
        Assert.Throws<ArgumentException>(() => ContactSheet.Draw([]));
    }
}
