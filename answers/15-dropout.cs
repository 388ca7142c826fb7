#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 15: dropout written out, both ways of scaling it, by hand, by code and in a network.
//   dotnet run answers/15-dropout.cs             CIFAR-10 where it is (sightline data get cifar10), else footage recorded on first use
//   dotnet run answers/15-dropout.cs -- PATH     a folder with a folder per class, CIFAR-10, a COCO or VOC set …
//   --images N  --epochs N  --seed N

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
int count = arguments.Number("--images", 1000), epochs = arguments.Number("--epochs", 30), seed = arguments.Number("--seed", 1, least: 0);
ImageSet set = ImageSet.Open(arguments.Path ?? DataFolders.Set("cifar10") ?? Recorded());
if (!set.Splits.Any(s => s is "val" or "test"))
    set = SplitByGroup.Apply(set, valFraction: 0.25, (ulong)seed);

// 1. By hand, of the value 3: what the next layer gets in training when it is kept, and on average, and in use. 2. The same from 100,000
// draws, with the variance that dropout adds: 3² · p · q, times 1 / q² where training is scaled.
random.manual_seed(seed);
foreach (double drop in (double[])[0.5, 0.75])
{
    double keep = 1 - drop;
    Console.WriteLine($"drop {drop:0%}, classic    kept {3.0,2}, on average {3 * keep,4}, in use {3 * keep,4}: in use × {keep}");
    Console.WriteLine($"drop {drop:0%}, inverted   kept {3 / keep,2}, on average {3 / keep * keep,4}, in use {3.0,4}: in training × {1 / keep}");
    foreach (bool inverted in (bool[])[false, true])
    {
        using var dropout = new Dropout(drop, inverted);
        Tensor draws = dropout.call(full(100_000, 3.0f)), again = dropout.call(full(100_000, 3.0f));
        dropout.eval();
        Console.WriteLine($"  {(inverted ? "inverted" : "classic"),-8}  drawn: mean {draws.mean().item<float>():0.00}, variance {draws.var().item<float>():0.00}; in use {dropout.call(full(1, 3.0f)).item<float>():0.00}; off in both of two passes {draws.eq(0).logical_and(again.eq(0)).to(float32).mean().item<float>():0.00}");
    }
}

// 3. In a network with too few images: none, dropout, and dropout whose scaling was forgotten.
(Tensor images, Tensor labels) = Load([.. set.Samples.Where(s => s.Split == "train")], count);
(Tensor held, Tensor truth) = Load([.. set.Samples.Where(s => s.Split != "train")], Math.Min(1000, 2 * count));
Console.WriteLine($"{set.Format}: {images.shape[0]} training and {held.shape[0]} held-out images of {set.Classes.Count} classes, {epochs} epochs, seed {seed}");
using Mlp none = Trained(0, inverted: true), half = Trained(0.5, inverted: true), classic = Trained(0.5, inverted: false);
Show("no dropout", none);
Show("dropout 50 %, inverted", half);
Show("dropout 50 %, classic", classic);
classic.ForgetScaling(); // with ReLUs the order of the logits nearly stays, their size does not: the network is too sure
Show("… without its × 0.5 in use", classic);

// 4. A by-product: dropout left on in use gives a vote of many networks, and their disagreement says how sure they are.
using (no_grad())
{
    half.train();
    Tensor votes = stack(Enumerable.Range(0, 30).Select(_ => functional.softmax(half.call(held), 1))).mean([0]);
    Tensor right = votes.argmax(1).eq(truth).to(float32), order = votes.amax([1]).argsort(descending: true);
    Console.WriteLine($"30 votes: held out {right.mean().item<float>():0.000}; of the surest half {right[order[..(int)(held.shape[0] / 2)]].mean().item<float>():0.000}, of the others {right[order[(int)(held.shape[0] / 2)..]].mean().item<float>():0.000}");
}

Mlp Trained(double drop, bool inverted)
{
    random.manual_seed(seed); // the same first weights for all
    var network = new Mlp(set.Classes.Count, drop, inverted);
    using var sgd = optim.SGD(network.parameters(), learningRate: 0.02, momentum: 0.9);
    for (int step = 0, steps = (int)Math.Max(1, images.shape[0] / 50); step < epochs * steps; step++)
    {
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope();
        int first = step % steps * 50, last = (int)Math.Min(first + 50, images.shape[0]);
        sgd.zero_grad();
        functional.cross_entropy(network.call(images[first..last]), labels[first..last]).backward();
        sgd.step();
    }
    return network;
}

void Show(string name, Mlp network)
{
    using IDisposable noGradient = no_grad();
    network.eval();
    Tensor logits = network.call(held);
    Console.WriteLine($"{name,-28}  training top-1 {Top1(network.call(images), labels):0.000}   held out {Top1(logits, truth):0.000}, loss {functional.cross_entropy(logits, truth).item<float>():0.00}");
}

double Top1(Tensor logits, Tensor classes) => logits.argmax(1).eq(classes).to(float32).mean().item<float>();

(Tensor Images, Tensor Labels) Load(ImageSample[] samples, int most)
{
    if (samples.Length == 0)
        throw new BadInputException("no-split", "Images to train on and held-out images are both needed.", set.Root);
    new SeedStream((ulong)seed, "subset").Shuffle<ImageSample>(samples);
    samples = samples[..Math.Min(most, samples.Length)];
    float[] pixels = [.. samples.AsParallel().AsOrdered().SelectMany(s => Resize.To(s.Content.Decode(), 32, 32).Pixels).Select(v => (v / 255f - 0.45f) / 0.25f)];
    return (tensor(pixels, [samples.Length, 3072]), tensor(samples.Select(s => (long)s.Label).ToArray()));
}

string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 15, Drives = 8, FramesPerDrive = 40, FramesPerSecond = 1 }, Path.Combine(DataFolders.Cache(), "footage-15"));

// region: dropout
/// <summary>Sets values to zero in training. Classic: what follows is scaled in use. Inverted: what is kept is scaled in training.</summary>
public sealed class Dropout(double drop, bool inverted) : Module<Tensor, Tensor>(nameof(Dropout))
{
    private double scaleInUse = inverted ? 1 : 1 - drop;

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!training)
            return (x * scaleInUse).MoveToOuterDisposeScope();
        Tensor mask = (rand_like(x) >= drop).to(float32); // a new one for every value of every image
        return (inverted ? x * mask / (1 - drop) : x * mask).MoveToOuterDisposeScope();
    }

    public void ForgetScaling() => scaleInUse = 1;
}
// endregion

/// <summary>Two hidden layers of 512 units, dropout behind each.</summary>
public sealed class Mlp : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(3072, 512), fc2 = Linear(512, 512), fc;
    private readonly Dropout drop1, drop2;
    public Mlp(int classes, double drop, bool inverted)
        : base(nameof(Mlp))
    {
        (fc, drop1, drop2) = (Linear(512, classes), new Dropout(drop, inverted), new Dropout(drop, inverted));
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels) // [N, 3072] → logits [N, classes]
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = drop1.call(functional.relu(fc1.call(pixels)));
        return fc.call(drop2.call(functional.relu(fc2.call(x)))).MoveToOuterDisposeScope();
    }

    public void ForgetScaling() => Array.ForEach((Dropout[])[drop1, drop2], d => d.ForgetScaling());
}
