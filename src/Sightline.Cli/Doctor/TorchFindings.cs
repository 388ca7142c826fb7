using Sightline.Torch;
using TorchSharp;

namespace Sightline.Cli.Doctor;

/// <summary>What torch will do on this machine.</summary>
/// <param name="Device">The device that will run.</param>
/// <param name="Capability">The instruction set of libtorch's own kernels.</param>
/// <param name="Threads">Threads an operator uses.</param>
/// <param name="Float32">Whether float32 convolutions of channels-last tensors are right, and if not which are wrong.</param>
/// <param name="Float32Contiguous">The same for contiguous tensors, which nothing here computes with in training or evaluation.</param>
/// <param name="Bf16">Whether bfloat16 can be trusted in channels-last, the layout training uses, and if not why.</param>
/// <param name="Bf16Contiguous">The same for contiguous tensors, which training never gives to bfloat16.</param>
/// <param name="Malloc">The allocator's settings in training.</param>
internal sealed record TorchFindings(string Device, string Capability, int Threads, string Float32, string Float32Contiguous, string Bf16, string Bf16Contiguous, string Malloc)
{
    /// <summary>Loads libtorch and asks it.</summary>
    /// <returns>What it said.</returns>
    public static TorchFindings Read()
    {
        Allocator.Configure();
        Nnpack.Disable();
        TorchEnvironment environment = TorchEnvironment.Read();
        string device = environment.CudaDevices > 0 ? $"cuda ({environment.CudaDevices} devices)" : "cpu";
        return new TorchFindings(device, environment.CpuCapability, environment.Threads, Float32Verdict(channelsLast: true), Float32Verdict(channelsLast: false), Bf16Verdict(environment, true), Bf16Verdict(environment, false), Allocator.Settings);
    }

    // Against the same sums as matrix products. Channels that fill no blocks of 16 are where oneDNN has been wrong.
    private static string Float32Verdict(bool channelsLast)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var generator = new torch.Generator(1);
        var wrong = new List<string>();
        foreach ((int input, int output, int side) in ((int, int, int)[])[(3, 16, 32), (12, 64, 31), (20, 64, 31), (24, 24, 8), (24, 64, 31), (40, 20, 15), (64, 64, 16)])
        {
            torch.Tensor images = torch.rand([3, input, side, side], generator: generator), weight = torch.rand([output, input, 3, 3], generator: generator) - 0.5;
            torch.Tensor expected = weight.view(output, -1).matmul(torch.nn.functional.unfold(images, 3, padding: 1)).view(3, output, side, side);
            torch.Tensor convolved = torch.nn.functional.conv2d(channelsLast ? ChannelsLast.Of(images) : images, weight, padding: [1L, 1L]);
            double error = ((convolved - expected).abs().max() / expected.abs().max()).item<float>();
            if (!(error < 1e-3))
                wrong.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{input}→{output} 3×3 off by {error:0.###}"));
        }
        return wrong.Count == 0 ? "right" : "wrong kernels: " + string.Join("; ", wrong);
    }

    private static string Bf16Verdict(TorchEnvironment environment, bool channelsLast)
    {
        if (!environment.Autocast)
            return "not available: autocast is not supported on this platform";
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var forms = torch.nn.Sequential(
            ("conv 3→16 3×3", torch.nn.Conv2d(3, 16, 3, padding: 1)),
            ("conv 16→32 3×3 stride 2", torch.nn.Conv2d(16, 32, 3, stride: 2, padding: 1)),
            ("depthwise 32 3×3", torch.nn.Conv2d(32, 32, 3, padding: 1, groups: 32)),
            ("depthwise 32 3×3 stride 2", torch.nn.Conv2d(32, 32, 3, stride: 2, padding: 1, groups: 32)),
            ("conv 32→8 1×1", torch.nn.Conv2d(32, 8, 1)));
        torch.Tensor images = torch.zeros(4, 3, 20, 20);
        if (channelsLast)
        {
            ChannelsLast.Apply(forms);
            images = ChannelsLast.Of(images);
        }
        using (torch.enable_grad())
        {
            var faults = Bf16LayerCheck.Run(forms, images, seed: 1);
            return faults.Count == 0 ? "right" : "wrong kernels: " + string.Join("; ", faults.Select(f => $"{f.Layer} ({f.Quantity})"));
        }
    }
}
