using CsCheck;
using Sightline.Datasets;
using Sightline.Datasets.Splits;
using Sightline.Imaging;

namespace Sightline.Tests;

public sealed class SplitByGroupTests
{
    private static readonly Gen<ImageSet> Sets =
        from sizes in Gen.Int[1, 30].Array[2, 12]
        from test in Gen.Int[0, 5]
        select Set(sizes.SelectMany((n, g) => Enumerable.Range(0, n).Select(i => ((string?)$"drive-{g}", i % 3, "")))
            .Concat(Enumerable.Range(0, test).Select(i => ((string?)"drive-test", i % 3, "test"))));

    [Fact]
    public void No_group_is_cut_and_both_splits_are_filled() =>
        Gen.Select(Sets, Gen.Double[0.05, 0.95], Gen.ULong).Sample((set, fraction, seed) =>
        {
            ImageSet split = SplitByGroup.Apply(set, fraction, seed);
            Assert.All(split.Samples.GroupBy(s => s.Group), g => Assert.Single(g.Select(s => s.Split).Distinct()));
            Assert.Contains(split.Samples, s => s.Split == "train");
            Assert.Contains(split.Samples, s => s.Split == "val");
            Assert.Equal(set.Samples.Count(s => s.Split == "test"), split.Samples.Count(s => s.Split == "test"));
            Assert.Equal(split.Samples.Select(s => s.Split), SplitByGroup.Apply(set, fraction, seed).Samples.Select(s => s.Split));
        });

    [Fact]
    public void With_many_small_groups_the_share_is_met()
    {
        ImageSet set = Set(Enumerable.Range(0, 1000).Select(i => ((string?)$"drive-{i / 10}", i % 3, "")));
        Assert.Equal(200, SplitByGroup.Apply(set, 0.2, 1).Samples.Count(s => s.Split == "val"));
        Assert.NotEqual(SplitByGroup.Apply(set, 0.2, 1).Samples.Select(s => s.Split), SplitByGroup.Apply(set, 0.2, 2).Samples.Select(s => s.Split));
    }

    [Fact]
    public void Without_groups_every_class_is_split_alike()
    {
        ImageSet split = SplitByGroup.Apply(Set(Enumerable.Range(0, 300).Select(i => ((string?)null, i % 3, "train"))), 0.1, 3);
        Assert.All(Enumerable.Range(0, 3), c => Assert.Equal(10, split.Samples.Count(s => s.Split == "val" && s.Label == c)));
    }

    [Fact]
    public void Named_groups_become_val()
    {
        ImageSet set = Set(Enumerable.Range(0, 40).Select(i => ((string?)$"drive-{i / 10}", i % 3, "")));
        ImageSet split = SplitByGroup.Apply(set, ["drive-3"]);
        Assert.All(split.Samples, s => Assert.Equal(s.Group == "drive-3" ? "val" : "train", s.Split));
        var unknown = Assert.Throws<BadInputException>(() => SplitByGroup.Apply(set, ["drive-33"]));
        Assert.Equal("split-unknown-group", unknown.Code);
        Assert.Contains("did you mean 'drive-3'", unknown.Message);
        Assert.Equal("split-too-few-groups", Assert.Throws<BadInputException>(() => SplitByGroup.Apply(set, ["drive-0", "drive-1", "drive-2", "drive-3"])).Code);
    }

    [Fact]
    public void One_drive_cannot_be_split() =>
        Assert.Equal("split-too-few-groups", Assert.Throws<BadInputException>(() => SplitByGroup.Apply(Set(Enumerable.Range(0, 9).Select(i => ((string?)"drive-1", i % 3, ""))), 0.2, 1)).Code);

    private static ImageSet Set(IEnumerable<(string? Group, int Label, string Split)> samples) =>
        new("test", "nowhere", "", ["a", "b", "c"], [.. samples.Select((s, i) => new ImageSample($"{i}", s.Label, s.Split, s.Group, new NoImage()))], []);

    private sealed class NoImage : ImageContent
    {
        public override byte[] ReadBytes() => throw new InvalidOperationException();

        public override RgbImage Decode() => throw new InvalidOperationException();
    }
}
