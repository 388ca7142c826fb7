#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 16: a convolution is a fully connected layer with most weights at zero and the others shared; what that is worth on images.
//   dotnet run answers/16-convolution.cs             CIFAR-10 where it is (sightline data get cifar10), else footage recorded on first use
//   dotnet run answers/16-convolution.cs -- PATH     a folder with a folder per class, CIFAR-10, a COCO or VOC set …
//   --images N  --epochs N  --seed N

using Sightline;
using Sightline.Datasets;
using Sightline.Datasets.Splits;
using Sightline.Imaging;
using Sightline.Simulation;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

const int side = 32;
using ScalarGuard guard = ScalarGuard.Enter(); // the garbage collector stays off numbers that libtorch still reads
var arguments = new ProgramArguments(args, ["--images", "--epochs", "--seed"]);
int count = arguments.Number("--images", 2000), epochs = arguments.Number("--epochs", 15), seed = arguments.Number("--seed", 1, least: 0);
ImageSet set = ImageSet.Open(arguments.Path ?? DataFolders.Set("cifar10") ?? Recorded());
if (!set.Splits.Any(s => s is "val" or "test"))
    set = SplitByGroup.Apply(set, valFraction: 0.25, (ulong)seed);
random.manual_seed(seed);

// 1. The same layer twice: sliding a kernel, and multiplying by a matrix.
using (NewDisposeScope())
{
    Tensor kernel = randn(4, 3, 3, 3), image = randn(1, 3, 12, 12), matrix = Convolution.AsMatrix(kernel, 12);
    Tensor slid = functional.conv2d(image, kernel, padding: [1L, 1L]).flatten(1), multiplied = matrix.mv(image.flatten()).unsqueeze(0);
    Console.WriteLine($"convolution 3 → 4 channels on 12×12 as a matrix of {matrix.shape[0]} × {matrix.shape[1]}: differs from conv2d by {(slid - multiplied).abs().max().item<float>():g1}");
    Console.WriteLine($"  entries {matrix.numel()}, of them not zero (local) {matrix.ne(0).sum().item<long>()}, of them different (shared) {kernel.numel()}");

    // 2. Equivariance: shift the image, and the output is shifted, away from the border. A matrix without that structure does not do so.
    Tensor moved = image.roll(2, 3), other = randn_like(matrix);
    Console.WriteLine($"image shifted by 2: the convolution's output is the shifted output within {Unmoved(matrix, image, moved):g1}, a full matrix's within {Unmoved(other, image, moved):g1} of its deviation");
}

// 3. Three networks of three layers on few images, in place and with all pixels in another order.
(Tensor images, Tensor labels) = Load([.. set.Samples.Where(s => s.Split == "train")], count);
(Tensor held, Tensor truth) = Load([.. set.Samples.Where(s => s.Split != "train")], Math.Min(1000, 2 * count));
Console.WriteLine($"{set.Format}: {images.shape[0]} training and {held.shape[0]} held-out images of {set.Classes.Count} classes, {epochs} epochs, seed {seed}");
Tensor order = randperm(side * side);
Show("convolutions", Convolutions);
Show("fully connected, as many MACs", () => FullyConnected(215));
Show("fully connected, as many weights", () => FullyConnected(11));

Module<Tensor, Tensor> Convolutions() => Sequential(
    Conv2d(3, 16, 3, stride: 2, padding: 1, bias: false), BatchNorm2d(16), ReLU(),   // 16×16
    Conv2d(16, 32, 3, stride: 2, padding: 1, bias: false), BatchNorm2d(32), ReLU(),  // 8×8
    Conv2d(32, 64, 3, stride: 2, padding: 1, bias: false), BatchNorm2d(64), ReLU(),  // 4×4
    Flatten(), Linear(1024, set.Classes.Count));

Module<Tensor, Tensor> FullyConnected(int width) => Sequential(
    Flatten(), Linear(3 * side * side, width, hasBias: false), BatchNorm1d(width), ReLU(),
    Linear(width, width, hasBias: false), BatchNorm1d(width), ReLU(), Linear(width, set.Classes.Count));

void Show(string name, Func<Module<Tensor, Tensor>> build)
{
    using Module<Tensor, Tensor> network = Trained(build, images), permuted = Trained(build, Permuted(images));
    string[] byShift = [.. ((int[])[0, 2, 4, 8]).Select(by => $"{by} px {Top1(network, functional.pad(held, [by, -by, 0, 0])):0.000}")];
    Console.WriteLine($"{name,-33} {network.parameters().Sum(p => p.numel()),8} weights   held out, shifted by {string.Join(", ", byShift)}; pixels permuted {Top1(permuted, Permuted(held)):0.000}");
}

Module<Tensor, Tensor> Trained(Func<Module<Tensor, Tensor>> build, Tensor pictures)
{
    random.manual_seed(seed);
    Module<Tensor, Tensor> network = build();
    using var sgd = optim.SGD(network.parameters(), learningRate: 0.05, momentum: 0.9, weight_decay: 1e-4);
    for (int step = 0, steps = (int)Math.Max(1, pictures.shape[0] / 50), all = epochs * steps; step < all; step++)
    {
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in sgd.ParamGroups)
            group.LearningRate = 0.05 * (1 + Math.Cos(Math.PI * step / all)) / 2;
        int first = step % steps * 50, last = (int)Math.Min(first + 50, pictures.shape[0]);
        sgd.zero_grad();
        functional.cross_entropy(network.call(pictures[first..last]), labels[first..last]).backward();
        sgd.step();
    }
    network.eval();
    return network;
}

double Top1(Module<Tensor, Tensor> network, Tensor pictures)
{
    using IDisposable noGradient = no_grad();
    using DisposeScope scope = NewDisposeScope();
    return network.call(pictures).argmax(1).eq(truth).to(float32).mean().item<float>();
}

Tensor Permuted(Tensor pictures) => pictures.flatten(2).index_select(2, order).reshape(pictures.shape);

double Unmoved(Tensor matrix, Tensor image, Tensor moved)
{
    Tensor Output(Tensor x) => matrix.mv(x.flatten()).reshape(4, 12, 12);
    Tensor difference = (Output(image).roll(2, 2) - Output(moved))[.., .., 4..11];
    return (difference.abs().max() / Output(image).std()).item<float>();
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

string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 16, Drives = 8, FramesPerDrive = 40, FramesPerSecond = 1 }, Path.Combine(DataFolders.Cache(), "footage-16"));

// region: matrix
/// <summary>A convolution with padding, written as the fully connected layer that it is.</summary>
public static class Convolution
{
    /// <summary>Row (o, y, x) joins output o at (y, x) to every value of the image; all but k·k of each channel are zero, and every row
    /// of one output holds the same numbers, moved.</summary>
    public static Tensor AsMatrix(Tensor kernels, int side) // [out, in, k, k] → [out·side·side, in·side·side]
    {
        int outputs = (int)kernels.shape[0], inputs = (int)kernels.shape[1], k = (int)kernels.shape[2];
        float[] w = [.. kernels.contiguous().data<float>()];
        float[,] matrix = new float[outputs * side * side, inputs * side * side];
        for (int o = 0; o < outputs; o++)
        for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
        for (int i = 0; i < inputs; i++)
        for (int dy = 0; dy < k; dy++)
        for (int dx = 0; dx < k; dx++)
        {
            int fromY = y + dy - k / 2, fromX = x + dx - k / 2;
            if (fromY >= 0 && fromY < side && fromX >= 0 && fromX < side) // outside lies the padding: zeros
                matrix[(o * side + y) * side + x, (i * side + fromY) * side + fromX] = w[((o * inputs + i) * k + dy) * k + dx];
        }
        return tensor(matrix);
    }
}
// endregion
