using System.Globalization;
using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary>Resizing and colour against Pillow 9.4's own results, bit for bit (Golden/pillow.txt, made by Golden/make_pillow.py).</summary>
public class PillowGoldenTests
{
    public static TheoryData<string> Cases()
    {
        using var reader = new StreamReader(typeof(PillowGoldenTests).Assembly.GetManifestResourceStream("pillow.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#')];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsPillow(string line)
    {
        string[] parts = line.Split(" | ");
        string[] a = parts[0].Split(' ');
        RgbImage result = a[0] switch
        {
            "resize" => Resize.To(TestPictures.Formula(Int(a[1]), Int(a[2])), Int(a[3]), Int(a[4]), Enum.Parse<Interpolation>(a[5])),
            "crop" => Resize.Crop(
                TestPictures.Formula(Int(a[1]), Int(a[2])),
                new CropBox(Number(a[3]), Number(a[4]), Number(a[5]) - Number(a[3]), Number(a[6]) - Number(a[4])),
                Int(a[7]), Int(a[8]), Enum.Parse<Interpolation>(a[9])),
            "brightness" => ColorAdjustment.Brightness(TestPictures.Formula(37, 29), Number(a[1])),
            "contrast" => ColorAdjustment.Contrast(TestPictures.Formula(37, 29), Number(a[1])),
            "saturation" => ColorAdjustment.Saturation(TestPictures.Formula(37, 29), Number(a[1])),
            "hue" => ColorAdjustment.Hue(TestPictures.Formula(37, 29), (Int(a[1]) < 128 ? Int(a[1]) + 0.5 : Int(a[1]) - 256.5) / 255),
            _ => throw new InvalidOperationException(line),
        };
        byte[] ends = [.. result.Pixels[..9], .. result.Pixels[^9..]];
        Assert.Equal(parts[2].Split(' ').Select(byte.Parse), ends);
        Assert.Equal(parts[1], PngCrc(result.Pixels));
    }

    private static int Int(string s) => int.Parse(s, CultureInfo.InvariantCulture);

    private static double Number(string s) => double.Parse(s, CultureInfo.InvariantCulture);

    /// <summary>The plain form of the checksum (ISO 3309), bit by bit.</summary>
    private static string PngCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int k = 0; k < 8; k++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }
        return (~crc).ToString("x8", CultureInfo.InvariantCulture);
    }
}
