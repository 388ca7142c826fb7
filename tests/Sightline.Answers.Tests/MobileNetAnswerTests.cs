using System.Reflection;
using Sightline.Labs;
using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/13-mobilenet.cs runs, and its blocks are those of src/; exercise 13 names each planted mistake.</summary>
public sealed class MobileNetAnswerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("answer-13-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answer_runs_and_equals_the_module()
    {
        string data = TwoClasses.Write(Path.Combine(folder, "pictures"), perClass: 30);
        string program = AnswerProgram.Built("answers/13-mobilenet.cs");
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, data, "--epochs", "2"], folder, new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "1" });
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("N =  128, k = 3: 0.1189 counted, 1/N + 1/k² = 0.1189", run.Output);
        Assert.Matches(@"8\.4 times fewer multiply-accumulates, \d+\.\d times less time", run.Output);
        Assert.Matches(@"(?m)^inverted +\d+ parameters   training accuracy [01]\.\d{3}", run.Output);

        Nnpack.Disable();
        Assembly answer = Assembly.LoadFrom(program);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((long channels, long width, long stride) in ((long, long, long)[])[(16, 16, 1), (16, 24, 2)])
        {
            Same(new DepthwiseSeparable(channels, width, stride), Written(answer, "DepthwiseSeparable", channels, width, stride));
            Same(new InvertedResidual(channels, width, stride), Written(answer, "InvertedResidual", channels, width, stride, 6L));
        }
    }

    [Fact]
    public void One_over_n_and_one_over_k_squared_is_what_the_networks_count()
    {
        using Classifier separable = Networks.Create("cifar_mobilenet_v1", 10, seed: 1), full = Networks.Create("cifar_mobilenet_v1_full", 10, seed: 1);
        var a = MacCounter.Count(separable, [3, 32, 32]).Where(l => l.Name.StartsWith("blocks", StringComparison.Ordinal)).Chunk(2).ToList();
        var b = MacCounter.Count(full, [3, 32, 32]).Where(l => l.Name.StartsWith("blocks", StringComparison.Ordinal)).ToList();
        Assert.Equal(b.Count, a.Count);
        foreach ((LayerMacs[] two, LayerMacs one) in a.Zip(b))
            Assert.Equal(1.0 / one.OutputShape[1] + 1.0 / 9, two.Sum(l => l.Macs) / (double)one.Macs, 1e-9);
    }

    [Fact]
    public void The_lab_takes_the_block_of_src_apart()
    {
        using Classifier module = Networks.Create("cifar_mobilenet_v2", 10, seed: 1), same = new BottleneckNetwork(10, BottleneckForm.AsPublished), activated = new BottleneckNetwork(10, BottleneckForm.Activated);
        Assert.Equal(module.state_dict().Values.Select(t => string.Join('×', t.shape)).Order(), same.state_dict().Values.Select(t => string.Join('×', t.shape)).Order());
        Assert.Equal(MacCounter.Count(module, [3, 32, 32]).Sum(l => l.Macs), MacCounter.Count(same, [3, 32, 32]).Sum(l => l.Macs));
        Assert.Equal(same.parameters().Sum(p => p.numel()), activated.parameters().Sum(p => p.numel()));
        // The same weights in the same order give the same numbers.
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((TorchSharp.Modules.Parameter from, TorchSharp.Modules.Parameter to) in module.parameters().Zip(same.parameters()))
            to.copy_(from);
        module.eval();
        same.eval();
        Tensor images = randn(2, 3, 32, 32), expected = module.call(images);
        Assert.True((expected - same.call(images)).abs().max().item<float>() <= 1e-5f * expected.abs().max().item<float>());
    }

    [Fact]
    public void The_exercise_passes_the_reference_and_names_every_planted_mistake()
    {
        Exercise.Check(13, "13-mobilenet/reference/InvertedResidual.cs", "MobileNetExercise",
            new("NoGroups", "groups: wide, ", "", "groups left at 1"),
            new("ActivatedEnd", "Tensor y = bn3.call(project.call(wide));", "Tensor y = functional.relu6(bn3.call(project.call(wide)));", "an activation after the bottleneck"),
            new("AlwaysShortcut", "shortcut = stride == 1 && channels == width;", "shortcut = true;", "a shortcut where stride is 1 and 8 channels become 12"),
            new("ShortcutAtStride", "shortcut = stride == 1 && channels == width;", "shortcut = channels == width;", "a shortcut where stride is 2 and 8 channels become 8"),
            new("WidensTheOutput", "long wide = expansion * channels;", "long wide = expansion * width;", "the expansion is applied to the output's channels"),
            new("NoShortcut", "return shortcut ? x + y : y;", "return y;", "no shortcut"),
            new("ActivatedSum", "return shortcut ? x + y : y;", "return shortcut ? functional.relu6(x + y) : y;", "an activation after the addition"),
            new("SmallKernel", "kernel_size: 3, stride: stride, padding: 1", "kernel_size: 1, stride: stride", "the depthwise kernel is 1×1"),
            new("NoFirstActivation", "functional.relu6(bn1.call(expand.call(x)))", "bn1.call(expand.call(x))", "no activation behind the layer that widens"),
            new("PlainRelu", "functional.relu6(", "functional.relu(", "ReLU instead of ReLU6"),
            new("FiltersFirst", "depthwise = Conv2d(wide, wide, kernel_size: 3, stride: stride, padding: 1, groups: wide, bias: false);\n        bn2 = BatchNorm2d(wide);", "depthwise = Conv2d(channels, channels, kernel_size: 3, stride: stride, padding: 1, groups: channels, bias: false);\n        bn2 = BatchNorm2d(channels);", "stands before the layer that widens"),
            new("ActivatedTwice", "wide = functional.relu6(bn2.call(depthwise.call(wide)));", "wide = functional.relu6(bn2.call(functional.relu6(depthwise.call(wide))));", "the output is not bn3"),
            new("Biased", "expand = Conv2d(channels, wide, kernel_size: 1, bias: false);", "expand = Conv2d(channels, wide, kernel_size: 1);", "has a bias"));
    }

    private static nn.Module<Tensor, Tensor> Written(Assembly answer, string name, params object[] arguments) =>
        (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType(name, throwOnError: true)!, arguments)!;

    private static void Same(nn.Module<Tensor, Tensor> module, nn.Module<Tensor, Tensor> written)
    {
        Dictionary<string, Tensor> from = module.state_dict(), to = written.state_dict();
        Assert.Equal(from.Keys.Order(), to.Keys.Order());
        foreach ((string key, Tensor source) in from)
        {
            if (source.dim() == 1)
                source.add_(rand(source.shape));
            to[key].copy_(source);
        }
        Tensor x = randn(4, 16, 8, 8);
        foreach (bool training in (bool[])[true, false])
        {
            module.train(training);
            written.train(training);
            Tensor expected = module.call(x);
            Assert.True((expected - written.call(x)).abs().max().item<float>() <= 1e-5f * expected.abs().max().item<float>());
        }
        module.Dispose();
        written.Dispose();
    }
}
