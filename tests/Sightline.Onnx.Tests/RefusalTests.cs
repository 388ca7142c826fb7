using System.Runtime.CompilerServices;
using Sightline.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Sightline.Tests;

/// <summary>What can't be expressed is refused with the operator and the user's line, never written wrong.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void A_branch_on_a_size() => Refused(
        new Marked(x => x.shape[0] > 2 ? x.exp() : x.relu()),
        "different operators for inputs of other sizes or values");

    [Fact]
    public void A_loop_over_a_size() => Refused(
        new Marked(x =>
        {
            Tensor sum = x;
            for (int i = 0; i < x.shape[0]; i++) sum = sum + x;
            return sum;
        }),
        "different operators",
        exactLine: false);

    [Fact]
    public void A_number_read_out_of_a_tensor() => Refused(new Marked(x => x * x.max().item<float>()), "forward read it out of a tensor (item");

    [Fact]
    public void Data_read_out_of_a_tensor() => Refused(
        new Marked(x => x * torch.tensor(x.data<float>().Take(8).ToArray())),
        "made outside libtorch's operators differs between inputs");

    [Fact]
    public void A_number_read_out_through_an_array() => Refused(
        new Marked(x => x * x.data<float>().ToArray()[0]),
        "differs between inputs");

    [Fact]
    public void A_fraction_of_a_size() => Refused(new Marked(x => x * (1.0 / x.shape[0])), "differs between inputs");

    [Fact]
    public void A_size_in_an_unknown_form() => Refused(
        new Marked(x => torch.cat([x, torch.zeros((x.shape[0] * x.shape[0]) + 1, 4, 8)])),
        "can't be expressed by the sizes of tensors");

    [Fact]
    public void Dropout_in_training_mode() => Refused(new Marked(x => F.dropout(x, 0.5, training: true)), "dropout in training mode");

    [Fact]
    public void Batch_norm_in_training_mode() => Refused(
        new Marked(x => F.batch_norm(x, torch.zeros(4), torch.ones(4), training: true)),
        "batch normalisation in training mode");

    [Fact]
    public void Random_numbers() => Refused(new Marked(x => x + torch.randn(4, 8)), "random numbers");

    [Fact]
    public void A_write_into_a_parameter()
    {
        TorchSharp.Modules.Linear linear = nn.Linear(8, 8);
        Refused(
            new Marked(x =>
            {
                linear.bias!.add_(1); return linear.call(x);
            }, ("linear", linear)),
            "writes into the parameter or buffer linear.bias",
            exactLine: false);
    }

    [Fact]
    public void A_write_into_a_counter()
    {
        var counter = new Pass(x => x);
        counter.register_buffer("calls", torch.zeros(1));
        Refused(
            new Marked(x =>
            {
                Tensor calls = counter.get_buffer("calls")!; return x * calls.add_(1);
            }, ("counter", counter)),
            "writes into the parameter or buffer counter.calls",
            exactLine: false);
    }

    [Fact]
    public void An_operator_without_a_lowering() => Refused(new Marked(x => x.cummax(1).values), "there is no lowering");

    [Fact]
    public void Indexing_by_a_mask() => Refused(new Marked(x => x[TensorIndex.Tensor(x > 0)]), "no lowering");

    [Fact]
    public void Work_on_another_thread()
    {
        using var module = new Pass(x =>
        {
            Tensor? result = null; // a dedicated thread: the pool may run a task on the waiting thread, where it would be recorded
            var thread = new Thread(() => result = (x.relu() + 1).DetachFromDisposeScope());
            thread.Start();
            thread.Join();
            return result!;
        });
        var error = Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(module, new ExportOptions { SampleShape = [4, 8] }));
        Assert.Contains("differs between inputs", error.Message);
        Assert.Contains("computed it on another thread", error.Message);
    }

    [Fact]
    public void An_output_that_does_not_depend_on_the_input()
    {
        using var module = new Pass(x => torch.ones(1, 8) * 2);
        var error = Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(module, new ExportOptions { SampleShape = [4, 8] }));
        Assert.Contains("doesn't depend on the input", error.Message);
    }

    [Fact]
    public void What_two_traces_cannot_tell_apart_is_caught_by_running_the_file()
    {
        // Both traced batches are above 1: the branch is the same in both and hides.
        using var module = new Pass(x => x.shape[0] == 1 ? x * 3 : x * 2);
        var error = Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(module, new ExportOptions { SampleShape = [4, 8] }));
        Assert.Contains("at batch 1, which wasn't traced", error.Message);
    }

    [Fact]
    public void A_module_in_training_mode_is_named()
    {
        using var network = new HandResNet(4, 3);
        network.eval();
        network.named_modules().Single(entry => entry.name == "layers.3.bn2").module.train();
        var error = Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(network, new ExportOptions { SampleShape = [3, 32, 32] }));
        Assert.Contains("training mode at layers.3.bn2", error.Message);
        Assert.Contains("eval()", error.Message);
    }

    [Fact]
    public void An_exception_in_forward_comes_out_as_itself_and_leaves_the_module_trainable()
    {
        TorchSharp.Modules.Linear linear = nn.Linear(8, 8);
        using var module = new Pass(x => linear.call(x).view(5, 77), ("linear", linear));
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => OnnxExporter.Export(module, new ExportOptions { SampleShape = [8] }));
        Assert.True(linear.weight!.requires_grad);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(22)]
    public void An_operator_set_that_cannot_be_written(int opset)
    {
        using var module = new Pass(x => x + 1);
        Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(module, new ExportOptions { SampleShape = [8], Opset = opset }));
    }

    private static void Refused(Marked marked, string reason, bool exactLine = true)
    {
        using Pass module = marked.Module;
        var error = Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(module, new ExportOptions { SampleShape = [4, 8] }));
        Assert.Contains(reason, error.Message);
        Assert.Matches("^(aten::|a constant at )", error.Message);
        Assert.Contains(" at RefusalTests.", error.Message);
        Assert.Contains(exactLine ? $"RefusalTests.cs:{marked.Line}:" : "RefusalTests.cs:", error.Message);
    }

    /// <summary>A lambda with the line that it stands on.</summary>
    private sealed class Marked(Func<Tensor, Tensor> pass, (string, nn.Module) layer, int line)
    {
        public Marked(Func<Tensor, Tensor> pass, [CallerLineNumber] int line = 0)
            : this(pass, ("", nn.Identity()), line)
        {
        }

        public Marked(Func<Tensor, Tensor> pass, (string, nn.Module) layer)
            : this(pass, layer, 0)
        {
        }

        public int Line => line;

        public Pass Module { get; } = layer.Item1.Length == 0 ? new Pass(pass) : new Pass(pass, layer);
    }
}
