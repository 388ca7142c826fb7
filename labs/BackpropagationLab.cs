using System.Globalization;
using Sightline.Autograd;
using Sightline.Autograd.Networks;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Labs;

/// <summary>
/// Question 18: the small engine trains LeNet-5 as well as libtorch does, from the same first weights on the same batches; how gradients
/// vanish and explode through twenty layers; what backward costs against forward.
/// </summary>
/// <remarks>Grey cut-outs of 28×28 pixels from footage, by drives: seed s holds out every third drive from the s-th on.</remarks>
public sealed class BackpropagationLab : Lab
{
    private const int Epochs = 10, BatchSize = 64, Side = 28, Padded = 32, Layers = 20, Width = 64;
    private const double Rate = 0.05;

    /// <inheritdoc/>
    public override string Name => "backpropagation";

    /// <inheritdoc/>
    public override int Question => 18;

    /// <inheritdoc/>
    public override string Title => "LeNet-5 trained by the small engine and by libtorch; gradients through twenty layers; the cost of backward.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "top1";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        for (ulong seed = 1; seed <= 3; seed++)
        {
            cells.Add(LeNetCell("lenet-engine", seed, 3, TrainEngine));
            cells.Add(LeNetCell("lenet-libtorch", seed, 0.5, TrainLibtorch));
        }
        if (ownData)
            return cells;
        for (ulong seed = 1; seed <= 3; seed++)
        {
            cells.Add(ChainCell("chain-sigmoid", seed, "sigmoid", 1));
            cells.Add(ChainCell("chain-tanh", seed, "tanh", 1));
            cells.Add(ChainCell("chain-relu", seed, "relu", 2));
            cells.Add(ChainCell("chain-relu-double", seed, "relu", 8));
        }
        cells.Add(new LabCell("cost", 1, 0.1, new Dictionary<string, string> { ["networks"] = "784-64-10, LeNet-5", ["batch"] = "64" }, Cost));
        return cells;
    }

    private static LabCell LeNetCell(string group, ulong seed, double minutes, Func<GreyImages, ulong, int, LabContext, (double[] Losses, int[] Predicted)> train)
    {
        var setting = new Dictionary<string, string> { ["network"] = "LeNet-5", ["epochs"] = Epochs.ToString(CultureInfo.InvariantCulture), ["numbers"] = "float64" };
        return new LabCell(group, seed, minutes, setting, context =>
        {
            GreyImages images = GreyImages.Of(Images(context));
            (double[] losses, int[] predicted) = train(images, seed, context.Quick ? 1 : Epochs, context);
            double top1 = predicted.Zip(images.HeldLabels).Count(p => p.First == p.Second) / (double)predicted.Length;
            var metrics = new Dictionary<string, double>
            {
                ["top1"] = top1,
                ["valError"] = 1 - top1,
                ["lastLoss"] = losses[^1],
                ["trainImages"] = images.Labels.Length,
                ["valImages"] = images.HeldLabels.Length,
            };
            return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>> { ["trainLoss"] = losses }, "float64");
        });
    }

    private static LabImages Images(LabContext context)
    {
        if (context.Data is not null)
            return LabImages.Open(context.Data, Side, context.Cancellation);
        return context.Quick ? LabImages.Synthetic(300, 40) : LabFootage.ByDrives(context, Side);
    }

    // Both train alike: the same order of images, rate and momentum; what differs is who differentiates.
    private static double[] Train(GreyImages images, ulong seed, int epochs, LabContext context, Func<int[], double, double> step)
    {
        int size = Math.Min(BatchSize, images.Labels.Length), perEpoch = images.Labels.Length / size, done = 0;
        double[] losses = new double[epochs];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            int[] order = [.. Enumerable.Range(0, images.Labels.Length)];
            new SeedStream(seed, "shuffle", 0, epoch).Shuffle<int>(order);
            for (int i = 0; i < perEpoch; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                losses[epoch] += step(order[(i * size)..((i + 1) * size)], Rate * (1 - done++ / (double)(epochs * perEpoch))) / perEpoch;
                context.Progress?.Report(new WorkProgress($"epoch {epoch + 1}/{epochs}", i + 1, perEpoch, "steps"));
            }
        }
        return losses;
    }

    private static (double[] Losses, int[] Predicted) TrainEngine(GreyImages images, ulong seed, int epochs, LabContext context)
    {
        var network = new LeNet(images.Classes, seed);
        var descent = new GradientDescent(network.Parameters, momentum: 0.9);
        double[] losses = Train(images, seed, epochs, context, (batch, rate) =>
        {
            Variable loss = network.Forward(Variable.Constant(images.Batch(batch))).CrossEntropy([.. batch.Select(i => images.Labels[i])]);
            loss.Backward();
            descent.Step(rate);
            return loss.Data.Item;
        });
        var predicted = new List<int>();
        foreach (int[] batch in Enumerable.Range(0, images.HeldLabels.Length).Chunk(100))
        {
            NdArray logits = network.Forward(Variable.Constant(images.HeldBatch(batch))).Data;
            predicted.AddRange(logits.Values.Chunk(images.Classes).Select(row => Array.IndexOf(row, row.Max())));
        }
        return (losses, [.. predicted]);
    }

    private static (double[] Losses, int[] Predicted) TrainLibtorch(GreyImages images, ulong seed, int epochs, LabContext context)
    {
        using ScalarGuard guard = ScalarGuard.Enter();
        using DisposeScope scope = NewDisposeScope();
        Parameter[] w = [.. new LeNet(images.Classes, seed).Parameters.Select(p => new Parameter(Copy(p.Data)))];
        Tensor Forward(NdArray batch)
        {
            Tensor x = nn.functional.avg_pool2d(nn.functional.relu(nn.functional.conv2d(Copy(batch), w[0]) + w[1]), 2);
            x = nn.functional.avg_pool2d(nn.functional.relu(nn.functional.conv2d(x, w[2]) + w[3]), 2).flatten(1);
            x = nn.functional.relu(x.mm(w[4]) + w[5]);
            return nn.functional.relu(x.mm(w[6]) + w[7]).mm(w[8]) + w[9];
        }
        using var sgd = torch.optim.SGD(w, Rate, momentum: 0.9);
        double[] losses = Train(images, seed, epochs, context, (batch, rate) =>
        {
            guard.AtBoundary();
            using DisposeScope step = NewDisposeScope();
            foreach (torch.optim.ILearningRateController group in sgd.ParamGroups)
                group.LearningRate = rate;
            sgd.zero_grad();
            Tensor loss = nn.functional.cross_entropy(Forward(images.Batch(batch)), tensor(batch.Select(i => (long)images.Labels[i]).ToArray()));
            loss.backward();
            sgd.step();
            return loss.item<double>();
        });
        using IDisposable noGrad = no_grad();
        var predicted = new List<int>();
        foreach (int[] batch in Enumerable.Range(0, images.HeldLabels.Length).Chunk(100))
            predicted.AddRange(Forward(images.HeldBatch(batch)).argmax(1).data<long>().ToArray().Select(p => (int)p));
        return (losses, [.. predicted]);
    }

    private static Tensor Copy(NdArray array) => tensor(array.Values, [.. array.Shape.Select(s => (long)s)]);

    // Twenty layers of one width; weights normal with variance gain / width. The gradient's norm at each layer's weights and at its
    // output (the signal), as orders of magnitude lost from the last layer to the first.
    private static LabCell ChainCell(string group, ulong seed, string function, double gain)
    {
        var setting = new Dictionary<string, string>
        {
            ["layers"] = Layers.ToString(CultureInfo.InvariantCulture),
            ["function"] = function,
            ["weightVariance"] = string.Create(CultureInfo.InvariantCulture, $"{gain}/width"),
        };
        return new LabCell(group, seed, 0.02, setting, context =>
        {
            var draw = new SeedStream(context.Seed, "chain");
            Variable Drawn(int rows, int columns, double deviation)
            {
                double[] values = new double[rows * columns];
                for (int i = 0; i < values.Length; i++)
                    values[i] = draw.Normal(0, deviation);
                return Variable.Parameter(new NdArray(values, rows, columns));
            }
            List<Variable> weights = [], outputs = [];
            Variable x = Variable.Constant(Drawn(BatchSize, Width, 1).Data);
            for (int layer = 0; layer < Layers; layer++)
            {
                weights.Add(Drawn(Width, Width, Math.Sqrt(gain / Width)));
                x = x.MatMul(weights[^1]);
                x = function switch { "sigmoid" => x.Sigmoid(), "tanh" => x.Tanh(), _ => x.Relu() };
                outputs.Add(x);
            }
            Variable loss = (x * Variable.Constant(Drawn(BatchSize, Width, 1).Data)).Sum();
            loss.Backward();
            double[] norms = [.. weights.Select(Norm)], signals = [.. outputs.Select(Norm)];
            var metrics = new Dictionary<string, double>
            {
                ["first"] = norms[0],
                ["last"] = norms[^1],
                ["ordersLost"] = Math.Log10(norms[^1] / norms[0]),
                ["signalOrdersLost"] = Math.Log10(signals[^1] / signals[0]),
            };
            var curves = new Dictionary<string, IReadOnlyList<double>> { ["log10GradientNorm"] = [.. norms.Select(Math.Log10)], ["log10SignalNorm"] = [.. signals.Select(Math.Log10)] };
            return new LabOutcome(metrics, curves, "float64");
        });
    }

    private static double Norm(Variable variable) => Math.Sqrt(variable.Gradient!.Values.Sum(g => g * g));

    private static LabOutcome Cost(LabContext context)
    {
        int[] labels = [.. Enumerable.Range(0, BatchSize).Select(i => i % 10)];
        double Ratio(Func<Variable> compute)
        {
            Variable? loss = null;
            long forward = OperationCount.Of(() => loss = compute());
            return OperationCount.Of(loss!.Backward) / (double)forward;
        }
        var lenet = new LeNet(10, context.Seed);
        Variable Parameter(int rows, int columns) => Variable.Parameter(NdArray.Full(0.01, [rows, columns]));
        (Variable w1, Variable w2) = (Parameter(784, 64), Parameter(64, 10));
        var metrics = new Dictionary<string, double>
        {
            ["perceptron"] = Ratio(() => Variable.Constant(NdArray.Full(0.5, [BatchSize, 784])).MatMul(w1).Relu().MatMul(w2).CrossEntropy(labels)),
            ["lenet"] = Ratio(() => lenet.Forward(Variable.Constant(NdArray.Full(0.5, [BatchSize, 1, Padded, Padded]))).CrossEntropy(labels)),
            ["lenetWithInput"] = Ratio(() => lenet.Forward(Variable.Parameter(NdArray.Full(0.5, [BatchSize, 1, Padded, Padded]))).CrossEntropy(labels)),
        };
        return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>>(), "float64");
    }

    /// <summary>Grey images from −1 to 1, a border of zeros around them to 32×32.</summary>
    private sealed record GreyImages(double[] Train, int[] Labels, double[] Held, int[] HeldLabels, int Classes)
    {
        public static GreyImages Of(LabImages images) =>
            new(Grey(images.Train, images.Side), images.TrainLabels, Grey(images.Validation, images.Side), images.ValidationLabels, images.Classes.Count);

        public NdArray Batch(int[] indices) => Rows(Train, indices);

        public NdArray HeldBatch(int[] indices) => Rows(Held, indices);

        private static NdArray Rows(double[] from, int[] indices)
        {
            const int stride = Padded * Padded;
            double[] rows = new double[indices.Length * stride];
            for (int i = 0; i < indices.Length; i++)
                from.AsSpan(indices[i] * stride, stride).CopyTo(rows.AsSpan(i * stride));
            return new NdArray(rows, indices.Length, 1, Padded, Padded);
        }

        private static double[] Grey(byte[] rgb, int side)
        {
            int images = rgb.Length / (3 * side * side), border = (Padded - side) / 2;
            double[] grey = new double[images * Padded * Padded];
            for (int p = 0; p < rgb.Length / 3; p++)
            {
                (int image, int y, int x) = (p / (side * side), p / side % side, p % side);
                grey[(image * Padded + y + border) * Padded + x + border] = (rgb[3 * p] + rgb[3 * p + 1] + rgb[3 * p + 2]) / 382.5 - 1;
            }
            return grey;
        }
    }
}
