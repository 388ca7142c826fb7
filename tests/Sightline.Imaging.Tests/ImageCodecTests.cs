using System.Buffers.Binary;
using CsCheck;
using Sightline.Imaging;

namespace Sightline.Tests;

public class ImageCodecTests
{
    // Made by Pillow 9.4 from a 4×3 picture of one colour, (200, 50, 10).
    private const string CmykJpeg = "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAbEhQXFBEbFxYXHhwbIChCKyglJShROj0wQmBVZWRfVV1baniZgWpxkHNbXYW1hpCeo6utq2eAvMm6pseZqKuk/8AAFAgAAwAEBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDVrIrnK6av/9k=";
    private const string TwoFrameGif = "R0lGODlhBAADAIEAAMgyCgAAAAAAAAAAACH5BAAKAAAALAAAAAAEAAMAAAgIAAEIHEhQYEAAIfkEAAoAAAAsAAAAAAQAAwCBAFoKAAAAAAAAAAAACAgAAQgcSFBgQAA7";
    private const string StillGif = "R0lGODdhBAADAIEAAMgyCgAAAAAAAAAAACwAAAAABAADAAAICAABCBxIUGBAADs=";
    private const string TwoFrameWebP = "UklGRoYAAABXRUJQVlA4WAoAAAACAAAAAwAAAgAAQU5JTQYAAAAAAAAAAABBTk1GKgAAAAAAAAAAAAMAAAIAAGQAAAJWUDhMEQAAAC8DgAAAB1CZIleh/4GI6H8AAEFOTUYoAAAAAAAAAAAAAwAAAgAAZAAAAFZQOEwQAAAALwOAAAAHUK2oQv8DEdH/AA==";
    private const string LosslessWebP = "UklGRh4AAABXRUJQVlA4TBEAAAAvA4AAAAdQmSJXof+BiOh/AAA=";
    private const string LossyWebP = "UklGRjwAAABXRUJQVlA4IDAAAADQAQCdASoEAAMAAUAmJaACdLoB+AADsAD+8Bvf/zsGxLteOf/3OB7OB7OB/EgAAAA=";
    private const string TwoFramePng = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAAEAAAAAwAAAAAAAAAAAGQD6AAAJXJf5gAAABRJREFUeJxjPGHExQADTAxIAIUDACbuAQqxtps1AAAAGmZjVEwAAAABAAAABAAAAAMAAAAAAAAAAABkA+gAAL4BtTIAAAAYZmRBVAAAAAJ4nGNkiOJigAEmBiSAwgEADwYAahtLqNEAAAAASUVORK5CYII=";
    private const string Bmp = "Qk1aAAAAAAAAADYAAAAoAAAABAAAAAMAAAABABgAAAAAACQAAADEDgAAxA4AAAAAAAAAAAAACjLICjLICjLICjLICjLICjLICjLICjLICjLICjLICjLICjLI";
    private const string PalettePng = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAgMAAADJmkZVAAAADFBMVEXIMgoAAAAAAAAAAAAEZftsAAAAC0lEQVR4nGNgAAEAAAYAAf6MZ8gAAAAASUVORK5CYII=";
    private const string OneBitPng = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAACAQAAAAC4ESvwAAAADElEQVR4nGP4wcQAAALwAPsX9cCZAAAAAElFTkSuQmCC";


    // A Mandelbrot set of 48×40 as a progressive JPEG, by Pillow 9.4.
    private const string ProgressiveJpeg = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAoADADASIAAhEBAxEB/8QAGQABAQEBAQEAAAAAAAAAAAAAAgABAwQG/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEAMQAAAB+c3WB6Q50A4M4D1k5dEA7RroGUf/xAAeEAEAAQQCAwAAAAAAAAAAAAABAgADEBEgMRIiMv/aAAgBAQABBQLJHfAK6C4EopLBqp7r28ah9YGuwtjKIR4ktZ//xAAUEQEAAAAAAAAAAAAAAAAAAAAw/9oACAEDAQE/AR//xAAUEQEAAAAAAAAAAAAAAAAAAAAw/9oACAECAQE/AR//xAAeEAABAgcBAAAAAAAAAAAAAAABAGECEBESITAxIP/aAAgBAQAGPwLRU8UJtOHTzFvE3qh4oRccsn0f/8QAHxAAAgICAgMBAAAAAAAAAAAAAREAIRBBMYEgofCx/9oACAEBAAE/IckZaiyU8CJwyldyohYjaMQjR/e4cHYKXLhpbvWPwhwUcGNxy19yohQnSMSzRfe4fAjLceP/2gAMAwEAAgADAAAAEMKLIOLPIIP/xAAUEQEAAAAAAAAAAAAAAAAAAAAw/9oACAEDAQE/EB//xAAUEQEAAAAAAAAAAAAAAAAAAAAw/9oACAECAQE/EB//xAAjEAEBAAIBAwMFAAAAAAAAAAABEQAhMVFhkRBBoXGBwdHw/9oACAEBAAE/EAuBgLgSNRZ2xRidMC5y41msmoDhdoULGWPhxYo6GeOh1x1PcU1zkGIsBsZL8V2ngRzqXPtr9K1+eM7m3Zf6/Pf0mObU8fq+kZnLhG6yagOF0BBlLK+XFiDob46XfHV9gXfGQZmwmgsvxHe+VXBmDgpgQcRL2xTi9M//2Q==";

    private static byte[] Bytes(string base64) => Convert.FromBase64String(base64);

    private static string CodeOf(ReadOnlySpan<byte> bytes, DecodeOptions? options = null)
    {
        try
        {
            ImageCodec.Decode(bytes, "yard.jpg", options);
            return "decoded";
        }
        catch (BadInputException e)
        {
            Assert.StartsWith("yard.jpg: ", e.Message);
            return e.Code;
        }
    }

    [Theory]
    [InlineData(StillGif, 0)]
    [InlineData(LosslessWebP, 0)]
    [InlineData(LossyWebP, 6)]
    [InlineData(Bmp, 0)]
    [InlineData(PalettePng, 0)]
    public void DecodesOtherEncodersFiles(string base64, int tolerance)
    {
        RgbImage image = ImageCodec.Decode(Bytes(base64), "x");
        Assert.Equal((4, 3), (image.Width, image.Height));
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            Assert.InRange(image.Pixels[i], 200 - tolerance, 200 + tolerance);
            Assert.InRange(image.Pixels[i + 1], 50 - tolerance, 50 + tolerance);
            Assert.InRange(image.Pixels[i + 2], 10 - tolerance, 10 + tolerance);
        }
    }

    [Theory]
    [InlineData(CmykJpeg, "image-cmyk")]
    [InlineData(TwoFrameGif, "image-animated")]
    [InlineData(TwoFrameWebP, "image-animated")]
    [InlineData(TwoFramePng, "image-animated")]
    public void RefusesWhatNeedsAChoice(string base64, string code) => Assert.Equal(code, CodeOf(Bytes(base64)));

    [Fact]
    public void RefusesEmptyAndForeignFilesByName()
    {
        Assert.Equal("image-empty", CodeOf([]));
        Assert.Equal("image-unreadable", CodeOf(new byte[100]));
        Assert.Equal("image-unreadable", CodeOf("version https://git-lfs.github.com/spec/v1"u8));
        Assert.Equal("image-unreadable", CodeOf("<!DOCTYPE html><title>404</title>"u8));
        Assert.Equal("image-unreadable", CodeOf([.. "II*\0"u8, .. new byte[50]]));
    }

    [Fact]
    public void RefusesHugeHeadersBeforeTakingMemory()
    {
        byte[] jpeg = ImageCodec.EncodeJpeg(TestPictures.Smooth(16, 16));
        int sof = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(sof + 5), 30000);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(sof + 7), 30000);
        byte[] png = ImageCodec.EncodePng(TestPictures.Smooth(16, 16));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 30000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 30000);
        byte[] bmp = Bytes(Bmp);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 30000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), -30000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("image-too-large", CodeOf(jpeg));
        Assert.Equal("image-too-large", CodeOf(png));
        Assert.Equal("image-too-large", CodeOf(bmp));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal("image-too-large", CodeOf(ImageCodec.EncodeJpeg(TestPictures.Smooth(40, 30)), new DecodeOptions { MaxPixels = 1199 }));
        Assert.Equal("decoded", CodeOf(ImageCodec.EncodeJpeg(TestPictures.Smooth(40, 30)), new DecodeOptions { MaxPixels = 1200 }));
    }

    [Fact]
    public void EveryPrefixOfAFileIsRefused()
    {
        RgbImage image = TestPictures.Smooth(40, 30);
        foreach (byte[] whole in (byte[][])[ImageCodec.EncodeJpeg(image), ImageCodec.EncodePng(image), Bytes(ProgressiveJpeg), Bytes(LosslessWebP), Bytes(LossyWebP), Bytes(StillGif), Bytes(Bmp)])
        {
            Assert.Equal("decoded", CodeOf(whole));
            // The last two bytes of a JPEG, the padding of a WebP and the trailer of a GIF only say that it ends.
            int needed = ImageCodec.Inspect(whole, "x").Format switch { ImageFormat.Jpeg => 2, ImageFormat.Gif => 3, ImageFormat.WebP => 1, _ => 0 };
            for (int length = 0; length < whole.Length - needed; length += length < 64 ? 1 : 7)
            {
                string code = CodeOf(whole.AsSpan(0, length));
                Assert.True(code is "image-empty" or "image-unreadable" or "image-truncated" or "image-damaged", $"{ImageCodec.Inspect(whole, "x").Format} cut to {length} of {whole.Length}: {code}");
                if (length >= 12)
                    Assert.NotEqual("image-unreadable", code);
            }
        }
    }

    [Fact]
    public void DamagedBytesNeverEscapeAsAnotherException()
    {
        RgbImage image = TestPictures.Smooth(24, 20);
        byte[][] files = [ImageCodec.EncodeJpeg(image), ImageCodec.EncodePng(image), Bytes(LosslessWebP), Bytes(LossyWebP), Bytes(StillGif), Bytes(Bmp), Bytes(PalettePng), Bytes(TwoFramePng), Bytes(TwoFrameWebP)];
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, 2000], Gen.Byte, Gen.Int[0, 2000], Gen.Byte).Sample((file, at, value, at2, value2) =>
        {
            byte[] bytes = (byte[])files[file].Clone();
            bytes[at % bytes.Length] = value;
            bytes[at2 % bytes.Length] ^= value2;
            try
            {
                ImageCodec.Decode(bytes, "x", new DecodeOptions { MaxPixels = 1 << 20 });
            }
            catch (BadInputException)
            {
                // The only kind of failure a person may see.
            }
        }, iter: 3000);
    }

    [Fact]
    public void SixteenBitsAreRefusedAsAPhotoAndReadAsAPlane()
    {
        var depth = new Plane<ushort>(5, 4);
        for (int i = 0; i < depth.Values.Length; i++)
            depth.Values[i] = (ushort)(i * 3271);
        byte[] png = ImageCodec.EncodePng(depth);
        Assert.Equal("image-16-bit", CodeOf(png));
        Assert.Equal(depth.Values, ImageCodec.DecodePlane16(png, "x").Values);
        ImageFacts facts = ImageCodec.Inspect(png, "x");
        Assert.Equal(new ImageFacts(ImageFormat.Png, 5, 4, 1, 16, 1, 1), facts);
    }

    [Fact]
    public void GreyBecomesEqualChannels()
    {
        var plane = new Plane<byte>(7, 3);
        for (int i = 0; i < plane.Values.Length; i++)
            plane.Values[i] = (byte)(i * 12);
        RgbImage image = ImageCodec.Decode(ImageCodec.EncodePng(plane), "x");
        Assert.Equal(plane.Values.SelectMany(v => new[] { v, v, v }), image.Pixels);
    }

    [Fact]
    public void PalettesAndBitsAreReadAsIndices()
    {
        Assert.All(ImageCodec.DecodePlane8(Bytes(PalettePng), "x").Values, v => Assert.Equal(0, v));
        Plane<byte> bits = ImageCodec.DecodePlane8(Bytes(OneBitPng), "x");
        Assert.Equal((5, 2), (bits.Width, bits.Height));
        Assert.All(bits.Values, v => Assert.Equal(1, v));
        var colour = Assert.Throws<BadInputException>(() => ImageCodec.DecodePlane8(ImageCodec.EncodePng(TestPictures.Smooth(4, 4)), "x"));
        Assert.Equal("plane-not-grey", colour.Code);
    }

    [Fact]
    public void PlanesSurviveTheRoundTrip() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 1000]).Sample((w, h, seed) =>
        {
            var stream = new SeedStream((ulong)seed, "planes");
            var ids = new Plane<byte>(w, h);
            var depth = new Plane<ushort>(w, h);
            for (int i = 0; i < w * h; i++)
            {
                ids.Values[i] = (byte)stream.NextInt(256);
                depth.Values[i] = (ushort)stream.NextInt(65536);
            }
            Assert.Equal(ids.Values, ImageCodec.DecodePlane8(ImageCodec.EncodePng(ids), "x").Values);
            Assert.Equal(depth.Values, ImageCodec.DecodePlane16(ImageCodec.EncodePng(depth), "x").Values);
        }, iter: 60);

    [Fact]
    public void PngIsLosslessAndSkiaReadsOurs()
    {
        foreach ((int w, int h) in new[] { (1, 1), (2, 1), (1, 7), (5, 3), (16, 16), (33, 9) })
        {
            RgbImage image = TestPictures.Formula(w, h);
            Assert.Equal(image.Pixels, ImageCodec.Decode(ImageCodec.EncodePng(image), "x").Pixels);
        }
    }

    [Fact]
    public void JpegStaysCloseAndIsDeterministic()
    {
        RgbImage image = TestPictures.Smooth(320, 240);
        byte[] jpeg = ImageCodec.EncodeJpeg(image, 95);
        Assert.Equal(jpeg, ImageCodec.EncodeJpeg(image, 95));
        RgbImage back = ImageCodec.Decode(jpeg, "x");
        double error = 0;
        for (int i = 0; i < image.Pixels.Length; i++)
            error += Math.Abs(image.Pixels[i] - back.Pixels[i]);
        Assert.InRange(error / image.Pixels.Length, 0, 1.5);
    }

    [Fact]
    public void TransparencyNeedsABackground()
    {
        // RGBA, one row: opaque red, half green, clear blue.
        byte[] png = RgbaPng(3, 1, [255, 0, 0, 255, 0, 200, 0, 128, 0, 0, 255, 0]);
        Assert.Equal(4, ImageCodec.Inspect(png, "x").Channels);
        Assert.Equal("image-transparent", CodeOf(png));
        Assert.Equal([255, 0, 0, 127, 227, 127, 255, 255, 255], ImageCodec.Decode(png, "x", new DecodeOptions { Background = Rgb.White }).Pixels);
        Assert.Equal([255, 0, 0, 0, 100, 0, 0, 0, 0], ImageCodec.Decode(png, "x", new DecodeOptions { Background = Rgb.Black }).Pixels);
        Assert.Equal([1, 2, 3], ImageCodec.Decode(RgbaPng(1, 1, [1, 2, 3, 255]), "x").Pixels);
    }

    private static byte[] RgbaPng(int width, int height, byte[] rgba) => PngWriter.Write(width, height, (8, 6), 4, rgba);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void ExifOrientationIsApplied(int orientation)
    {
        // Red left half, blue right half, dark lower part: each orientation puts the corner marks elsewhere.
        var stored = new RgbImage(32, 16);
        for (int y = 0; y < 16; y++)
        {
            for (int x = 0; x < 32; x++)
                (stored.Row(y)[3 * x + (x < 16 ? 0 : 2)], stored.Row(y)[3 * x + 1]) = (220, (byte)(y < 8 ? 200 : 20));
        }
        byte[] jpeg = WithOrientation(ImageCodec.EncodeJpeg(stored, 98), orientation);
        ImageFacts facts = ImageCodec.Inspect(jpeg, "x");
        RgbImage upright = ImageCodec.Decode(jpeg, "x");
        Assert.Equal(orientation, facts.Orientation);
        Assert.Equal((facts.Width, facts.Height), (upright.Width, upright.Height));
        Assert.Equal(orientation >= 5 ? (16, 32) : (32, 16), (upright.Width, upright.Height));
        // Where the stored top-left corner (red and bright) is seen: EXIF 2.3, tag 274.
        (bool right, bool bottom) = orientation switch { 1 or 5 => (false, false), 2 or 6 => (true, false), 3 or 7 => (true, true), _ => (false, true) };
        int px = right ? upright.Width - 3 : 2, py = bottom ? upright.Height - 3 : 2;
        ReadOnlySpan<byte> corner = upright.Row(py).Slice(3 * px, 3);
        Assert.True(corner[0] > 150 && corner[1] > 150 && corner[2] < 80, $"({corner[0]}, {corner[1]}, {corner[2]})");
        if (orientation is 6)
        {
            // The stored left column becomes the top row: stored bottom-left (red, dark) is seen at the top left.
            ReadOnlySpan<byte> topLeft = upright.Row(2).Slice(6, 3);
            Assert.True(topLeft[0] > 150 && topLeft[1] < 80);
        }
        RgbImage cropped = ImageCodec.DecodeCrop(jpeg, "x", (w, h) => new CropBox(0, 0, w, h), facts.Width, facts.Height);
        Assert.Equal(upright.Pixels, cropped.Pixels);
    }

    private static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] tiff = [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        byte[] segment = [0xFF, 0xE1, 0, (byte)(2 + 6 + tiff.Length), .. "Exif\0\0"u8, .. tiff];
        return [.. jpeg[..2], .. segment, .. jpeg[2..]];
    }

    [Fact]
    public void CropWhileDecodingEqualsCropAfterwards()
    {
        byte[] jpeg = ImageCodec.EncodeJpeg(TestPictures.Smooth(320, 240), 92);
        RgbImage whole = ImageCodec.Decode(jpeg, "x");
        var box = new CropBox(37.5, 20.25, 200, 180.5);
        Assert.Equal(Resize.Crop(whole, box, 224, 224).Pixels, ImageCodec.DecodeCrop(jpeg, "x", (_, _) => box, 224, 224).Pixels);
        // Only the rows that a crop needs are decoded: for any box they are those of the whole picture, to the bit.
        byte[] busy = ImageCodec.EncodeJpeg(TestPictures.Formula(120, 90), 80);
        RgbImage busyWhole = ImageCodec.Decode(busy, "x");
        Gen.Double[0, 1].Array[4].Sample(u =>
        {
            double w = 3 + u[0] * 117, h = 3 + u[1] * 87;
            var any = new CropBox(u[2] * (120 - w), u[3] * (90 - h), w, h);
            Assert.Equal(Resize.Crop(busyWhole, any, 120, 90).Pixels, ImageCodec.DecodeCrop(busy, "x", (_, _) => any, 120, 90).Pixels);
        }, iter: 150);
        byte[] scans = Bytes(ProgressiveJpeg);
        var part = new CropBox(5, 13, 40, 20);
        Assert.Equal(Resize.Crop(ImageCodec.Decode(scans, "x"), part, 40, 20).Pixels, ImageCodec.DecodeCrop(scans, "x", (_, _) => part, 40, 20).Pixels);
        Assert.Equal("image-truncated", Assert.Throws<BadInputException>(() => ImageCodec.DecodeCrop(busy.AsSpan(0, busy.Length - 900), "x", (_, _) => new CropBox(0, 0, 120, 9), 120, 9)).Code);
        // Decoded at a fraction of its size: close, not equal.
        RgbImage exact = Resize.Crop(whole, box, 60, 50);
        RgbImage quick = ImageCodec.DecodeCrop(jpeg, "x", (_, _) => box, 60, 50);
        double error = 0;
        for (int i = 0; i < exact.Pixels.Length; i++)
            error = Math.Max(error, Math.Abs(exact.Pixels[i] - quick.Pixels[i]));
        Assert.InRange(error, 0, 12);
    }

    [Fact]
    public void ThumbnailsAreNeverSmallerThanAsked()
    {
        byte[] jpeg = ImageCodec.EncodeJpeg(TestPictures.Smooth(640, 480));
        for (int w = 10; w <= 640; w += 45)
        {
            RgbImage thumbnail = ImageCodec.Decode(jpeg, "x", new DecodeOptions { AtLeast = (w, w * 3 / 4) });
            Assert.InRange(thumbnail.Width, w, Math.Max(80, w + 80));
        }
    }

    [Fact]
    public void MissingFilesAreBadInput() =>
        Assert.Equal("file-missing", Assert.Throws<BadInputException>(() => ImageCodec.Read("/nowhere/at/all.jpg")).Code);
}
