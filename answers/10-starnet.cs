#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 10: "Rewrite the Stars" (Ma et al., CVPR 2024). What a product of two linear images expresses that their sum cannot, in a network.
//   dotnet run answers/10-starnet.cs             CIFAR-10 where it is (sightline data get cifar10), else footage recorded on first use
//   dotnet run answers/10-starnet.cs -- PATH     a folder with a folder per class, CIFAR-10, a COCO or VOC set …   --images N  --epochs N  --width N  --seed N

using Sightline;
using Sightline.Datasets;
using Sightline.Datasets.Splits;
using Sightline.Imaging;
using Sightline.Simulation;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

using ScalarGuard guard = ScalarGuard.Enter(); // the garbage collector stays off numbers that libtorch still reads
var arguments = new ProgramArguments(args, ["--images", "--epochs", "--width", "--seed"]);
const int side = 32;
int count = arguments.Number("--images", 2000), epochs = arguments.Number("--epochs", 10), width = arguments.Number("--width", 16), seed = arguments.Number("--seed", 1, least: 0);
ImageSet set = ImageSet.Open(arguments.Path ?? DataFolders.Set("cifar10") ?? Recorded());
if (!set.Splits.Any(s => s is "val" or "test"))
    set = SplitByGroup.Apply(set, valFraction: 0.25, (ulong)seed);
random.manual_seed(seed);

// 1. How many different functions of d features do many units span? The rank of their values over many inputs says it.
foreach (int d in (int[])[4, 8, 16])
{
    using DisposeScope scope = NewDisposeScope();
    Tensor x = randn(1000, d, dtype: float64), w1 = randn(d, 300, dtype: float64), w2 = randn(d, 300, dtype: float64);
    long stars = linalg.matrix_rank(x.mm(w1) * x.mm(w2)).item<long>(), sums = linalg.matrix_rank(x.mm(w1) + x.mm(w2)).item<long>();
    Console.WriteLine($"{d,2} features: 300 star units span {stars} functions, d(d + 1)/2 = {d * (d + 1) / 2}; 300 sum units span {sums}");
}

// 2. A product of two features decides: one layer of either kind, then a linear classifier.
Console.WriteLine($"class = sign(x₁ · x₂), one layer: star {Sign(star: true):0.00}, sum {Sign(star: false):0.00}");

// 3. Two networks that differ in one operation.
(Tensor images, Tensor labels) = Load([.. set.Samples.Where(s => s.Split == "train")], count);
(Tensor held, Tensor truth) = Load([.. set.Samples.Where(s => s.Split != "train")], Math.Min(1000, 2 * count));
Console.WriteLine($"{set.Format}: {images.shape[0]} training and {held.shape[0]} held-out images of {set.Classes.Count} classes, {epochs} epochs, 4 blocks of {width} channels, seed {seed}");
foreach (bool star in (bool[])[true, false])
{
    random.manual_seed(seed);
    using var network = new StarDemo(set.Classes.Count, width, star);
    Train(network, images, labels, 0.05, epochs);
    network.eval();
    using IDisposable noGradient = no_grad();
    double Top1(Tensor x, Tensor y) => network.call(x).argmax(1).eq(y).to(float32).mean().item<float>();
    Console.WriteLine($"{(star ? "star" : "sum"),-4}  {network.parameters().Sum(p => p.numel())} weights   training top-1 {Top1(images, labels):0.000}   held out {Top1(held, truth):0.000}");
}

double Sign(bool star)
{
    using DisposeScope scope = NewDisposeScope();
    Tensor x = randn(2000, 2), y = (x[.., 0] * x[.., 1] > 0).to(int64);
    using var layer = new Joined(2, 16, 2, star);
    Train(layer, x, y, 0.1, 20);
    return layer.call(x).argmax(1).eq(y).to(float32).mean().item<float>();
}

void Train(Module<Tensor, Tensor> network, Tensor inputs, Tensor classes, double rate, int passes)
{
    using var sgd = optim.SGD(network.parameters(), rate, momentum: 0.9);
    for (int step = 0, steps = (int)Math.Max(1, inputs.shape[0] / 50), all = passes * steps; step < all; step++)
    {
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in sgd.ParamGroups)
            group.LearningRate = rate * (1 + Math.Cos(Math.PI * step / all)) / 2;
        int first = step % steps * 50, last = (int)Math.Min(first + 50, inputs.shape[0]);
        sgd.zero_grad();
        functional.cross_entropy(network.call(inputs[first..last]), classes[first..last]).backward();
        sgd.step();
    }
}

(Tensor Images, Tensor Labels) Load(ImageSample[] samples, int most)
{
    if (samples.Length == 0)
        throw new BadInputException("no-split", "Images to train on and held-out images are both needed.", set.Root);
    new SeedStream((ulong)seed, "subset").Shuffle<ImageSample>(samples);
    samples = samples[..Math.Min(most, samples.Length)];
    float[] pixels = [.. samples.AsParallel().AsOrdered().SelectMany(s => Resize.To(s.Content.Decode(), side, side).Pixels).Select(v => (v / 255f - 0.45f) / 0.25f)];
    return (tensor(pixels, [samples.Length, side, side, 3]).permute(0, 3, 1, 2).contiguous(), tensor(samples.Select(s => (long)s.Label).ToArray()));
}

string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 10, Drives = 8, FramesPerDrive = 40, FramesPerSecond = 1 }, Path.Combine(DataFolders.Cache(), "footage-10"));

// region: block
/// <summary>Depthwise 7×7, two 1×1 branches joined by a product (or a sum), 1×1 back, depthwise 7×7, and what came in is added.</summary>
public sealed class StarBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d dwconv, f1, f2, g, dwconv2;
    private readonly BatchNorm2d norm1, norm2;
    private readonly bool star;
    public StarBlock(long channels, long ratio, bool star)
        : base(nameof(StarBlock))
    {
        this.star = star;
        dwconv = Conv2d(channels, channels, kernel_size: 7, padding: 3, groups: channels);
        norm1 = BatchNorm2d(channels);
        (f1, f2) = (Conv2d(channels, ratio * channels, kernel_size: 1), Conv2d(channels, ratio * channels, kernel_size: 1));
        g = Conv2d(ratio * channels, channels, kernel_size: 1);
        norm2 = BatchNorm2d(channels);
        dwconv2 = Conv2d(channels, channels, kernel_size: 7, padding: 3, groups: channels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) // [N, C, H, W] → the same
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = norm1.call(dwconv.call(x)), a = functional.relu6(f1.call(y)), b = f2.call(y);
        y = star ? a * b : a + b; // the whole paper
        return (x + dwconv2.call(norm2.call(g.call(y)))).MoveToOuterDisposeScope();
    }
}
// endregion

/// <summary>Patches of 4×4, four blocks of one width, mean over the map, classifier.</summary>
public sealed class StarDemo : Module<Tensor, Tensor>
{
    private readonly Sequential body;
    public StarDemo(int classes, int width, bool star)
        : base(nameof(StarDemo))
    {
        body = Sequential([Conv2d(3, width, kernel_size: 4, stride: 4), BatchNorm2d(width), .. Enumerable.Range(0, 4).Select(_ => new StarBlock(width, 3, star)),
            AdaptiveAvgPool2d(1), Flatten(), Linear(width, classes)]);
        RegisterComponents();
    }

    public override Tensor forward(Tensor images) => body.call(images);
}

/// <summary>One layer: two linear images, joined, then a linear classifier. No other non-linearity.</summary>
public sealed class Joined : Module<Tensor, Tensor>
{
    private readonly Linear f1, f2, head;
    private readonly bool star;
    public Joined(int inputs, int units, int classes, bool star)
        : base(nameof(Joined))
    {
        (this.star, f1, f2, head) = (star, Linear(inputs, units), Linear(inputs, units), Linear(units, classes));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.call(star ? f1.call(x) * f2.call(x) : f1.call(x) + f2.call(x));
}
