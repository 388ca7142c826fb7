using Sightline.Imaging;
using Sightline.Runtime;
using Sightline.Verification;

namespace Sightline.Tests;

public class ParityCheckTests
{
    private const int Images = 300;
    private const int Noise = 40;
    private static readonly TinyClassifier trained = TinyClassifier.Random(11);
    private static readonly RgbImage[] images = [.. Enumerable.Range(0, Images).Select(Picture)];
    private static readonly float[] logits = [.. images.SelectMany(image =>
    {
        float[] input = new float[trained.Contract().Preprocessing.Length];
        trained.Contract().Preprocessing.Apply(image, input);
        return trained.Forward(input);
    })];
    private static readonly float[] noiseLogits = [.. Enumerable.Range(0, Noise).SelectMany(i =>
    {
        float[] input = new float[trained.Contract().Preprocessing.Length];
        RandomInputs.Write(5, i, input);
        return trained.Forward(input);
    })];

    /// <summary>Every fifth label is not what the network says: an accuracy of 80 %.</summary>
    private static int Label(int i) => i % 5 == 4 ? (Decision(i) + 1) % 5 : Decision(i);

    private static int Decision(int i) => Array.IndexOf(logits, logits[(5 * i)..(5 * i + 5)].Max(), 5 * i) - 5 * i;

    private static RgbImage Picture(int seed)
    {
        var stream = new SeedStream((ulong)seed, "picture");
        var image = new RgbImage(12, 10);
        double r = stream.Uniform(0, 200), g = stream.Uniform(0, 200), b = stream.Uniform(0, 200);
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            image.Pixels[i] = (byte)(r + stream.NextInt(55));
            image.Pixels[i + 1] = (byte)(g + stream.NextInt(55));
            image.Pixels[i + 2] = (byte)(b + stream.NextInt(55));
        }
        return image;
    }

    private static ParityInput Input(string path) => new()
    {
        ModelPath = path,
        Classes = trained.Contract().Classes,
        Preprocessing = trained.Contract().Preprocessing,
        RunFingerprint = "f00d",
        ImageNames = [.. Enumerable.Range(0, Images).Select(i => $"image-{i:000}.png")],
        Labels = [.. Enumerable.Range(0, Images).Select(Label)],
        ReadImage = i => images[i],
        TrainedLogits = logits,
        TrainedRandomLogits = noiseLogits,
        Seed = 5,
        Batch = 32,
        Threads = 1,
    };

    private static ParityReport Check(byte[] file, Func<ParityInput, ParityInput>? change = null)
    {
        using var model = new TemporaryFile(file);
        ParityInput input = Input(model.Path);
        return ParityCheck.Run(change is null ? input : change(input));
    }

    [Fact]
    public void TheNetworkSetsAreNotDegenerate()
    {
        // Otherwise nothing below would mean much: several classes are decided, none by nearly all images.
        int[] counts = [.. Enumerable.Range(0, 5).Select(c => Enumerable.Range(0, Images).Count(i => Decision(i) == c))];
        Assert.True(counts.Count(n => n >= 10) >= 3, string.Join(" ", counts));
    }

    [Fact]
    public void AFaithfulExportPasses()
    {
        ParityReport report = Check(trained.ToOnnx());
        Assert.True(report.Passed, string.Join("; ", report.Reasons));
        Assert.Equal((Images, 0, 0, Noise), (report.Images, report.Flips, report.RandomFlips, report.RandomInputs));
        Assert.Equal(0.8, report.AccuracyTrained, 1e-9);
        Assert.Equal(0.8, report.AccuracyExported, 1e-9);
        Assert.InRange(report.MaxAbsDifference, 0, 1e-4);
        Assert.InRange(report.P999AbsDifference, 0, report.MaxAbsDifference);
        Assert.InRange(report.MaxAbsLogit, 0.1, 1000);
        Assert.Equal([1, 32], report.Batches);
        Assert.Equal("best, epoch 3", report.Checkpoint);
        Assert.Equal(0, report.FlipRateInterval.Low);
        Assert.InRange(report.FlipRateInterval.High, 0.005, 0.02);
    }

    [Fact]
    public void SwappedChannelsAreCaughtWithTheImages()
    {
        float[] bgr = [.. Enumerable.Range(0, trained.Kernel.Length).Select(i => trained.Kernel[i / 27 * 27 + (2 - i / 9 % 3) * 9 + i % 9])];
        ParityReport report = Check((trained with { Kernel = bgr }).ToOnnx());
        Assert.False(report.Passed);
        Assert.InRange(report.Flips, 30, Images);
        Assert.Equal(report.Flips, report.FlippedImages.Count);
        FlippedDecision first = report.FlippedImages[0];
        int index = int.Parse(first.Image[6..9]);
        Assert.Equal($"class {Decision(index)}", first.Trained);
        Assert.Equal($"class {Label(index)}", first.Label);
        Assert.NotEqual(first.Trained, first.Exported);
        Assert.True(first.Margin > 0);
        Assert.Contains(report.Reasons, r => r.Contains("decisions flip"));
        Assert.True(report.MaxAbsDifference > 0.1);
    }

    [Fact]
    public void PerturbedWeightsAreCaught()
    {
        float[] linear = [.. trained.Linear.Select((w, i) => w + (i % 7 < 3 ? 1f : -1f))];
        ParityReport report = Check((trained with { Linear = linear }).ToOnnx());
        Assert.False(report.Passed);
        Assert.InRange(report.Flips, 1, Images);
        Assert.InRange(report.AccuracyChangeInterval.Low, -1, report.AccuracyExported - report.AccuracyTrained);
    }

    [Fact]
    public void ADifferenceThatFlipsNothingPasses()
    {
        // By decisions, not by an epsilon: all logits moved by the same amount decide the same.
        float[] bias = [.. trained.LinearBias.Select(b => b + 0.5f)];
        ParityReport report = Check((trained with { LinearBias = bias }).ToOnnx());
        Assert.True(report.Passed);
        Assert.InRange(report.MaxAbsDifference, 0.49, 0.51);
        Assert.InRange(report.P999AbsDifference, 0.49, 0.51);
    }

    [Fact]
    public void NotANumberIsCaught()
    {
        ParityReport report = Check((trained with { LinearBias = [0, 0, float.NaN, 0, 0] }).ToOnnx());
        Assert.False(report.Passed);
        Assert.Equal(Images, report.Flips);
        Assert.All(report.FlippedImages, f => Assert.Equal("nan", f.Exported));
        Assert.True(double.IsNaN(report.MaxAbsDifference));
        Assert.Contains(report.Reasons, r => r.Contains("no finite numbers"));
    }

    [Fact]
    public void OtherPreprocessingInTheFileIsCaughtEvenIfNothingFlips()
    {
        ModelContract contract = trained.Contract();
        ModelContract other = contract with { Preprocessing = contract.Preprocessing with { Mean = [0.5f, 0.4f, 0.3001f] } };
        ParityReport report = Check(trained.ToOnnx(other.ToJson()));
        Assert.Contains(report.Reasons, r => r.Contains("pre-processing"));
        ModelContract wrong = contract with { Preprocessing = contract.Preprocessing with { Std = [1, 1, 1] } };
        ParityReport flipped = Check(trained.ToOnnx(wrong.ToJson()));
        Assert.Contains(flipped.Reasons, r => r.Contains("decisions flip"));
    }

    [Fact]
    public void OtherClassesOrAnotherRunAreCaught()
    {
        ModelContract contract = trained.Contract();
        ParityReport renamed = Check(trained.ToOnnx((contract with { Classes = ["class 1", "class 0", "class 2", "class 3", "class 4"] }).ToJson()));
        Assert.False(renamed.Passed);
        Assert.Contains(renamed.Reasons, r => r.Contains("classes"));
        ParityReport stranger = Check(trained.ToOnnx((contract with { RunFingerprint = "beef" }).ToJson()));
        Assert.Contains(stranger.Reasons, r => r.Contains("another run"));
        Assert.True(Check(trained.ToOnnx((contract with { RunFingerprint = "beef" }).ToJson()), i => i with { RunFingerprint = null }).Passed);
    }

    [Fact]
    public void OffsetsOfTheFileHaveToBeTheRuns()
    {
        ModelContract contract = trained.Contract();
        var decision = new ContractDecision(null, null, [1, 1, 1, 1, 5], [0, 0, 0, 0, Math.Log(5)]);
        byte[] named = trained.ToOnnx((contract with { Decision = decision }).ToJson());
        Assert.Contains(Check(named).Reasons, r => r.Contains("offsets"));
        Assert.Contains(Check(trained.ToOnnx(contract.ToJson()), i => i with { Decision = decision }).Reasons, r => r.Contains("offsets"));
        Assert.DoesNotContain(Check(named, i => i with { Decision = decision with { Offsets = [0, 0, 0, 0, Math.Log(5) + 1e-9] } }).Reasons, r => r.Contains("offsets"));
    }

    [Fact]
    public void TheBoundIsMetAtItselfAndBrokenOneAbove()
    {
        // The trained logits of some images are changed so that exactly these decisions flip.
        float[] Flipped(int count)
        {
            float[] changed = (float[])logits.Clone();
            for (int i = 0; i < count; i++)
                changed[5 * i + (Decision(i) + 1) % 5] += 1000;
            return changed;
        }
        var loose = new ParityBounds { MaxFlipRate = 0.01, MaxAccuracyChange = 1 };
        Assert.True(Check(trained.ToOnnx(), i => i with { TrainedLogits = Flipped(3), Bounds = loose }).Passed);
        ParityReport four = Check(trained.ToOnnx(), i => i with { TrainedLogits = Flipped(4), Bounds = loose });
        Assert.False(four.Passed);
        Assert.Equal(["image-000.png", "image-001.png", "image-002.png", "image-003.png"], four.FlippedImages.Select(f => f.Image));
        ParityReport accuracy = Check(trained.ToOnnx(), i => i with { TrainedLogits = Flipped(4), Bounds = new ParityBounds { MaxFlipRate = 1, MaxAccuracyChange = 0.001 } });
        Assert.Contains(accuracy.Reasons, r => r.Contains("accuracy changes by +1.333 points"));
    }

    [Fact]
    public void NoiseFindsWhatTheImagesDoNotShow()
    {
        float[] changed = (float[])noiseLogits.Clone();
        changed[0] += 1000;
        changed[5 + 1] += 1000;
        ParityReport report = Check(trained.ToOnnx(), i => i with { TrainedRandomLogits = changed });
        Assert.Equal(0, report.Flips);
        Assert.InRange(report.RandomFlips, 1, 2);
        Assert.Contains(report.Reasons, r => r.Contains("random inputs"));
    }

    [Fact]
    public void ArraysThatDoNotFitAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Check(trained.ToOnnx(), i => i with { TrainedLogits = logits.AsMemory(5) }));
        Assert.Throws<ArgumentException>(() => Check(trained.ToOnnx(), i => i with { Labels = [1, 2] }));
        Assert.Throws<ArgumentException>(() => Check(trained.ToOnnx(), i => i with { Labels = [.. Enumerable.Repeat(5, Images)] }));
        Assert.Throws<BadInputException>(() => ParityCheck.Run(Input("/nowhere.onnx")));
    }

    [Fact]
    public void RandomInputsDependOnSeedAndIndexOnly()
    {
        float[] a = new float[3000], b = new float[3000], c = new float[3000];
        RandomInputs.Write(1, 2, a);
        RandomInputs.Write(1, 2, b);
        RandomInputs.Write(1, 3, c);
        Assert.Equal(a, b);
        Assert.NotEqual(a, c);
        Assert.InRange(a.Average(), -0.1, 0.1);
        Assert.InRange(a.Select(v => v * v).Average(), 0.9, 1.1);
    }
}
