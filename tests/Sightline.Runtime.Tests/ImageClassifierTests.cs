using System.Diagnostics;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Tests;

public class ImageClassifierTests
{
    private static readonly TinyClassifier network = TinyClassifier.Random(7);

    private static RgbImage Picture(int seed, int width = 37, int height = 23)
    {
        var stream = new SeedStream((ulong)seed, "picture");
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(stream.NextInt(120) + 60 * (seed % 3));
        return image;
    }

    private static float[] Input(RgbImage image)
    {
        Preprocessing p = network.Contract().Preprocessing;
        float[] input = new float[p.Length];
        p.Apply(image, input);
        return input;
    }

    [Fact]
    public void LogitsAreTheNetworks()
    {
        using var file = new TemporaryFile(network.ToOnnx());
        using ImageClassifier classifier = ImageClassifier.Open(file.Path, new ClassifierOptions { Threads = 1 });
        for (int seed = 0; seed < 20; seed++)
        {
            float[] expected = network.Forward(Input(Picture(seed)));
            Classification c = classifier.Classify(Picture(seed));
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], c.Logits[i], 1e-4);
            Assert.Equal($"class {expected.ToList().IndexOf(expected.Max())}", c.Label);
            double sum = expected.Sum(e => Math.Exp(e - expected.Max()));
            Assert.Equal(1 / sum, c.Probability, 1e-4);
            Assert.Equal(5, c.Top.Count);
            Assert.Equal(1, c.Top.Sum(t => t.Probability), 1e-9);
            Assert.Equal(c.Top.OrderByDescending(t => t.Probability), c.Top);
        }
    }

    [Fact]
    public void BytesGiveWhatTrainingsPreprocessingGivesToTheLastBit()
    {
        // Training hands Preprocessing.Apply(ImageCodec.Decode(bytes)) to the network; the robot hands over bytes.
        using var file = new TemporaryFile(network.ToOnnx());
        using ImageClassifier classifier = ImageClassifier.Open(file.Path, new ClassifierOptions { Threads = 1 });
        byte[][] files = [ImageCodec.EncodeJpeg(Picture(1, 320, 240)), ImageCodec.EncodePng(Picture(2)), ImageCodec.EncodeJpeg(Picture(3, 64, 200), 60)];
        foreach (byte[] bytes in files)
        {
            float[] logits = new float[5];
            classifier.Logits(Input(ImageCodec.Decode(bytes, "training")), 1, logits);
            Assert.Equal(logits, classifier.Classify(bytes).Logits);
        }
    }

    [Fact]
    public void WhatTheRobotsPageShowsRuns()
    {
        using var file = new TemporaryFile(network.ToOnnx());
        using var picture = new TemporaryFile(ImageCodec.EncodeJpeg(Picture(1)));
        (string model, string photo) = (file.Path, picture.Path);
        // region: robot
        using var classifier = ImageClassifier.Open(model, new ClassifierOptions { Threads = 1 });
        Classification decision = classifier.Classify(File.ReadAllBytes(photo));
        Console.WriteLine($"{decision.Label} {decision.Probability:0.000}");
        // endregion
        Assert.Contains(decision.Label, network.Contract().Classes);
    }

    [Fact]
    public void BatchesAgreeWithSinglesInAnyOrderOfSizes()
    {
        using var file = new TemporaryFile(network.ToOnnx());
        using ImageClassifier classifier = ImageClassifier.Open(file.Path, new ClassifierOptions { Threads = 1, TopK = 2 });
        foreach (int n in (int[])[1, 7, 3, 16, 1, 7])
        {
            RgbImage[] images = [.. Enumerable.Range(0, n).Select(i => Picture(i))];
            IReadOnlyList<Classification> together = classifier.Classify(images);
            Assert.Equal(n, together.Count);
            for (int i = 0; i < n; i++)
            {
                Classification alone = classifier.Classify(images[i]);
                Assert.Equal(alone.Label, together[i].Label);
                Assert.Equal(2, together[i].Top.Count);
                for (int k = 0; k < 5; k++)
                    Assert.Equal(alone.Logits[k], together[i].Logits[k], 1e-5);
            }
        }
        Assert.Empty(classifier.Classify(Array.Empty<RgbImage>()));
    }

    [Fact]
    public void ManyThreadsMayAskAtOnce()
    {
        using var file = new TemporaryFile(network.ToOnnx());
        using ImageClassifier classifier = ImageClassifier.Open(file.Path, new ClassifierOptions { Threads = 1 });
        float[][] expected = [.. Enumerable.Range(0, 8).Select(i => classifier.Classify(Picture(i)).Logits.ToArray())];
        Parallel.For(0, 200, i => Assert.Equal(expected[i % 8], classifier.Classify(Picture(i % 8)).Logits));
    }

    [Fact]
    public void WrongFilesGiveOneClearError()
    {
        Assert.Equal("file-missing", Code("/nowhere/model.onnx"));
        foreach ((byte[] bytes, string code) in ((byte[], string)[])
        [
            ([], "model-damaged"),
            ([.. "hello, I am no model at all"u8], "model-damaged"),
            (network.ToOnnx()[..^200], "model-damaged"),
            (network.ToOnnx(contract: ""), "model-without-contract"),
            (network.ToOnnx(contract: "{"), "contract-invalid"),
            (network.ToOnnx((network.Contract() with { Input = "pixels" }).ToJson()), "contract-mismatch"),
            (network.ToOnnx((network.Contract() with { Classes = ["a", "b"] }).ToJson()), "contract-mismatch"),
            (network.ToOnnx((network.Contract() with { Preprocessing = network.Contract().Preprocessing with { Width = 32 } }).ToJson()), "contract-mismatch"),
        ])
        {
            using var file = new TemporaryFile(bytes);
            Assert.Equal(code, Code(file.Path));
        }

        static string Code(string path) => Assert.Throws<BadInputException>(() => ImageClassifier.Open(path)).Code;
    }

    [Fact]
    public void BadImagesAndBrokenWeightsAreTold()
    {
        using var file = new TemporaryFile(network.ToOnnx());
        using ImageClassifier classifier = ImageClassifier.Open(file.Path);
        Assert.Equal("image-unreadable", Assert.Throws<BadInputException>(() => classifier.Classify("no image"u8)).Code);
        byte[] good = ImageCodec.EncodePng(Picture(1));
        var second = Assert.Throws<BadInputException>(() => classifier.Classify([good, good.AsMemory(0, 60)]));
        Assert.StartsWith("image 1: ", second.Message);
        using var broken = new TemporaryFile((network with { LinearBias = [0, float.NaN, 0, 0, 0] }).ToOnnx());
        using ImageClassifier nan = ImageClassifier.Open(broken.Path);
        Assert.Contains("NaN", Assert.Throws<InvalidDataException>(() => nan.Classify(good)).Message);
    }

    [Fact]
    public void MemoryStaysFlatOverThousandsOfInferences()
    {
        using var file = new TemporaryFile(network.ToOnnx());
        using ImageClassifier classifier = ImageClassifier.Open(file.Path, new ClassifierOptions { Threads = 1 });
        byte[] jpeg = ImageCodec.EncodeJpeg(Picture(4, 160, 120));
        for (int i = 0; i < 300; i++)
            classifier.Classify(jpeg);
        long before = Resident();
        for (int i = 0; i < 2000; i++)
            classifier.Classify(jpeg);
        Assert.InRange(Resident() - before, long.MinValue, 24L << 20);

        static long Resident()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, true, true);
            using var self = Process.GetCurrentProcess();
            return self.WorkingSet64;
        }
    }

    [Fact]
    public void TiesGoToTheLowerIndexAndHugeLogitsStayFinite()
    {
        Classification c = Classification.FromLogits([3e4f, 3e4f, -3e4f], ["a", "b", "c"], 3);
        Assert.Equal("a", c.Label);
        Assert.Equal([0.5, 0.5, 0], c.Top.Select(t => t.Probability));
        Assert.Throws<ArgumentException>(() => Classification.FromLogits([1f], ["a", "b"], 1));
    }

    [Fact]
    public void TorchIsNotTouched()
    {
        using var file = new TemporaryFile(network.ToOnnx());
        using ImageClassifier classifier = ImageClassifier.Open(file.Path);
        classifier.Classify(Picture(1));
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), a => a.GetName().Name!.Contains("Torch", StringComparison.OrdinalIgnoreCase));
        if (File.Exists("/proc/self/maps"))
            Assert.DoesNotContain("libtorch", File.ReadAllText("/proc/self/maps"));
    }
}
