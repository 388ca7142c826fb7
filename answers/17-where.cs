#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj
#:project ../src/Sightline.Torch/Sightline.Torch.csproj

// Question 17: three ways to say where something is, on one backbone: a class activation map, one regressed box, points.
//   dotnet run answers/17-where.cs                   persons in footage, recorded on first use
//   dotnet run answers/17-where.cs -- FILE.json      the most frequent class of a COCO file
//   --epochs N  --seed N  --windows N  --several     several: windows with two to six objects instead of one
// About a minute shows how they differ; how well they do when trained for longer, and anchors beside them: ./sightline lab where.

using Sightline;
using Sightline.Datasets;
using Sightline.Datasets.Coco;
using Sightline.Datasets.Windows;
using Sightline.Simulation;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

const int side = 48;
using ScalarGuard guard = ScalarGuard.Enter(); // the garbage collector stays off numbers that libtorch still reads
var arguments = new ProgramArguments(args, ["--epochs", "--seed", "--windows"], "--several");
(int epochs, int seed, int most, bool several) = (arguments.Number("--epochs", 10), arguments.Number("--seed", 1, least: 0), arguments.Number("--windows", 1500), arguments.Has("--several"));
Nnpack.Disable();

// 1. Windows with one object (or several, or none); whole drives are held out.
string file = arguments.Path ?? Path.Combine(Recorder.RecordOnce(new RecordingOptions { Seed = 17, Drives = 30, FramesPerDrive = 14, FramesPerSecond = 0.5 }, Path.Combine(DataFolders.Cache(), "footage-17")), "annotations.json");
CocoDataset labels = CocoJson.Read(file);
string kind = arguments.Path is null ? "person" : labels.Categories.MaxBy(c => labels.Annotations.Count(a => a.CategoryId == c.Id))!.Name;
IReadOnlyList<ImageWindow> windows = ObjectWindows.Cut(file, new WindowOptions { Class = kind, Side = side, Least = several ? 2 : 1, Most = several ? 6 : 1, SmallestWindow = 48, LargestWindow = 120, SmallestObject = 12, PerImage = 5 });
string[] groups = [.. windows.Select(Group).Distinct()];
ImageWindow[] train = [.. windows.Where(w => Array.IndexOf(groups, Group(w)) % 4 != 3).Take(most)], held = [.. windows.Where(w => Array.IndexOf(groups, Group(w)) % 4 == 3).Take(most)];
if (train.All(w => w.Objects.Count == 0) || held.All(w => w.Objects.Count == 0))
    throw new BadInputException("no-split", $"{train.Length} windows to train on and {held.Length} held out; both are needed, with a {kind} in some.", file);
Console.WriteLine($"{kind}: {train.Length} training and {held.Length} held-out windows of {side} pixels, {held.Sum(w => w.Objects.Count)} objects in these");

// 2. One backbone, stride 4, and the heads.
foreach (Func<Head> make in (Func<Head>[])[() => new ActivationMap(64, 4), () => new RegressedBox(64, 4, side, pooled: true), () => new RegressedBox(64, 4, side, pooled: false), () => new Points(64, 4)])
{
    random.manual_seed(seed);
    using Head head = make();
    using Sequential network = Sequential(Block(3, 16, 1), Block(16, 32, 2), Block(32, 32, 1), Block(32, 64, 2), Block(64, 64, 1), Block(64, 64, 1), Block(64, 64, 1), head);
    ChannelsLast.Apply(network);
    Train(network, head);
    (double distance, double found, double counted) = Measure(network, head);
    Console.WriteLine($"{head.GetName(),-34} {distance,5:0.0} pixels from the nearest object's middle, {100 * found,3:0} % of objects found, count off by {counted:0.0}");
}

Sequential Block(long channels, long width, long stride) => Sequential(Conv2d(channels, width, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(width), ReLU());

string Group(ImageWindow window) => window.Group ?? window.Name[..window.Name.LastIndexOf('@')];

void Train(Sequential network, Head head)
{
    const int size = 32;
    int steps = epochs * (train.Length / size), step = 0;
    using var adam = optim.AdamW(network.parameters(), 2e-3);
    var schedule = optim.lr_scheduler.OneCycleLR(adam, max_lr: 2e-3, total_steps: Math.Max(2, steps));
    for (int epoch = 0; epoch < epochs; epoch++)
    {
        new SeedStream((ulong)seed, "shuffle", 0, epoch).Shuffle<ImageWindow>(train);
        foreach (ImageWindow[] batch in train.Chunk(size).Where(b => b.Length == size && step++ < steps))
        {
            guard.AtBoundary();
            using DisposeScope scope = NewDisposeScope(); // frees every tensor of the step
            adam.zero_grad();
            head.Loss(network.call(Pixels(batch)), [.. batch.Select(Boxes)]).backward();
            adam.step();
            schedule.step();
        }
    }
}

(double Distance, double Found, double Counted) Measure(Sequential network, Head head)
{
    network.eval();
    using IDisposable noGradient = no_grad();
    (double distance, int images, int objects, int found, int off) = (0, 0, 0, 0, 0);
    foreach (ImageWindow[] batch in held.Chunk(50))
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((ImageWindow window, Tensor boxes) in batch.Zip(head.Find(network.call(Pixels(batch)))))
        {
            Tensor truth = Boxes(window), sure = boxes[boxes[.., 4] > 0.5];
            off += (int)Math.Abs(sure.shape[0] - truth.shape[0]);
            if (truth.shape[0] == 0)
                continue;
            Tensor guess = boxes.shape[0] > 0 ? boxes[0] : tensor(new float[] { 0, 0, side, side }); // nothing found: the window's middle
            distance += ((truth[.., ..2] + truth[.., 2..4] - guess[..2] - guess[2..4]) / 2).norm(1).min().item<float>();
            (images, objects) = (images + 1, objects + (int)truth.shape[0]);
            found += sure.shape[0] == 0 ? 0 : (int)Geometry.IoU(truth, sure).gt(0.5).any(1).sum().item<long>();
        }
    }
    return (distance / images, found / (double)objects, off / (double)held.Length);
}

Tensor Pixels(ImageWindow[] batch) => tensor(batch.SelectMany(w => w.Image.Pixels.Select(p => p / 127.5f - 1)).ToArray(), [batch.Length, side, side, 3]).permute(0, 3, 1, 2);

Tensor Boxes(ImageWindow w) => w.Objects.Count == 0 ? zeros(0, 4)
    : tensor(w.Objects.SelectMany(o => (float[])[(float)o.X, (float)o.Y, (float)(o.X + o.Width), (float)(o.Y + o.Height)]).ToArray(), [w.Objects.Count, 4]);

/// <summary>From features [N, C, h, w] to an output; a loss against true boxes [objects, 4] (left, top, right, bottom); boxes [found, 5] with scores.</summary>
public abstract class Head(string name, int stride) : Module<Tensor, Tensor>(name)
{
    protected int Stride => stride;
    public abstract Tensor Loss(Tensor output, Tensor[] truth);
    public abstract IReadOnlyList<Tensor> Find(Tensor output);
    protected static Tensor Present(Tensor[] truth) => tensor(truth.Select(t => t.shape[0] > 0 ? 1f : 0).ToArray());
}

// region: map
/// <summary>A classifier asked where it looked: a linear layer behind a mean is the mean of a 1×1 convolution (Zhou et al. 2016). It sees no box.</summary>
public sealed class ActivationMap : Head
{
    private readonly Conv2d fc;
    public ActivationMap(long channels, int stride)
        : base("class activation map", stride)
    {
        fc = Conv2d(channels, 1, kernel_size: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => fc.call(x);

    public override Tensor Loss(Tensor output, Tensor[] truth) => functional.binary_cross_entropy_with_logits(output.mean([1, 2, 3]), Present(truth));

    // One box for each connected part above 20 % of the highest value.
    public override IReadOnlyList<Tensor> Find(Tensor output) => [.. Enumerable.Range(0, (int)output.shape[0]).Select(n =>
    {
        Tensor present = output[n].mean().sigmoid(), map = functional.interpolate(output[n..(n + 1)] - fc.bias!, size: [output.shape[2] * Stride, output.shape[3] * Stride], mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor inside = (map >= 0.2 * map.max()).logical_and(map > 0), part = arange(1, map.numel() + 1, float32).reshape(map.shape) * inside, before;
        do // each pixel takes its neighbours' highest number, until connected parts have one number each
            (before, part) = (part, maximum(functional.max_pool2d(part, [3, 1], [1, 1], [1, 0]), functional.max_pool2d(part, [1, 3], [1, 1], [0, 1])) * inside);
        while (part.ne(before).any().item<bool>());
        float[][] boxes = [.. part[inside].unique().output.data<float>().ToArray().Select(number =>
        {
            Tensor at = part[0, 0].eq(number).nonzero(), low = at.amin([0L]), high = at.amax([0L]) + 1; // rows and columns
            float score = (present * map[part.eq(number)].max() / map.max()).item<float>();
            return (float[])[low[1].item<long>(), low[0].item<long>(), high[1].item<long>(), high[0].item<long>(), score];
        }).OrderByDescending(b => b[4])];
        return boxes.Length == 0 ? zeros(0, 5) : tensor(boxes.SelectMany(b => b).ToArray(), [boxes.Length, 5]);
    })];
}
// endregion

// region: box
/// <summary>One box, regressed: middle and sides as shares of the window, and a logit of there being an object. A second object has nowhere to go.</summary>
public sealed class RegressedBox : Head
{
    private readonly Linear fc;
    private readonly (int Side, bool Pooled) form;
    public RegressedBox(long channels, int stride, int side, bool pooled)
        : base($"one box, {(pooled ? "behind the mean" : "with weights for each cell")}", stride)
    {
        form = (side, pooled);
        fc = Linear(pooled ? channels : channels * (side / stride) * (side / stride), 5);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => fc.call(form.Pooled ? x.mean([2, 3]) : x.flatten(1) / (x.shape[2] * x.shape[3]));

    public override Tensor Loss(Tensor output, Tensor[] truth)
    {
        Tensor present = Present(truth), target = stack([.. truth.Select(t => t.shape[0] == 0 ? zeros(4) : Shares(t[(t[.., 2..] - t[.., ..2]).prod(1).argmax()]))]); // the largest
        Tensor distance = functional.smooth_l1_loss(output[.., ..4], target, Reduction.None, beta: 0.1).sum(1);
        return (distance * present).sum() / present.sum().clamp_min(1) + functional.binary_cross_entropy_with_logits(output[.., 4], present);
    }

    public override IReadOnlyList<Tensor> Find(Tensor output)
    {
        Tensor middle = output[.., ..2] * form.Side, half = output[.., 2..4].clamp_min(1e-3) * form.Side / 2;
        return [.. cat([middle - half, middle + half, output[.., 4..].sigmoid()], 1).split(1)];
    }

    private Tensor Shares(Tensor box) => cat([(box[..2] + box[2..]) / 2, box[2..] - box[..2]]) / form.Side;
}
// endregion

// region: points
/// <summary>Objects as points (Zhou et al. 2019): a heat map of middles, and at each middle its place in the cell and the box's sides.</summary>
public sealed class Points : Head
{
    private readonly Conv2d conv, maps;
    public Points(long channels, int stride)
        : base("points: a map of middles", stride)
    {
        conv = Conv2d(channels, channels, kernel_size: 3, padding: 1);
        maps = Conv2d(channels, 5, kernel_size: 1); // heat; x and y in the cell; width and height
        using IDisposable noGradient = no_grad();
        maps.weight!.mul_(0.1);
        maps.bias!.copy_(tensor(new[] { -2.19f, 0.5f, 0.5f, 2 * stride, 2 * stride })); // middles are rare
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => maps.call(functional.relu(conv.call(x)));

    public override Tensor Loss(Tensor output, Tensor[] truth)
    {
        (Tensor heat, Tensor boxes, Tensor middles) = (zeros_like(output[.., ..1]), zeros_like(output[.., 1..]), zeros_like(output[.., ..1]));
        for (int n = 0; n < truth.Length; n++)
        {
            for (int k = 0; k < truth[n].shape[0]; k++)
            {
                float[] b = truth[n][k].data<float>().ToArray();
                (float x, float y, float w, float h) = ((b[0] + b[2]) / 2 / Stride, (b[1] + b[3]) / 2 / Stride, b[2] - b[0], b[3] - b[1]);
                (int column, int row) = (Math.Clamp((int)x, 0, (int)output.shape[3] - 1), Math.Clamp((int)y, 0, (int)output.shape[2] - 1));
                double radius = Math.Max(0, Math.Floor(Radius(w / Stride, h / Stride))), sigma = (2 * radius + 1) / 6;
                Tensor dx = (arange(output.shape[3], float32) - column).unsqueeze(0), dy = (arange(output.shape[2], float32) - row).unsqueeze(1);
                Tensor near = dx.abs().le(radius).logical_and(dy.abs().le(radius));
                heat[n, 0] = maximum(heat[n, 0], (-(dx * dx + dy * dy) / (2 * sigma * sigma)).exp() * near); // of two Gaussians the higher
                middles[n, 0, row, column] = 1;
                boxes[n, .., row, column] = tensor(new[] { x - column, y - row, w, h });
            }
        }
        Tensor p = output[.., ..1].sigmoid().clamp(1e-4, 1 - 1e-4), at = heat.eq(1).to(float32);
        Tensor focal = at * (1 - p).square() * p.log() + (1 - at) * (1 - heat).pow(4) * p.square() * (1 - p).log();
        Tensor distance = (output[.., 1..] - boxes).abs() * middles;
        return (distance[.., ..2].sum() + 0.1 * distance[.., 2..].sum() - focal.sum()) / middles.sum().clamp_min(1);
    }

    public override IReadOnlyList<Tensor> Find(Tensor output)
    {
        (long h, long w) = (output.shape[2], output.shape[3]);
        Tensor heat = output[.., ..1].sigmoid(), peaks = heat * functional.max_pool2d(heat, 3, stride: 1, padding: 1).eq(heat); // the highest of its neighbours
        Tensor corner = stack([arange(w, float32).expand(h, w), arange(h, float32).unsqueeze(1).expand(h, w)]);
        Tensor middle = (corner + output[.., 1..3]) * Stride, half = output[.., 3..5].clamp_min(1e-3) / 2;
        return [.. cat([middle - half, middle + half, peaks], 1).flatten(2).permute(0, 2, 1).unbind().Select(r => r[r[.., 4].argsort(descending: true)]).Select(r => r[r[.., 4] > 0][..(int)Math.Min(100, r[.., 4].gt(0).sum().item<long>())])];
    }

    // How far both corners may move so that the boxes still overlap by 0.7 (Law and Deng 2018): the least of out, in, and both the same way.
    private static double Radius(double w, double h) => Math.Min(((w + h) - Math.Sqrt((w + h) * (w + h) - 4 * w * h * 0.3 / 1.7)) / 2,
        Math.Min(((w + h) - Math.Sqrt((w + h) * (w + h) - 4 * w * h * 0.3)) / 4, (Math.Sqrt((w + h) * (w + h) + 4 * w * h * 0.3 / 0.7) - (w + h)) / 4));
}
// endregion

public static class Geometry
{
    /// <summary>Intersection over union of each box [A, 4+] with each [B, 4+]: [A, B].</summary>
    public static Tensor IoU(Tensor a, Tensor b)
    {
        Tensor shared = (minimum(a[.., 2..4].unsqueeze(1), b[.., 2..4]) - maximum(a[.., ..2].unsqueeze(1), b[.., ..2])).clamp_min(0).prod(2);
        return shared / ((a[.., 2..4] - a[.., ..2]).prod(1).unsqueeze(1) + (b[.., 2..4] - b[.., ..2]).prod(1) - shared).clamp_min(1e-9);
    }
}
