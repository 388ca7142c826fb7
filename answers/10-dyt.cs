#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 10, second paper: "Transformers without Normalization" (Zhu et al., CVPR 2025): LayerNorms look like tanh; try tanh instead.
//   dotnet run answers/10-dyt.cs -- PATH   any set of images (none: CIFAR-10 if it is here, else footage); --images N  --epochs N  --seed N

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
var arguments = new ProgramArguments(args, ["--images", "--epochs", "--seed"]);
int count = arguments.Number("--images", 1500), epochs = arguments.Number("--epochs", 8), seed = arguments.Number("--seed", 1, least: 0);
ImageSet set = ImageSet.Open(arguments.Path ?? DataFolders.Set("cifar10") ?? Recorded());
if (!set.Splits.Any(s => s is "val" or "test"))
    set = SplitByGroup.Apply(set, valFraction: 0.25, (ulong)seed);
(Tensor images, Tensor labels) = Load([.. set.Samples.Where(s => s.Split == "train")], count);
(Tensor held, Tensor truth) = Load([.. set.Samples.Where(s => s.Split != "train")], Math.Min(1000, 2 * count));
Console.WriteLine($"{set.Format}: {images.shape[0]} training and {held.shape[0]} held-out images of {set.Classes.Count} classes, {epochs} epochs, seed {seed}");
using VisionTransformer usual = Trained("LayerNorm", c => LayerNorm(c));
LookAtNorms(usual);
Trained("Dynamic Tanh", c => new DynamicTanh(c)).Dispose();
Trained("nothing", _ => Identity()).Dispose();

// The paper's observation (its figures 2 and 4): output of a LayerNorm over its input, one point for each value, and the tanh that fits best.
void LookAtNorms(VisionTransformer network)
{
    using IDisposable noGradient = no_grad();
    foreach ((string name, LayerNorm norm) in network.named_modules().Where(m => m.module is LayerNorm).Select(m => (m.name, (LayerNorm)m.module)))
        norm.register_forward_hook((_, x, y) =>
        {
            Tensor plain = (y - norm.bias!) / norm.weight!; // before γ and β
            (double Alpha, double Left) best = Enumerable.Range(1, 60).Select(i => 0.05 * i).Select(alpha =>
            {
                Tensor tanh = (alpha * x).tanh(), scaled = tanh * ((plain * tanh).sum() / (tanh * tanh).sum());
                return (alpha, (double)((plain - scaled).square().sum() / plain.square().sum()).item<float>());
            }).MinBy(f => f.Item2);
            Console.WriteLine($"  {name,-15} is c · tanh({best.Alpha:0.00} x) but for {best.Left:0 %} of its variance; 1 / deviation of its input {1 / x.std().item<float>():0.00}");
            return y;
        });
    network.call(held[..50]);
}

VisionTransformer Trained(string name, Func<long, Module<Tensor, Tensor>> norm)
{
    random.manual_seed(seed);
    var network = new VisionTransformer(set.Classes.Count, norm);
    using var adam = optim.AdamW(network.parameters(), 1e-3, weight_decay: 0.05);
    for (int step = 0, steps = (int)Math.Max(1, images.shape[0] / 50); step < epochs * steps; step++)
    {
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope();
        int first = step % steps * 50, last = (int)Math.Min(first + 50, images.shape[0]);
        adam.zero_grad();
        functional.cross_entropy(network.call(images[first..last]), labels[first..last]).backward();
        adam.step();
    }
    network.eval();
    using IDisposable noGradient = no_grad();
    double Top1(Tensor x, Tensor y) => network.call(x).argmax(1).eq(y).to(float32).mean().item<float>();
    Console.WriteLine($"{name,-13} training top-1 {Top1(images, labels):0.000}   held out {Top1(held, truth):0.000}");
    return network;
}

(Tensor Images, Tensor Labels) Load(ImageSample[] samples, int most)
{
    if (samples.Length == 0)
        throw new BadInputException("no-split", "Images to train on and held-out images are both needed.", set.Root);
    new SeedStream((ulong)seed, "subset").Shuffle<ImageSample>(samples);
    samples = samples[..Math.Min(most, samples.Length)];
    float[] pixels = [.. samples.AsParallel().AsOrdered().SelectMany(s => Resize.To(s.Content.Decode(), 32, 32).Pixels).Select(v => (v / 255f - 0.45f) / 0.25f)];
    return (tensor(pixels, [samples.Length, 32, 32, 3]).permute(0, 3, 1, 2).contiguous(), tensor(samples.Select(s => (long)s.Label).ToArray()));
}

string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 10, Drives = 8, FramesPerDrive = 40, FramesPerSecond = 1 }, Path.Combine(DataFolders.Cache(), "footage-10"));

// region: dyt
/// <summary>γ · tanh(α · x) + β, in the place of a LayerNorm: no mean, no deviation, each value by itself.</summary>
public sealed class DynamicTanh : Module<Tensor, Tensor>
{
    private readonly Parameter alpha = Parameter(full(1, 0.5f)), weight, bias;
    public DynamicTanh(long channels)
        : base(nameof(DynamicTanh))
    {
        (weight, bias) = (Parameter(ones(channels)), Parameter(zeros(channels)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => weight * (alpha * x).tanh() + bias; // [N, T, C] → the same
}
// endregion

/// <summary>Patches of 4×4 as tokens of 64, four layers, mean over tokens.</summary>
public sealed class VisionTransformer : Module<Tensor, Tensor>
{
    private const int Channels = 64;
    private readonly Conv2d patches = Conv2d(3, Channels, kernel_size: 4, stride: 4);
    private readonly Parameter position = Parameter(randn(1, 64, Channels) * 0.02);
    private readonly Module<Tensor, Tensor> layers, head;
    public VisionTransformer(int classes, Func<long, Module<Tensor, Tensor>> norm)
        : base(nameof(VisionTransformer))
    {
        layers = Sequential([.. Enumerable.Range(0, 4).SelectMany(_ => (Module<Tensor, Tensor>[])[new Residual(norm(Channels), new Attention(Channels)),
            new Residual(norm(Channels), Sequential(Linear(Channels, 4 * Channels), GELU(), Linear(4 * Channels, Channels)))]), norm(Channels)]);
        head = Linear(Channels, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.call(layers.call(patches.call(x).flatten(2).transpose(1, 2) + position).mean([1]));
}

/// <summary>x + branch(norm(x)).</summary>
public sealed class Residual : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> norm, branch;
    public Residual(Module<Tensor, Tensor> norm, Module<Tensor, Tensor> branch)
        : base(nameof(Residual))
    {
        (this.norm, this.branch) = (norm, branch);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x + branch.call(norm.call(x));
}

/// <summary>softmax(q·kᵀ / √d)·v in four heads.</summary>
public sealed class Attention : Module<Tensor, Tensor>
{
    private readonly Linear qkv, proj;
    public Attention(long channels)
        : base(nameof(Attention))
    {
        (qkv, proj) = (Linear(channels, 3 * channels), Linear(channels, channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor p = qkv.call(x).reshape(x.shape[0], x.shape[1], 3, 4, -1).permute(2, 0, 3, 1, 4); // [3, N, heads, T, d]
        Tensor found = functional.softmax(p[0].matmul(p[1].transpose(-2, -1)) / Math.Sqrt(p.shape[4]), -1).matmul(p[2]);
        return proj.call(found.transpose(1, 2).reshape(x.shape));
    }
}
