#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 12: the inception block, what its 1×1 reductions save, and a small network of such blocks trained with and without them.
//   dotnet run answers/12-inception.cs             CIFAR-10 where it is (sightline data get cifar10), else footage recorded on first use
//   dotnet run answers/12-inception.cs -- PATH     a folder with a folder per class, CIFAR-10, a COCO or VOC set …   --images N  --epochs N  --seed N
// About a minute shows what the blocks cost and that they train, not how good they become: for that see sightline lab inception.

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
Allocator.Configure();
Nnpack.Disable();
int count = arguments.Number("--images", 2000), epochs = arguments.Number("--epochs", 4), seed = arguments.Number("--seed", 1, least: 0);

// 1. What block 3a of GoogLeNet costs at 28×28, by the formula in·out·k² a pixel, and counted from what passes through its layers.
Widths of3a = new(64, 96, 128, 16, 32, 32), direct = of3a with { ThreeReduced = 0, FiveReduced = 0 };
foreach (Widths widths in (Widths[])[direct, of3a])
{
    using var block = new InceptionBlock(192, widths);
    Console.WriteLine($"block 3a {(widths == direct ? "without" : "with"),-7} reductions: {Cost(192, widths) * 784 / 1e6:0.0} million multiply-accumulates, counted {Counted(block, zeros(1, 192, 28, 28)) / 1e6:0.0}; {block.parameters().Sum(p => p.numel()):N0} parameters");
}
Console.WriteLine($"  {Cost(192, direct) / (double)Cost(192, of3a):0.00} times fewer");

// 2. A network of six blocks, trained on the same images from the same seed, with and without reductions.
ImageSet set = ImageSet.Open(arguments.Path ?? DataFolders.Set("cifar10") ?? Recorded());
ImageSample[] samples = [.. set.Samples.Where(s => s.Split is not ("val" or "test"))];
if (samples.Length == 0)
    throw new BadInputException("no-split", "There are no images to train on.", set.Root);
new SeedStream((ulong)seed, "subset").Shuffle<ImageSample>(samples);
samples = samples[..Math.Min(count, samples.Length)];
Tensor images = tensor(samples.AsParallel().AsOrdered().SelectMany(Picture).ToArray(), [samples.Length, 3, 32, 32]), labels = tensor(samples.Select(s => (long)s.Label).ToArray());
images = (images - images.mean([0, 2, 3], keepdim: true)) / images.std([0, 2, 3], unbiased: false, keepdim: true);
Console.WriteLine($"{set.Format}: {samples.Length} images of {set.Classes.Count} classes, six blocks, {epochs} epochs, seed {seed}");
foreach (bool reduce in (bool[])[false, true])
{
    random.manual_seed(seed);
    using var network = new InceptionNetwork(set.Classes.Count, reduce);
    var clock = Stopwatch.StartNew();
    double accuracy = Train(network);
    Console.WriteLine($"{(reduce ? "with" : "without"),-7} reductions: training accuracy {accuracy:0.000}, {clock.Elapsed.TotalSeconds:0.0} s, "
        + $"{Counted(network, zeros(1, 3, 32, 32)) / 1e6:0.0} million multiply-accumulates an image, {network.parameters().Sum(p => p.numel()):N0} parameters");
}

double Train(InceptionNetwork network)
{
    int size = Math.Min(64, samples.Length), batches = samples.Length / size;
    using var sgd = optim.SGD(network.parameters(), learningRate: 0.1, momentum: 0.9, weight_decay: 1e-4);
    var schedule = optim.lr_scheduler.OneCycleLR(sgd, max_lr: 0.1, total_steps: epochs * batches);
    for (int step = 0; step < epochs * batches; step++)
    {
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope(); // frees every tensor of the step
        int first = step % batches * size;
        sgd.zero_grad();
        functional.cross_entropy(network.call(images[first..(first + size)]), labels[first..(first + size)]).backward();
        sgd.step();
        schedule.step();
    }
    network.eval();
    using IDisposable noGradient = no_grad();
    using DisposeScope last = NewDisposeScope();
    return Enumerable.Range(0, batches).Average(b => network.call(images[(b * size)..((b + 1) * size)]).argmax(1).eq(labels[(b * size)..((b + 1) * size)]).to(float32).mean().item<float>());
}

// Each output value of a convolution takes one slice of its weights; a 1×1 in front leaves the large window few channels to look at.
long Cost(int channels, Widths w) => channels * (w.One + w.Pool) + Branch(channels, w.ThreeReduced, w.Three, 9) + Branch(channels, w.FiveReduced, w.Five, 25);
long Branch(int channels, int reduced, int width, int window) => reduced == 0 ? channels * width * window : channels * reduced + reduced * width * window;
long Counted(Module<Tensor, Tensor> module, Tensor sample)
{
    long macs = 0;
    var hooks = module.modules().OfType<Conv2d>().Select(c => c.register_forward_hook((_, _, y) => { macs += y.numel() * c.weight!.numel() / c.weight.shape[0]; return y; })).ToList();
    module.eval();
    using (no_grad())
        module.call(sample);
    hooks.ForEach(h => h.remove());
    return macs;
}
float[] Picture(ImageSample sample) // 3 planes of 32×32 numbers from 0 to 1
{
    byte[] rgb = Resize.To(sample.Content.Decode(), 32, 32).Pixels;
    return [.. Enumerable.Range(0, rgb.Length).Select(i => rgb[3 * (i % 1024) + i / 1024] / 255f)];
}
string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 11, Drives = 2, FramesPerDrive = 150 }, Path.Combine(DataFolders.Cache(), "footage-11"));

/// <summary>Channels of the four branches; a reduction to 0 is left out.</summary>
public sealed record Widths(int One, int ThreeReduced, int Three, int FiveReduced, int Five, int Pool);

// region: block
/// <summary>Four looks at the same place, joined along the channels; stride 1 and padding keep all four at one size.</summary>
public sealed class InceptionBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> branch1, branch2, branch3, branch4;
    public InceptionBlock(int channels, Widths w)
        : base(nameof(InceptionBlock))
    {
        branch1 = Unit(channels, w.One, 1);
        branch2 = w.ThreeReduced == 0 ? Sequential(Unit(channels, w.Three, 3)) : Sequential(Unit(channels, w.ThreeReduced, 1), Unit(w.ThreeReduced, w.Three, 3));
        branch3 = w.FiveReduced == 0 ? Sequential(Unit(channels, w.Five, 5)) : Sequential(Unit(channels, w.FiveReduced, 1), Unit(w.FiveReduced, w.Five, 5));
        branch4 = Sequential(MaxPool2d(3, stride: 1, padding: 1), Unit(channels, w.Pool, 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return cat([branch1.call(x), branch2.call(x), branch3.call(x), branch4.call(x)], 1).MoveToOuterDisposeScope();
    }

    public static Sequential Unit(int channels, int width, int side) => Sequential(
        ("conv", Conv2d(channels, width, kernel_size: side, padding: side / 2, bias: false)), ("bn", BatchNorm2d(width, eps: 1e-3)), ("relu", ReLU()));
}
// endregion

/// <summary>A stem, three blocks at 16×16 pixels, three twice as wide at 8×8, global average, one linear layer.</summary>
public sealed class InceptionNetwork : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> stem = InceptionBlock.Unit(3, 32, 3);
    private readonly InceptionBlock inception1, inception2, inception3, inception4, inception5, inception6;
    private readonly Linear fc;
    public InceptionNetwork(int classes, bool reduce)
        : base(nameof(InceptionNetwork))
    {
        Widths w = reduce ? new(16, 16, 32, 8, 8, 8) : new(16, 0, 32, 0, 8, 8), twice = reduce ? new(32, 32, 64, 16, 16, 16) : new(32, 0, 64, 0, 16, 16);
        (inception1, inception2, inception3) = (new(32, w), new(64, w), new(64, w));
        (inception4, inception5, inception6) = (new(64, twice), new(128, twice), new(128, twice));
        fc = Linear(128, classes);
        RegisterComponents();
        ChannelsLast.Apply(this); // oneDNN is wrong on some processors where 8 channels lie otherwise
    }

    public override Tensor forward(Tensor images) // [N, 3, 32, 32] → logits [N, classes]
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.max_pool2d(stem.call(images), 3, stride: 2, padding: 1);
        x = inception3.call(inception2.call(inception1.call(x)));
        x = functional.max_pool2d(x, 3, stride: 2, padding: 1);
        return fc.call(inception6.call(inception5.call(inception4.call(x))).mean([2, 3])).MoveToOuterDisposeScope();
    }
}
