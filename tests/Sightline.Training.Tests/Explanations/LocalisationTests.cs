using Sightline.Imaging;
using Sightline.Models;
using Sightline.Training.Explanations;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class LocalisationTests
{
    // Two of eight cells.
    private static readonly Plane<byte> Truth = new(4, 2, [0, 1, 1, 0, 0, 0, 0, 0]);

    /// <summary>A map, what the pointing game and the energy of it are.</summary>
    public static TheoryData<float[], double, double> HandMade => new()
    {
        { [0, 3, 0, 0, 1, 2, 0, 0], 1, 0.5 },                 // the peak on the object, half of the evidence too
        { [4, 3, 0, 0, 1, 0, 0, 0], 0, 0.375 },               // the peak beside it
        { [0, 1, 0, 0, 0, 0, 0, 0], 1, 1 },
        { [-9, 1, 1, -9, -9, -9, 2, -9], 0, 0.5 },            // what speaks against the class doesn't count
        { [2, 2, 0, 0, 0, 0, 2, 2], 0.25, 0.25 },             // one of four equal peaks
        { [5, 5, 5, 5, 5, 5, 5, 5], 0.25, 0.25 },             // even: the object's share of the image
        { [0, 0, 0, 0, 0, 0, 0, 0], 0.25, 0.25 },             // nothing speaks for the class
        { [-1, -2, -3, -4, -5, -6, -7, -8], 0.25, 0.25 },
    };

    [Theory]
    [MemberData(nameof(HandMade))]
    public void Hand_made_maps_get_what_is_counted_by_hand(float[] values, double pointing, double energy)
    {
        var map = new Plane<float>(4, 2, values);
        Assert.Equal(pointing, Localisation.Pointing(map, Truth));
        Assert.Equal(energy, Localisation.Energy(map, Truth), 1e-12);
        Assert.Equal(0.25, Localisation.Area(Truth));
        Assert.Throws<ArgumentException>(() => Localisation.Pointing(map, new Plane<byte>(2, 4)));
    }

    [Fact]
    public void A_report_stands_beside_what_knows_nothing()
    {
        // The object is always left of the middle; one map finds it, one has no evidence, two point right.
        Plane<float> On(int x)
        {
            var map = new Plane<float>(9, 9);
            map[x, 4] = 1;
            return map;
        }
        var truth = new Plane<byte>(9, 9);
        truth[2, 4] = 1;
        LocalisationReport report = LocalisationReport.Of([(On(2), truth, 0), (new Plane<float>(9, 9), truth, 0), (On(7), truth, 3), (On(7), truth, 3)], seed: 1);
        Assert.Equal((4, 1), (report.Images, report.Empty));
        double even = 1 / 81.0;
        Assert.Equal((1 + even) / 4, report.Method.Pointing.Mean, 1e-12);
        Assert.Equal((1 + even) / 4, report.Method.Energy.Mean, 1e-12);
        Assert.Equal((even, even), (report.Even.Pointing.Mean, report.Even.Energy.Mean));
        Assert.Equal(0, report.Centred.Pointing.Mean);
        Assert.InRange(report.Centred.Energy.Mean, even / 2, 2 * even);
        Assert.Equal(report.Method.Energy.Mean - report.Centred.Energy.Mean, report.AboveCentred.Energy.Mean, 1e-9);
        Assert.Equal([(0, (1 + even) / 2), (3, 0)], report.PointingByClass.Select(c => (c.Key, c.Value)));
        Assert.InRange(report.Method.Energy.Mean, report.Method.Energy.Interval.Low, report.Method.Energy.Interval.High);
        // Hits or misses alone are an accuracy: of few images Wilson's interval.
        Assert.InRange(report.Centred.Pointing.Interval.High, 0.3, 0.6);
        // The distribution in the middle finds what is there.
        var middle = new Plane<byte>(9, 9);
        middle[4, 4] = 1;
        Assert.Equal(1, LocalisationReport.Of([(On(2), middle, 0)], seed: 1).Centred.Pointing.Mean);
    }

    [Fact]
    public void A_mask_goes_the_way_of_the_picture()
    {
        var mask = new Plane<byte>(40, 20);
        for (int y = 0; y < 20; y++)
        {
            for (int x = 20; x < 40; x++)
                mask[x, y] = 1;
        }
        float[] zero = [0, 0, 0], one = [1, 1, 1];
        Plane<byte> boxed = Localisation.Seen(mask, new Preprocessing(16, 16, ResizeRule.Letterbox, 0, zero, one))!;
        Plane<byte> stretched = Localisation.Seen(mask, new Preprocessing(16, 16, ResizeRule.Stretch, 0, zero, one))!;
        for (int y = 0; y < 16; y++)
        {
            for (int x = 0; x < 16; x++)
            {
                Assert.Equal(x >= 8 ? 1 : 0, stretched[x, y]);
                Assert.Equal(x >= 8 && y is >= 4 and < 12 ? 1 : 0, boxed[x, y]); // the grey around is no object
            }
        }
        var speck = new Plane<byte>(40, 40);
        speck[3, 3] = 1;
        Assert.Null(Localisation.Seen(speck, new Preprocessing(8, 8, ResizeRule.Stretch, 0, zero, one)));
    }

    [Fact]
    public void Off_centre_windows_hold_the_whole_object_anywhere()
    {
        // An object of 10 × 10 cut with a margin of 1 on every side; windows of the usual margin of 0.5 are 20 × 20.
        var wide = new RgbImage(30, 30);
        var mask = new Plane<byte>(30, 30);
        for (int y = 10; y < 20; y++)
        {
            for (int x = 10; x < 20; x++)
            {
                mask[x, y] = 1;
                wide.Row(y)[3 * x] = 200;
            }
        }
        Assert.Equal(1, OffCentreCrop.WideMargin(0.5));
        var places = new HashSet<int>();
        for (int i = 0; i < 200; i++)
        {
            var draw = new SeedStream(1, "window", i);
            (RgbImage picture, Plane<byte> part) = OffCentreCrop.Window(wide, mask, 0.5, ref draw);
            Assert.Equal((20, 20, 20, 20), (picture.Width, picture.Height, part.Width, part.Height));
            Assert.Equal(100, part.Values.Count(v => v == 1));
            Assert.Equal(part.Values, picture.Pixels.Where((_, p) => p % 3 == 0).Select(p => (byte)(p / 200)));
            places.Add(Array.IndexOf(part.Values, (byte)1) % 20);
        }
        Assert.Equal(Enumerable.Range(0, 11), places.Order());
        SeedStream any = new(1, "window");
        Assert.Throws<ArgumentException>(() => OffCentreCrop.Window(wide, new Plane<byte>(30, 30), 0.5, ref any));
    }

    [Fact]
    public void Ranks_are_what_is_compared()
    {
        static Plane<float> Map(params float[] values) => new(values.Length, 1, values);
        Plane<float> map = Map(-1, 0, 3, 2, 7);
        Assert.Equal(1, RankCorrelation.Of(map, Map([.. map.Values.Select(v => MathF.Exp(v) - 5)])), 1e-12);
        Assert.Equal(-1, RankCorrelation.Of(map, Map([.. map.Values.Select(v => -v)])), 1e-12);
        Assert.Equal(0, RankCorrelation.Of(map, Map(2, 2, 2, 2, 2)));
        // Ranks 0.5, 0.5, 2, 3 against 0, 1, 2, 3: 4.5 / √(4.5 · 5).
        Assert.Equal(4.5 / Math.Sqrt(22.5), RankCorrelation.Of(Map(1, 1, 2, 3), Map(1, 2, 3, 4)), 1e-12);
    }

    [Fact]
    public void Random_weights_change_grad_cam_from_the_classifier_downwards()
    {
        using Classifier trained = Networks.Create("cifar_resnet8", 3, 4), fresh = Networks.Create("cifar_resnet8", 3, 5), other = Networks.Create("cifar_resnet8", 3, 5);
        Tensor[] images = [.. Enumerable.Range(0, 4).Select(i => ExplainerTests.Image(32, 32, (ulong)i))];
        var options = new ExplanationOptions();
        WeightSanity sanity = WeightSanity.Run(trained, fresh, images, options);
        Assert.Equal(["fc", "layer3.0.conv2", "layer3.0.conv1", "layer2.0.conv2", "layer2.0.conv1", "layer1.0.conv2", "layer1.0.conv1", "conv1"], sanity.Steps.Select(s => s.Layer));
        Assert.All(sanity.Steps, s => Assert.Equal(4, s.Similarity.Count));
        Assert.All(sanity.Steps, s => Assert.InRange(s.Mean.Mean, -0.9, 0.9));
        // The last step is the fresh network; the first is the trained one under the fresh classifier.
        Explanation all = new Explainer(other).Explain(images[0], options with { Class = sanity.Trained[0].Class });
        Assert.Equal(all.Map.Values, sanity.Steps[^1].Maps[0].Values);
        Dictionary<string, Tensor> from = trained.state_dict(), to = other.state_dict();
        using (no_grad())
        {
            foreach ((string name, Tensor value) in from.Where(t => !t.Key.StartsWith("fc.", StringComparison.Ordinal)))
                to[name].copy_(value);
        }
        Explanation head = new Explainer(other).Explain(images[0], options with { Class = sanity.Trained[0].Class });
        Assert.Equal(head.Map.Values, sanity.Steps[0].Maps[0].Values);
        foreach (Tensor image in images)
            image.Dispose();
    }

    [Fact]
    public void Deep_networks_are_randomised_in_few_steps()
    {
        using Classifier trained = Networks.Create("cifar_mobilenet_v2", 3, 4), fresh = Networks.Create("cifar_mobilenet_v2", 3, 5), another = Networks.Create("cifar_resnet8", 3, 5);
        using Tensor image = ExplainerTests.Image(32, 32);
        WeightSanity sanity = WeightSanity.Run(trained, fresh, [image], new ExplanationOptions());
        Assert.Equal(16, sanity.Steps.Count);
        Assert.Equal(("classifier.1", "features.0.0"), (sanity.Steps[0].Layer, sanity.Steps[^1].Layer));
        Assert.Throws<ArgumentException>(() => WeightSanity.Run(trained, another, [image], new ExplanationOptions()));
    }
}
