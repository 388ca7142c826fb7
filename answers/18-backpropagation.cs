#:project ../src/Sightline.Simulation/Sightline.Simulation.csproj

// Question 18: backpropagation written out, without a library for it: four operations, each with its backward beside its forward, the
// order in which gradients flow, a check against differences, and a network that learns by it.
//   dotnet run answers/18-backpropagation.cs             on footage, recorded on first use;  --images N  --epochs N  --seed N
//   dotnet run answers/18-backpropagation.cs -- PATH     a folder with a folder per class, CIFAR-10, a COCO or VOC set …

using Sightline;
using Sightline.Datasets;
using Sightline.Datasets.Splits;
using Sightline.Imaging;
using Sightline.Simulation;

var arguments = new ProgramArguments(args, ["--images", "--epochs", "--seed"]);
int count = arguments.Number("--images", 2000), epochs = arguments.Number("--epochs", 10), seed = arguments.Number("--seed", 1, least: 0);
ImageSet set = ImageSet.Open(arguments.Path ?? Recorded());
set = set.Splits.Any(s => s is "val" or "test") ? set : SplitByGroup.Apply(set, valFraction: 0.25, (ulong)seed);

// 1. By hand: L = relu(x·w + b)² at x = 2, w = 3, b = −1. Forward: 6, 5, 5, 25. Backward: dL/db = 2 · 5 = 10, dL/dw = 10 · x = 20.
Node x = new([[2]]), w = new([[3]]), b = new([[-1]]), h = Node.Relu(Node.AddRow(Node.MatMul(x, w), b)), loss = Node.MatMul(h, h);
loss.Backward();
Console.WriteLine($"by hand 25, 10, 20; by code {loss.Value[0][0]}, {b.Gradient[0][0]}, {w.Gradient[0][0]}");

// 2. A network of two layers, and one derivative of each parameter against (L(w + ε) − L(w − ε)) / 2ε.
(double[][] images, int[] labels) = Load([.. set.Samples.Where(s => s.Split == "train")], count);
(double[][] held, int[] truth) = Load([.. set.Samples.Where(s => s.Split != "train")], Math.Min(1000, 2 * count));
var network = new Network(28 * 28, 64, set.Classes.Count, (ulong)seed);
int size = Math.Min(50, labels.Length);
network.Loss(images[..size], labels[..size]).Backward();
double worst = network.Parameters.Max(p => Math.Abs(p.Gradient[0][0] - (Moved(p, 1e-5) - Moved(p, -1e-5)) / 2e-5));

// 3. Learning: one backward gives every derivative, and every weight goes a little against its own.
Console.WriteLine($"largest difference between backward and differences: {worst:0.0e+0}\n{set.Format}: {labels.Length} training and {truth.Length} held-out grey images of 28×28, {set.Classes.Count} classes, {epochs} epochs, seed {seed}");
for (int epoch = 0; epoch < epochs; epoch++)
{
    double total = 0;
    for (int first = 0; first + size <= labels.Length; first += size)
    {
        (loss = network.Loss(images[first..(first + size)], labels[first..(first + size)])).Backward();
        foreach (Node parameter in network.Parameters)
            parameter.Each((i, j) => parameter.Value[i][j] -= 0.05 * parameter.Gradient[i][j]);
        total += loss.Value[0][0] * size / labels.Length;
    }
    Console.WriteLine($"epoch {epoch + 1,2}  loss {total:0.000}  held-out top-1 {network.Logits(held).Value.Zip(truth).Average(p => Array.IndexOf(p.First, p.First.Max()) == p.Second ? 1.0 : 0):0.000}");
}

double Moved(Node parameter, double by)
{
    parameter.Value[0][0] += by;
    double there = network.Loss(images[..size], labels[..size]).Value[0][0];
    parameter.Value[0][0] -= by;
    return there;
}

(double[][] Images, int[] Labels) Load(ImageSample[] samples, int most)
{
    new SeedStream((ulong)seed, "subset").Shuffle<ImageSample>(samples);
    samples = samples.Length > 0 ? samples[..Math.Min(most, samples.Length)] : throw new BadInputException("no-split", "Images to train on and held-out images are both needed.", set.Root);
    var grey = samples.AsParallel().AsOrdered().Select(s => Resize.To(s.Content.Decode(), 28, 28).Pixels.Chunk(3).Select(p => (p[0] + p[1] + p[2]) / 382.5 - 1).ToArray());
    return ([.. grey], [.. samples.Select(s => s.Label)]); // −1 to 1
}

string Recorded() => Recorder.RecordOnce(new RecordingOptions { Seed = 18, Drives = 8, FramesPerDrive = 40, FramesPerSecond = 1 }, Path.Combine(DataFolders.Cache(), "footage-18"));

// region: node
/// <summary>A matrix, what it was computed from, and how its gradient passes on to that.</summary>
public sealed class Node(double[][] value, Node[]? from = null, Action<double[][]>? backward = null)
{
    private readonly (Node[] From, Action<double[][]>? PassOn) origin = (from ?? [], backward);
    public double[][] Value => value;
    public double[][] Gradient { get; private set; } = Filled(value, (_, _) => 0);

    public static Node MatMul(Node a, Node b) => new(Product(a.Value, b.Value), [a, b], g =>
    {
        a.Add(Product(g, Transposed(b.Value))); // dL/da = dL/dy · bᵀ
        b.Add(Product(Transposed(a.Value), g)); // dL/db = aᵀ · dL/dy
    });

    public static Node AddRow(Node a, Node row) => new(Filled(a.Value, (i, j) => a.Value[i][j] + row.Value[0][j]), [a, row], g =>
    {
        a.Add(g);
        a.Each((i, j) => row.Gradient[0][j] += g[i][j]); // used in every row: what comes back from all is added up
    });

    public static Node Relu(Node a) => new(Filled(a.Value, (i, j) => Math.Max(a.Value[i][j], 0)), [a], g =>
        a.Add(Filled(g, (i, j) => a.Value[i][j] > 0 ? g[i][j] : 0)));

    public static Node CrossEntropy(Node logits, int[] labels)
    {
        double[][] softmax = [.. logits.Value.Select(row => (Row: row, Sum: row.Sum(v => Math.Exp(v - row.Max())))).Select(r => r.Row.Select(v => Math.Exp(v - r.Row.Max()) / r.Sum).ToArray())];
        return new([[softmax.Select((row, i) => -Math.Log(row[labels[i]])).Average()]], [logits], g => // what it believes minus what is so
            logits.Add(Filled(softmax, (i, c) => g[0][0] * (softmax[i][c] - (c == labels[i] ? 1 : 0)) / softmax.Length)));
    }

    public void Backward()
    {
        var order = new List<Node>();
        void Visit(Node node)
        {
            if (order.Contains(node))
                return;
            Array.ForEach(node.origin.From, Visit);
            order.Add(node); // behind everything that it was computed from
        }
        Visit(this);
        order.ForEach(node => node.Gradient = Filled(node.Value, (_, _) => 0));
        Gradient[0][0] = 1; // dL/dL
        order.Reverse();
        order.ForEach(node => node.origin.PassOn?.Invoke(node.Gradient)); // each when all of its gradient has arrived
    }
    // endregion
    public void Each(Action<int, int> visit) => Array.ForEach([.. Enumerable.Range(0, value.Length)], i => Array.ForEach([.. Enumerable.Range(0, value[i].Length)], j => visit(i, j)));
    private void Add(double[][] share) => Each((i, j) => Gradient[i][j] += share[i][j]);
    private static double[][] Filled(double[][] like, Func<int, int, double> number) => [.. like.Select((row, i) => row.Select((_, j) => number(i, j)).ToArray())];
    private static double[][] Transposed(double[][] a) => [.. Enumerable.Range(0, a[0].Length).Select(j => a.Select(row => row[j]).ToArray())];
    private static double[][] Product(double[][] a, double[][] b)
    {
        double[][] product = [.. a.Select(_ => new double[b[0].Length])];
        for (int i = 0, rows = b.Length; i < a.Length * rows; i++)
        {
            (double[] to, double factor, double[] from) = (product[i / rows], a[i / rows][i % rows], b[i % rows]);
            for (int j = 0; j < to.Length; j++)
                to[j] += factor * from[j];
        }
        return product;
    }
}

/// <summary>pixels → hidden → ReLU → classes.</summary>
public sealed class Network(int pixels, int hidden, int classes, ulong seed)
{
    public Node[] Parameters { get; } = [Drawn(seed, "w1", pixels, hidden), Drawn(seed, "b1", 1, hidden), Drawn(seed, "w2", hidden, classes), Drawn(seed, "b2", 1, classes)];
    public Node Logits(double[][] images) => Layer(Node.Relu(Layer(new Node(images), 0)), 2);
    public Node Loss(double[][] images, int[] labels) => Node.CrossEntropy(Logits(images), labels);
    private Node Layer(Node x, int first) => Node.AddRow(Node.MatMul(x, Parameters[first]), Parameters[first + 1]);
    private static Node Drawn(ulong seed, string name, int rows, int columns)
    {
        var draw = new SeedStream(seed, name); // biases, of one row, start at zero
        return new([.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Select(_ => rows == 1 ? 0 : draw.Normal(0, Math.Sqrt(2.0 / rows))).ToArray())]);
    }
}
