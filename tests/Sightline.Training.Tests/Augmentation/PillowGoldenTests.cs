using System.Text.Json;
using Sightline.Imaging;
using Sightline.Training.Augmentation;

namespace Sightline.Tests;

/// <summary>Against Pillow 9.4, to the bit: <c>Golden/make_pillow.py</c> holds the command.</summary>
public sealed class PillowGoldenTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(typeof(PillowGoldenTests).Assembly.GetManifestResourceStream("pillow.json")!).RootElement;

    [Theory]
    [MemberData(nameof(Operations))]
    public void Operation_equals_Pillows(string name)
    {
        RgbImage[] images = [.. Golden.GetProperty("images").EnumerateArray().Select(i => new RgbImage(i.GetProperty("width").GetInt32(), i.GetProperty("height").GetInt32(), i.GetProperty("pixels").GetBytesFromBase64()))];
        int seen = 0;
        foreach (JsonElement c in Golden.GetProperty("cases").EnumerateArray().Where(c => c.GetProperty("operation").GetString() == name))
        {
            RgbImage before = images[c.GetProperty("image").GetInt32()], copy = before.Clone();
            byte[] expected = c.GetProperty("pixels").GetBytesFromBase64();
            double strength = c.GetProperty("strength").GetDouble();
            byte[] pixels = RandAugment.Apply(before, Enum.Parse<RandAugmentOperation>(name), strength).Pixels;
            int at = pixels.AsSpan().CommonPrefixLength(expected);
            Assert.True(at == expected.Length, $"{name} {strength}, image {c.GetProperty("image")}: byte {at} is {(at < pixels.Length ? pixels[at] : -1)}, Pillow has {(at < expected.Length ? expected[at] : -1)}");
            Assert.Equal(copy.Pixels, before.Pixels); // operations are pure
            seen++;
        }
        Assert.True(seen >= 3);
    }

    public static TheoryData<string> Operations() => [.. Enum.GetNames<RandAugmentOperation>()];

    [Fact]
    public void Strengths_are_those_of_torchvisions_augmentation_space()
    {
        foreach (JsonProperty row in Golden.GetProperty("strengths").EnumerateObject())
        {
            foreach (JsonProperty operation in row.Value.EnumerateObject())
                Assert.Equal(operation.Value.GetDouble(), RandAugment.Strength(Enum.Parse<RandAugmentOperation>(operation.Name), int.Parse(row.Name, null), 331, 200), 9);
        }
    }
}
