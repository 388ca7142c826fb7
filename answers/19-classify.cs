#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 19: a network that names what stands in front of a robot, on footage of its own drives.
//   dotnet run answers/19-classify.cs                          footage, recorded on first use (about a minute more the first time)
//   dotnet run answers/19-classify.cs -- PATH                  a folder with a folder per class, CIFAR-10, a COCO or VOC set …
//   dotnet run answers/19-classify.cs -- PATH --picture FILE   … and name what is on this picture
//   --epochs N --seed N --quick

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

var arguments = new ProgramArguments(args, ["--picture", "--epochs", "--seed"], "--quick");
(ulong seed, int epochs, bool quick) = ((ulong)arguments.Number("--seed", 1, least: 0), arguments.Number("--epochs", 0), arguments.Has("--quick"));
RgbImage? picture = arguments.Text("--picture") is { } file ? ImageCodec.Decode(File.ReadAllBytes(file), file) : null;
string path = arguments.Path ?? Footage.RecordedIn(Path.Combine(DataFolders.Cache(), "footage-19"), quick);

// 1. Read the images and hold some out: whole drives where drives are known, since neighbouring frames are almost the same picture.
ImageSet set = ImageSet.Open(path);
if (!set.Splits.Any(s => s is "val" or "test"))
    set = SplitByGroup.Apply(set, valFraction: 0.25, seed);
ImageSample[] train = [.. set.Samples.Where(s => s.Split == "train")], held = [.. set.Samples.Where(s => s.Split != "train")];
if (train.Length == 0 || held.Length == 0)
    throw new BadInputException("no-split", $"{train.Length} images to train on and {held.Length} held out; both are needed.", path);
if (quick)
    (train, held) = (Some(train, 512), Some(held, 256));
Console.WriteLine($"{set.Format}: {train.Length} training and {held.Length} held-out images of {string.Join(", ", set.Classes)}");
Console.WriteLine($"held out: {string.Join(", ", held.Select(s => s.Group ?? s.Split).Distinct().Order().Take(5))}");

// 2. Pre-process: scale to 32×32, 0–1, subtract the training images' mean and divide by their deviation, channel by channel.
float[][] pixels = Pictures.Decode(train), heldPixels = Pictures.Decode(held);
Normalisation normalise = Normalisation.Of(pixels);
int[] labels = [.. train.Select(s => s.Label)], heldLabels = [.. held.Select(s => s.Label)];

// 3. A small network, and 4. its training.
random.manual_seed((long)seed);
using var network = new SmallResNet(set.Classes.Count);
Console.WriteLine($"{network.parameters().Sum(p => p.numel()):N0} parameters");
epochs = epochs > 0 ? epochs : quick ? 1 : Math.Clamp(75_000 / train.Length, 2, 30);
Training.Run(network, pixels, labels, normalise, epochs, seed, epoch =>
    Console.WriteLine($"epoch {epoch.Number,2}/{epochs}  loss {epoch.Loss:0.000}  held-out top-1 {Validation.Top1(Validation.Predict(network, heldPixels, normalise), heldLabels):0.000}"));

// 5. Validate: what is confused with what, class by class.
int[] predicted = Validation.Predict(network, heldPixels, normalise);
for (int c = 0; c < set.Classes.Count; c++)
{
    int[] of = [.. Enumerable.Range(0, held.Length).Where(i => heldLabels[i] == c)];
    var wrong = of.Where(i => predicted[i] != c).GroupBy(i => predicted[i]).OrderByDescending(g => g.Count()).Take(2).Select(g => $"{set.Classes[g.Key]} {g.Count()}");
    Console.WriteLine($"  {set.Classes[c],-12} {of.Count(i => predicted[i] == c),5} of {of.Length,5} right   {string.Join(", ", wrong)}");
}
Console.WriteLine($"top-1 {Validation.Top1(predicted, heldLabels):0.0000}");

// 6. Predict: any picture, through the same pre-processing.
float[] probabilities = Validation.Probabilities(network, [picture is null ? heldPixels[0] : Pictures.Scale(picture)], normalise);
Console.WriteLine($"{arguments.Text("--picture") ?? held[0].Name}: " + string.Join(", ", probabilities.Select((p, c) => (p, c)).OrderByDescending(x => x.p).Take(3).Select(x => $"{set.Classes[x.c]} {x.p:0.00}")));

ImageSample[] Some(ImageSample[] of, int count) => of.Length <= count ? of : [.. Enumerable.Range(0, count).Select(i => of[(long)i * of.Length / count])];

/// <summary>A residual network of eight layers, 32×32 pixels in (He et al. 2015, section 4.2, with n = 1).</summary>
public sealed class SmallResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(3, 16, kernel_size: 3, padding: 1, bias: false);
    private readonly BatchNorm2d bn1 = BatchNorm2d(16);
    private readonly Block layer1 = new(16, 16, stride: 1), layer2 = new(16, 32, stride: 2), layer3 = new(32, 64, stride: 2);
    private readonly Linear fc;
    public SmallResNet(int classes)
        : base(nameof(SmallResNet))
    {
        fc = Linear(64, classes);
        RegisterComponents();
        foreach (Conv2d convolution in modules().OfType<Conv2d>())
            init.kaiming_normal_(convolution.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
    }

    public override Tensor forward(Tensor images) // [N, 3, 32, 32]
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.relu(bn1.call(conv1.call(images))); // [N, 16, 32, 32]
        x = layer3.call(layer2.call(layer1.call(x)));             // [N, 64, 8, 8]
        return fc.call(x.mean([2, 3])).MoveToOuterDisposeScope(); // logits [N, classes]
    }
}

/// <summary>Two convolutions, and the input added to what they compute.</summary>
public sealed class Block : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly long stride, more;
    public Block(long channels, long width, long stride)
        : base(nameof(Block))
    {
        (this.stride, more) = (stride, width - channels);
        conv1 = Conv2d(channels, width, kernel_size: 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, kernel_size: 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = functional.relu(bn1.call(conv1.call(x)));
        y = bn2.call(conv2.call(y));
        // Where the block halves the image and doubles the channels, so does the shortcut: every second pixel, zeros for new channels.
        Tensor skip = more == 0 ? x : functional.pad(x.slice(2, 0, long.MaxValue, stride).slice(3, 0, long.MaxValue, stride), [0, 0, 0, 0, 0, more]);
        return functional.relu(y + skip).MoveToOuterDisposeScope();
    }
}

/// <summary>Reading: an image of any size becomes 3 planes of 32×32 numbers from 0 to 1.</summary>
public static class Pictures
{
    public const int Side = 32;
    public static float[][] Decode(ImageSample[] samples)
    {
        var pictures = new float[samples.Length][];
        Parallel.For(0, samples.Length, i => pictures[i] = Scale(samples[i].Content.Decode()));
        return pictures;
    }

    public static float[] Scale(RgbImage image)
    {
        (RgbImage small, float[] planes) = (Resize.To(image, Side, Side), new float[3 * Side * Side]);
        for (int i = 0; i < Side * Side; i++)
        {
            for (int c = 0; c < 3; c++)
                planes[c * Side * Side + i] = small.Pixels[3 * i + c] / 255f;
        }
        return planes;
    }
}

/// <summary>Mean and deviation of each channel, taken from the training images only.</summary>
public sealed record Normalisation(float[] Mean, float[] Deviation)
{
    public static Normalisation Of(float[][] pictures)
    {
        float[] mean = new float[3], deviation = new float[3];
        int plane = pictures[0].Length / 3;
        for (int c = 0; c < 3; c++)
        {
            double sum = pictures.Sum(p => p.AsSpan(c * plane, plane).ToArray().Sum(v => (double)v)), n = (double)plane * pictures.Length;
            double squares = pictures.Sum(p => p.AsSpan(c * plane, plane).ToArray().Sum(v => (v - sum / n) * (v - sum / n)));
            (mean[c], deviation[c]) = ((float)(sum / n), (float)Math.Sqrt(squares / n));
        }
        return new Normalisation(mean, deviation);
    }

    public Tensor Batch(IReadOnlyList<float[]> pictures) // [N, 3, 32, 32] float32
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = tensor(pictures.SelectMany(p => p).ToArray(), [pictures.Count, 3, Pictures.Side, Pictures.Side]);
        return ((images - tensor(Mean).view(1, 3, 1, 1)) / tensor(Deviation).view(1, 3, 1, 1)).MoveToOuterDisposeScope();
    }
}

/// <summary>The training loop.</summary>
public static class Training
{
    // region: training
    public static void Run(Module<Tensor, Tensor> network, float[][] pictures, int[] labels, Normalisation normalise, int epochs, ulong seed, Action<(int Number, double Loss)> report)
    {
        const int size = 64;
        int batches = Math.Max(1, pictures.Length / size);
        using ScalarGuard guard = ScalarGuard.Enter(); // the garbage collector stays off numbers that libtorch still reads
        using var sgd = optim.SGD(network.parameters(), learningRate: 0.1, momentum: 0.9, weight_decay: 5e-4, nesterov: true);
        var schedule = optim.lr_scheduler.OneCycleLR(sgd, max_lr: 0.1, total_steps: epochs * batches);
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            network.train();
            int[] order = [.. Enumerable.Range(0, pictures.Length)];
            new SeedStream(seed, "shuffle", round: epoch).Shuffle<int>(order);
            double total = 0;
            for (int b = 0; b < batches; b++)
            {
                guard.AtBoundary();
                using DisposeScope scope = NewDisposeScope(); // frees every tensor of the step
                int[] batch = order[(b * size)..Math.Min((b + 1) * size, order.Length)];
                var moved = new SeedStream(seed, "augmentation", index: b, round: epoch);
                Tensor images = Varied(normalise.Batch([.. batch.Select(i => pictures[i])]), ref moved);
                Tensor truth = tensor(batch.Select(i => (long)labels[i]).ToArray());

                sgd.zero_grad();
                Tensor loss = functional.cross_entropy(network.call(images), truth);
                loss.backward();
                sgd.step();
                schedule.step();
                total += loss.item<float>();
            }
            report((epoch + 1, total / batches));
        }
    }
    // endregion

    // The batch moved by up to 4 pixels and perhaps mirrored, each picture's channels dimmed or lit: place and light say nothing of a class.
    private static Tensor Varied(Tensor images, ref SeedStream draw)
    {
        int dx = draw.NextInt(9), dy = draw.NextInt(9);
        Tensor moved = functional.pad(images, [4, 4, 4, 4]).slice(2, dy, dy + Pictures.Side, 1).slice(3, dx, dx + Pictures.Side, 1);
        Tensor light = 0.25 * randn([2, images.shape[0], 3, 1, 1]);
        return (draw.NextInt(2) == 0 ? moved : moved.flip(3)) * (1 + light[0]) + light[1];
    }
}

/// <summary>Using the network: evaluation mode, no gradients, the same pre-processing.</summary>
public static class Validation
{
    public static float[] Probabilities(Module<Tensor, Tensor> network, float[][] pictures, Normalisation normalise)
    {
        using IDisposable noGradient = no_grad();
        network.eval();
        var all = new List<float>();
        foreach (float[][] batch in pictures.Chunk(250))
        {
            using DisposeScope scope = NewDisposeScope();
            all.AddRange(functional.softmax(network.call(normalise.Batch(batch)), 1).data<float>().ToArray());
        }
        return [.. all];
    }

    public static int[] Predict(Module<Tensor, Tensor> network, float[][] pictures, Normalisation normalise)
    {
        float[] probabilities = Probabilities(network, pictures, normalise);
        return [.. probabilities.Chunk(probabilities.Length / pictures.Length).Select(p => Array.IndexOf(p, p.Max()))];
    }

    public static double Top1(int[] predicted, int[] labels) => predicted.Zip(labels).Count(p => p.First == p.Second) / (double)labels.Length;
}

/// <summary>Drives through a made-up yard, recorded once: frames with the exact box and class of every object.</summary>
public static class Footage
{
    public static string RecordedIn(string folder, bool quick)
    {
        folder += quick ? "-quick" : "";
        if (!Recorder.IsWhole(folder))
            Console.WriteLine($"recording drives into {folder} …");
        return Recorder.RecordOnce(new RecordingOptions { Seed = 19, Drives = quick ? 4 : 40, FramesPerDrive = 15, FramesPerSecond = 1 }, folder);
    }
}
