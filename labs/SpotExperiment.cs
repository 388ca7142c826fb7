using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>
/// Does padding tell a network where it is? A spot lies somewhere on a plain ground; seven convolutions, the mean over the map and a linear
/// layer have to say where. Convolutions give the same answer wherever the spot is, and the mean forgets the rest: only what happens at
/// the image's edges can tell. With circular padding there are no edges (Islam, Jia, Bruce: "How Much Position Information Do Convolutional
/// Neural Networks Encode?", ICLR 2020, arXiv 2001.08248).
/// </summary>
internal static class SpotExperiment
{
    /// <summary>Passes over the images.</summary>
    public const int Epochs = 15;

    private const int Side = 32, Images = 2_000, Held = 500, Batch = 50, Margin = 4;
    private const double Rate = 2e-3;

    /// <summary>Trains and measures.</summary>
    /// <param name="context">Seed, progress, cancellation.</param>
    /// <param name="circular">Padding by the other side's pixels, else by zeros.</param>
    /// <returns>The mean distance in pixels on held-out images, and what guessing the middle would get.</returns>
    public static LabOutcome Run(LabContext context, bool circular)
    {
        Nnpack.Disable();
        manual_seed(unchecked((long)SeedStream.Derive(context.Seed, "torch")));
        using Sequential network = Network(circular ? PaddingModes.Circular : PaddingModes.Zeros);
        ChannelsLast.Apply(network);
        using ScalarGuard guard = ScalarGuard.Enter();
        using DisposeScope data = NewDisposeScope();
        (Tensor train, Tensor trainAt) = Draw(Images, context.Seed, "train");
        (Tensor held, Tensor heldAt) = Draw(Held, context.Seed, "held");
        using var optimiser = optim.AdamW(network.parameters(), Rate);
        int epochs = context.Quick ? 1 : Epochs, perEpoch = Images / Batch, steps = epochs * perEpoch;
        var losses = new List<double>();
        for (int epoch = 0, done = 0; epoch < epochs; epoch++)
        {
            double sum = 0;
            for (int i = 0; i < perEpoch; i++, done++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                guard.AtBoundary();
                using DisposeScope scope = NewDisposeScope();
                foreach (optim.ILearningRateController group in optimiser.ParamGroups)
                    group.LearningRate = Rate * (1 + Math.Cos(Math.PI * done / steps)) / 2;
                optimiser.zero_grad();
                Tensor loss = functional.mse_loss(network.call(train[(i * Batch)..((i + 1) * Batch)]), trainAt[(i * Batch)..((i + 1) * Batch)]);
                loss.backward();
                optimiser.step();
                sum += loss.item<float>();
            }
            losses.Add(sum / perEpoch);
            context.Progress?.Report(new WorkProgress("epochs", epoch + 1, epochs, "epochs", $"loss {sum / perEpoch:0.000}"));
        }
        network.eval();
        using IDisposable noGradient = no_grad();
        double Distance(Tensor found, Tensor at) => (found - at).square().sum(1).sqrt().mean().item<float>() * Side / 2;
        var metrics = new Dictionary<string, double>
        {
            ["centreDistance"] = Distance(network.call(held), heldAt),
            ["trainCentreDistance"] = Distance(network.call(train), trainAt),
            ["middleDistance"] = Distance(zeros_like(heldAt), heldAt),
        };
        return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>> { ["trainLoss"] = losses }, "float32");
    }

    private static Sequential Network(PaddingModes padding)
    {
        Module<Tensor, Tensor> Layer(long from, long to, long stride) => Conv2d(from, to, kernel_size: 3, stride: stride, padding: 1, padding_mode: padding);
        return Sequential(
            Layer(3, 16, 1), ReLU(), Layer(16, 32, 2), ReLU(), Layer(32, 32, 1), ReLU(), Layer(32, 64, 2), ReLU(), Layer(64, 64, 1), ReLU(),
            Layer(64, 64, 1), ReLU(), Layer(64, 64, 1), ReLU(), AdaptiveAvgPool2d(1), Flatten(), Linear(64, 2));
    }

    // A white spot on grey ground, wholly inside; the target is its middle, −1 to 1.
    private static (Tensor Images, Tensor Middles) Draw(int count, ulong seed, string part)
    {
        float[] pixels = new float[count * Side * Side * 3], middles = new float[count * 2];
        for (int n = 0; n < count; n++)
        {
            var stream = new SeedStream(seed, $"spot-{part}", n);
            double x = stream.Uniform(Margin, Side - Margin), y = stream.Uniform(Margin, Side - Margin), radius = stream.Uniform(2, Margin);
            (middles[2 * n], middles[2 * n + 1]) = ((float)(2 * x / Side - 1), (float)(2 * y / Side - 1));
            for (int i = 0; i < Side * Side; i++)
            {
                double dx = i % Side + 0.5 - x, dy = i / Side + 0.5 - y;
                pixels.AsSpan((n * Side * Side + i) * 3, 3).Fill(dx * dx + dy * dy < radius * radius ? 1 : -0.5f);
            }
        }
        return (tensor(pixels, [count, Side, Side, 3]).permute(0, 3, 1, 2), tensor(middles, [count, 2]));
    }
}
