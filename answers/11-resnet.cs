#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 11: the residual block, a network of such blocks and its plain twin, trained on the same images from the same seed.
//   dotnet run answers/11-resnet.cs             CIFAR-10 where it is (sightline data get cifar10), else footage recorded on first use
//   dotnet run answers/11-resnet.cs -- PATH     a folder with a folder per class, CIFAR-10, a COCO or VOC set …
//   --n N (blocks a stage, 6N + 2 layers)  --images N  --epochs N  --seed N
// About a minute shows which trains more easily, not how good either can become: for that see sightline lab resnet.

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
var arguments = new ProgramArguments(args, ["--n", "--images", "--epochs", "--seed"]);
int n = arguments.Number("--n", 5), count = arguments.Number("--images", 2000), epochs = arguments.Number("--epochs", 4), seed = arguments.Number("--seed", 1, least: 0);
ImageSet set = ImageSet.Open(arguments.Path ?? DataFolders.Set("cifar10") ?? Recorded());
ImageSample[] samples = [.. set.Samples.Where(s => s.Split is not ("val" or "test"))];
if (samples.Length == 0)
    throw new BadInputException("no-split", "There are no images to train on.", set.Root);
new SeedStream((ulong)seed, "subset").Shuffle<ImageSample>(samples);
samples = samples[..Math.Min(count, samples.Length)];
Tensor images = tensor(samples.AsParallel().AsOrdered().SelectMany(Picture).ToArray(), [samples.Length, 3, 32, 32]), labels = tensor(samples.Select(s => (long)s.Label).ToArray());
images = (images - images.mean([0, 2, 3], keepdim: true)) / images.std([0, 2, 3], unbiased: false, keepdim: true);
Console.WriteLine($"{set.Format}: {samples.Length} images of {set.Classes.Count} classes, {6 * n + 2} layers, {epochs} epochs, seed {seed}");

foreach (bool residual in (bool[])[false, true])
{
    random.manual_seed(seed); // both draw the same weights: a shortcut has none
    using var network = new CifarNetwork(n, set.Classes.Count, residual);
    (double accuracy, double[] gradients) = Train(network);
    Console.WriteLine($"{(residual ? "residual" : "plain"),-9} training accuracy {accuracy:0.000}   gradient norm of each stage's convolutions at the start: "
        + string.Join("  ", gradients.Select(g => $"{g:0.000}")));
}

(double Accuracy, double[] Gradients) Train(CifarNetwork network)
{
    int size = Math.Min(64, samples.Length);
    int batches = samples.Length / size;
    using var sgd = optim.SGD(network.parameters(), learningRate: 0.1, momentum: 0.9, weight_decay: 1e-4);
    var schedule = optim.lr_scheduler.OneCycleLR(sgd, max_lr: 0.1, total_steps: epochs * batches);
    double[] gradients = [];
    for (int step = 0; step < epochs * batches; step++)
    {
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope(); // frees every tensor of the step
        int first = step % batches * size;
        sgd.zero_grad();
        functional.cross_entropy(network.call(images[first..(first + size)]), labels[first..(first + size)]).backward();
        if (step == 0)
            gradients = network.GradientNorms();
        sgd.step();
        schedule.step();
    }
    network.eval();
    using IDisposable noGradient = no_grad();
    using DisposeScope last = NewDisposeScope();
    int right = Enumerable.Range(0, batches).Sum(b =>
        (int)(network.call(images[(b * size)..((b + 1) * size)]).argmax(1) == labels[(b * size)..((b + 1) * size)]).sum().item<long>());
    return (right / (double)(batches * size), gradients);
}

float[] Picture(ImageSample sample) // 3 planes of 32×32 numbers from 0 to 1
{
    byte[] rgb = Resize.To(sample.Content.Decode(), 32, 32).Pixels;
    return [.. Enumerable.Range(0, rgb.Length).Select(i => rgb[3 * (i % 1024) + i / 1024] / 255f)];
}

string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 11, Drives = 2, FramesPerDrive = 150 }, Path.Combine(DataFolders.Cache(), "footage-11"));

/// <summary>Two convolutions; the block's input is added to what they compute, unless it is a plain block.</summary>
public sealed class Block : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly long stride, more;
    private readonly bool residual;
    public Block(long channels, long width, long stride, bool residual)
        : base(nameof(Block))
    {
        (this.stride, this.residual, more) = (stride, residual, width - channels);
        conv1 = Conv2d(channels, width, kernel_size: 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, kernel_size: 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        RegisterComponents();
    }

    // region: block
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = functional.relu(bn1.call(conv1.call(x)));
        y = bn2.call(conv2.call(y));
        if (residual)
            y = y + Shortcut(x);                             // before the last ReLU, and from the block's own input
        return functional.relu(y).MoveToOuterDisposeScope();
    }

    // Where the block halves the image and widens, so does the shortcut: every second pixel, zeros for the new channels (option A).
    private Tensor Shortcut(Tensor x) => stride == 1 && more == 0
        ? x
        : functional.pad(x.slice(2, 0, long.MaxValue, stride).slice(3, 0, long.MaxValue, stride), [0, 0, 0, 0, 0, more]);
    // endregion
}

/// <summary>Three stages of n blocks with 16, 32, 64 channels (He et al. 2015, section 4.2): 6n + 2 layers.</summary>
public sealed class CifarNetwork : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(3, 16, kernel_size: 3, padding: 1, bias: false);
    private readonly BatchNorm2d bn1 = BatchNorm2d(16);
    private readonly Sequential layer1, layer2, layer3;
    private readonly Linear fc;
    public CifarNetwork(int n, int classes, bool residual)
        : base(nameof(CifarNetwork))
    {
        Sequential Stage(long channels, long width, long stride) => Sequential(Enumerable.Range(0, n)
            .Select(i => (Module<Tensor, Tensor>)new Block(i == 0 ? channels : width, width, i == 0 ? stride : 1, residual)).ToArray());
        (layer1, layer2, layer3) = (Stage(16, 16, 1), Stage(16, 32, 2), Stage(32, 64, 2));
        fc = Linear(64, classes);
        RegisterComponents();
        foreach (Conv2d convolution in modules().OfType<Conv2d>())
            init.kaiming_normal_(convolution.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
    }

    public override Tensor forward(Tensor images) // [N, 3, 32, 32] → logits [N, classes]
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.relu(bn1.call(conv1.call(images)));
        return fc.call(layer3.call(layer2.call(layer1.call(x))).mean([2, 3])).MoveToOuterDisposeScope();
    }

    public double[] GradientNorms() => [.. ((Sequential[])[layer1, layer2, layer3]).Select(stage =>
        Math.Sqrt(stage.modules().OfType<Conv2d>().Average(c => c.weight.grad!.square().sum().item<float>())))];
}
