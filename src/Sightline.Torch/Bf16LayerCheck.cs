using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>One convolution whose bfloat16 kernel is wrong on this machine.</summary>
/// <param name="Layer">The module's path, e.g. <c>layer2.0.conv1</c>.</param>
/// <param name="Quantity">What is wrong: <c>output</c>, <c>input gradient</c> or <c>weight gradient</c>.</param>
/// <param name="RelativeError">Largest difference to float32, as a share of the largest float32 value.</param>
public sealed record Bf16Fault(string Layer, string Quantity, double RelativeError)
{
    /// <inheritdoc/>
    public override string ToString() => double.IsNaN(RelativeError)
        ? $"{Layer}: {Quantity}"
        : string.Create(CultureInfo.InvariantCulture, $"{Layer}: the {Quantity} in bfloat16 is off by {RelativeError:0.###} of its largest value");
}

/// <summary>
/// Holds every convolution of a network in bfloat16 against float32, output and both gradients, at the shapes and memory layout it
/// will train with, before a run relies on bfloat16.
/// </summary>
/// <remarks>
/// Why this is needed: oneDNN 3.7.1, which libtorch 2.10 carries, computes some bfloat16 convolutions from uninitialised memory on
/// some processors (seen on AVX-512 Zen 5: every contiguous input that must be re-ordered, and, with channels-last, input gradients of
/// strided depthwise convolutions and of single-channel outputs). Nothing reports it; the network just learns badly. A right kernel
/// differs by less than 1 %.
/// </remarks>
public static class Bf16LayerCheck
{
    /// <summary>Errors above this share of the largest value are faults; bfloat16's own rounding stays below 0.01.</summary>
    public const double Tolerance = 0.05;

    private const long DeadlyChannels = 1024;

    /// <summary>Checks the convolutions that <paramref name="module"/> runs for <paramref name="images"/>.</summary>
    /// <param name="module">The network; its weights, buffers, gradients and mode are as before afterwards.</param>
    /// <param name="images"><c>[N, C, H, W] float32</c>, in the memory layout that training uses. A small N does.</param>
    /// <param name="seed">Seeds the random gradients.</param>
    /// <returns>The faults; empty when bfloat16 can be trusted.</returns>
    /// <exception cref="UnsupportedLibtorchException">Autocast is not available.</exception>
    public static IReadOnlyList<Bf16Fault> Run(nn.Module<Tensor, Tensor> module, Tensor images, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(images);
        using ScalarGuard guard = ScalarGuard.Enter();
        using var scope = NewDisposeScope();
        var faults = new List<Bf16Fault>();
        var seen = new HashSet<string>();
        List<(string Path, Conv2d Convolution, Tensor Input)> inputs = Inputs(module, images);
        foreach ((string _, Conv2d _, Tensor input) in inputs)
            scope.Attach(input);
        // Trying is out of the question here: planning these divides by zero on some processors and ends the process (SIGFPE).
        // (What goes through PointwiseConvolution is not among the inputs: it calls no convolution.)
        foreach ((string path, Conv2d convolution, Tensor _) in inputs)
        {
            if (convolution.weight!.shape is [var k, var c, 1, 1] && Math.Max(k, c) >= DeadlyChannels)
                return [new Bf16Fault(path, $"oneDNN cannot be trusted to plan a bfloat16 1×1 convolution of {DeadlyChannels} or more channels", double.NaN)];
        }
        foreach ((string path, Conv2d convolution, Tensor input) in inputs)
        {
            string form = $"{string.Join(',', convolution.weight!.shape)}|{string.Join(',', convolution.stride ?? [])}|{string.Join(',', convolution.padding ?? [])}|{convolution.groups}|{string.Join(',', input.shape)}|{ChannelsLast.Has(input)}";
            // What DepthwiseConvolution runs in float32 has no bfloat16 kernel to be checked.
            if (DepthwiseConvolution.IsDepthwise(convolution) && !DepthwisePlan.Of(convolution, input).Bf16)
                continue;
            if (seen.Add(form))
                faults.AddRange(Check(path, convolution, input, seed));
        }
        return faults;
    }

    private static List<(string, Conv2d, Tensor)> Inputs(nn.Module<Tensor, Tensor> module, Tensor images)
    {
        var inputs = new List<(string, Conv2d, Tensor)>();
        var unhook = new List<Action>();
        bool training = module.training;
        module.eval(); // batch statistics stay untouched; shapes and layouts are the same
        try
        {
            foreach (var (path, child) in module.named_modules())
            {
                if (child is Conv2d convolution)
                {
                    unhook.Add(convolution.register_forward_pre_hook((_, x) =>
                    {
                        // A network may free what it makes in a scope of its own: the captured input has to outlive it.
                        inputs.Add((path, convolution, x.detach().DetachFromDisposeScope()));
                        return x;
                    }).remove);
                }
            }
            using var noGrad = no_grad();
            module.call(images);
        }
        finally
        {
            unhook.ForEach(remove => remove());
            module.train(training);
        }
        return inputs;
    }

    private static IEnumerable<Bf16Fault> Check(string path, Conv2d convolution, Tensor captured, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(SeedStream.Derive(seed, "bf16-check"));
        // Zeros of an untrained network's activations would hide faults: random values in the same layout.
        Tensor values = randn(captured.shape, generator: generator);
        Tensor x = (ChannelsLast.Has(captured) ? ChannelsLast.Of(values) : values).detach().requires_grad_(true);
        Tensor w = convolution.weight!.detach().clone().requires_grad_(true);

        Tensor exact = Apply(convolution, x, w);
        Tensor gradient = randn(exact.shape, generator: generator);
        if (ChannelsLast.Has(exact))
            gradient = ChannelsLast.Of(gradient);
        (Tensor dx, Tensor dw) = Gradients(exact, gradient, x, w);

        Tensor rounded;
        using (Autocast.BFloat16())
            rounded = Apply(convolution, x, w);
        (Tensor dx16, Tensor dw16) = Gradients(rounded, gradient.to(rounded.dtype), x, w);

        var found = new List<Bf16Fault>();
        foreach (var (quantity, a, b) in new[] { ("output", rounded, exact), ("input gradient", dx16, dx), ("weight gradient", dw16, dw) })
        {
            double error = (a.to(float32) - b).abs().max().item<float>() / Math.Max(b.abs().max().item<float>(), 1e-12);
            if (!(error < Tolerance)) // NaN is a fault
                found.Add(new Bf16Fault(path, quantity, error));
        }
        return found;
    }

    private static Tensor Apply(Conv2d c, Tensor x, Tensor w) =>
        nn.functional.conv2d(x, w, null, c.stride, c.padding, c.dilation, c.groups);

    private static (Tensor, Tensor) Gradients(Tensor output, Tensor gradient, Tensor x, Tensor w)
    {
        var gradients = autograd.grad([output], [x, w], [gradient]);
        return (gradients[0], gradients[1]);
    }
}
