#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 13: the depthwise-separable convolution and the inverted residual, counted, timed, and trained beside the full convolution.
//   dotnet run answers/13-mobilenet.cs             CIFAR-10 where it is (sightline data get cifar10), else footage recorded on first use
//   dotnet run answers/13-mobilenet.cs -- PATH     a folder with a folder per class, CIFAR-10, a COCO or VOC set …
//   --images N  --epochs N  --seed N
// About a minute shows what a block costs, not how good it can become: for that see sightline lab mobilenet.

using System.Diagnostics;
using Sightline;
using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Simulation;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

using ScalarGuard guard = ScalarGuard.Enter(); // the garbage collector stays off numbers that libtorch still reads
var arguments = new ProgramArguments(args, ["--images", "--epochs", "--seed"]);
int count = arguments.Number("--images", 1500), epochs = arguments.Number("--epochs", 4), seed = arguments.Number("--seed", 1, least: 0);
Nnpack.Disable();

// 1. Counted, one multiply-accumulate for each weight that meets a value: k × k × M → N channels on a map of F × F.
// region: count
long Full(long m, long n, long k, long f) => k * k * m * n * f * f;                       // each of N outputs sums k·k·M products
long Separable(long m, long n, long k, long f) => k * k * m * f * f + m * n * f * f;      // k·k for each of M channels; then M for each of N
// The ratio: (k²·M·F² + M·N·F²) / (k²·M·N·F²). Divide above and below by k²·M·N·F²: the first term leaves 1/N, the second 1/k².
foreach ((long n, long k) in ((long, long)[])[(16, 3), (128, 3), (1024, 3), (128, 5)])
    Console.WriteLine($"N = {n,4}, k = {k}: {Separable(128, n, k, 28) / (double)Full(128, n, k, 28):0.0000} counted, 1/N + 1/k² = {1.0 / n + 1.0 / (k * k):0.0000}");
// endregion

// 2. Timed: one image, 128 → 128 channels at 28 × 28. Fewer multiply-accumulates are not as much less time.
(double full, double depthwise, double pointwise) = (
    Milliseconds(Conv2d(128, 128, 3, padding: 1, bias: false)), Milliseconds(Conv2d(128, 128, 3, padding: 1, groups: 128, bias: false)), Milliseconds(Conv2d(128, 128, 1, bias: false)));
double fewer = Full(128, 128, 3, 28) / (double)Separable(128, 128, 3, 28);
Console.WriteLine($"full {full:0.000} ms; depthwise {depthwise:0.000} + pointwise {pointwise:0.000} ms: {fewer:0.0} times fewer multiply-accumulates, {full / (depthwise + pointwise):0.0} times less time");
Console.WriteLine($"multiply-accumulates a second: full {Full(128, 128, 3, 28) / full / 1e6:0.0} G, depthwise {9 * 128 * 784 / depthwise / 1e6:0.0} G, pointwise {128 * 128 * 784 / pointwise / 1e6:0.0} G");

// 3. Trained: the same small network with each kind of layer.
ImageSet set = ImageSet.Open(arguments.Path ?? DataFolders.Set("cifar10") ?? Recorded());
ImageSample[] samples = [.. set.Samples.Where(s => s.Split is not ("val" or "test"))];
if (samples.Length == 0)
    throw new BadInputException("no-split", "There are no images to train on.", set.Root);
new SeedStream((ulong)seed, "subset").Shuffle<ImageSample>(samples);
samples = samples[..Math.Min(count, samples.Length)];
Tensor images = tensor(samples.AsParallel().AsOrdered().SelectMany(Picture).ToArray(), [samples.Length, 3, 32, 32]), labels = tensor(samples.Select(s => (long)s.Label).ToArray());
images = (images - images.mean([0, 2, 3], keepdim: true)) / images.std([0, 2, 3], unbiased: false, keepdim: true);
Console.WriteLine($"{set.Format}: {samples.Length} images of {set.Classes.Count} classes, {epochs} epochs, seed {seed}");
foreach ((string name, Func<long, long, long, Module<Tensor, Tensor>> layer) in ((string, Func<long, long, long, Module<Tensor, Tensor>>)[])[
    ("full", (c, n, s) => Sequential(Conv2d(c, n, 3, stride: s, padding: 1, bias: false), BatchNorm2d(n), ReLU6())), ("separable", (c, n, s) => new DepthwiseSeparable(c, n, s)), ("inverted", (c, n, s) => new InvertedResidual(c, n, s))])
{
    random.manual_seed(seed);
    using Sequential network = Sequential(
        Conv2d(3, 16, 3, padding: 1, bias: false), BatchNorm2d(16), ReLU6(), layer(16, 32, 2), layer(32, 32, 1), layer(32, 64, 2), layer(64, 64, 1), AdaptiveAvgPool2d(1), Flatten(), Linear(64, set.Classes.Count));
    ChannelsLast.Apply(network);
    long start = Stopwatch.GetTimestamp();
    double accuracy = Train(network);
    Console.WriteLine($"{name,-10} {network.parameters().Sum(p => p.numel()),7} parameters   training accuracy {accuracy:0.000}   {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
}

double Train(Sequential network)
{
    int size = Math.Min(50, samples.Length), batches = samples.Length / size;
    using var sgd = optim.SGD(network.parameters(), learningRate: 0.1, momentum: 0.9);
    var schedule = optim.lr_scheduler.OneCycleLR(sgd, max_lr: 0.1, total_steps: epochs * batches);
    for (int step = 0; step < epochs * batches; step++)
    {
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope(); // frees every tensor of the step
        int first = step % batches * size;
        sgd.zero_grad();
        functional.cross_entropy(network.call(ChannelsLast.Of(images[first..(first + size)])), labels[first..(first + size)]).backward();
        sgd.step();
        schedule.step();
    }
    network.eval();
    using IDisposable noGradient = no_grad();
    using DisposeScope last = NewDisposeScope();
    return Enumerable.Range(0, batches).Average(b => network.call(images[(b * size)..((b + 1) * size)]).argmax(1).eq(labels[(b * size)..((b + 1) * size)]).to(float32).mean().item<float>());
}

double Milliseconds(Conv2d layer)
{
    using IDisposable noGradient = no_grad();
    Tensor x = ChannelsLast.Of(randn(1, 128, 28, 28));
    ChannelsLast.Apply(layer);
    return Enumerable.Range(0, 30).Min(_ =>
    {
        long start = Stopwatch.GetTimestamp();
        layer.call(x).Dispose();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    });
}

float[] Picture(ImageSample sample) // 3 planes of 32×32 numbers from 0 to 1
{
    byte[] rgb = Resize.To(sample.Content.Decode(), 32, 32).Pixels;
    return [.. Enumerable.Range(0, rgb.Length).Select(i => rgb[3 * (i % 1024) + i / 1024] / 255f)];
}

string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 11, Drives = 2, FramesPerDrive = 150 }, Path.Combine(DataFolders.Cache(), "footage-11"));

// region: separable
/// <summary>Filter each channel by itself, then mix the channels of each pixel (Howard et al. 2017, figure 3).</summary>
public sealed class DepthwiseSeparable : Module<Tensor, Tensor>
{
    private readonly Conv2d conv_dw, conv_pw;
    private readonly BatchNorm2d bn1, bn2;
    public DepthwiseSeparable(long channels, long width, long stride)
        : base(nameof(DepthwiseSeparable))
    {
        conv_dw = Conv2d(channels, channels, kernel_size: 3, stride: stride, padding: 1, groups: channels, bias: false); // weights [C, 1, 3, 3]
        bn1 = BatchNorm2d(channels);
        conv_pw = Conv2d(channels, width, kernel_size: 1, bias: false);
        bn2 = BatchNorm2d(width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.relu6(bn2.call(conv_pw.call(functional.relu6(bn1.call(conv_dw.call(x))))));
}
// endregion

// region: inverted
/// <summary>Narrow, wide, narrow: the shortcut joins the narrow ends, and no activation follows the last layer (Sandler et al. 2018).</summary>
public sealed class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly Sequential conv;
    private readonly bool shortcut;
    public InvertedResidual(long channels, long width, long stride, long expansion = 6)
        : base(nameof(InvertedResidual))
    {
        long wide = expansion * channels;
        conv = Sequential(
            Sequential(Conv2d(channels, wide, kernel_size: 1, bias: false), BatchNorm2d(wide), ReLU6()),
            Sequential(Conv2d(wide, wide, kernel_size: 3, stride: stride, padding: 1, groups: wide, bias: false), BatchNorm2d(wide), ReLU6()),
            Conv2d(wide, width, kernel_size: 1, bias: false),
            BatchNorm2d(width));
        shortcut = stride == 1 && channels == width;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => shortcut ? x + conv.call(x) : conv.call(x);
}
// endregion
