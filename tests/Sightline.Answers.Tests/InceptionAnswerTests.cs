using System.Reflection;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/12-inception.cs runs, and its block and network are those of src/; exercise 12 names each planted mistake.</summary>
public sealed class InceptionAnswerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("answer-12-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answer_runs_and_equals_the_module()
    {
        string data = TwoClasses.Write(Path.Combine(folder, "pictures"), perClass: 40);
        string program = AnswerProgram.Built("answers/12-inception.cs");
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, data, "--images", "80", "--epochs", "2"], folder,
            new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "1" });
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        // By hand: 784 · (192·64 + 192·96 + 96·128·9 + 192·16 + 16·32·25 + 192·32), and 784 · (192·64 + 192·128·9 + 192·32·25 + 192·32).
        Assert.Contains("block 3a without reductions: 308.3 million multiply-accumulates, counted 308.3; 393,728 parameters", run.Output);
        Assert.Contains("block 3a with    reductions: 128.0 million multiply-accumulates, counted 128.0; 164,064 parameters", run.Output);
        Assert.Matches(@"(?m)^without reductions: training accuracy [01]\.\d{3}, .* 42\.8 million multiply-accumulates an image, ", run.Output);
        Assert.Matches(@"(?m)^with    reductions: training accuracy [01]\.\d{3}, .* 14\.4 million multiply-accumulates an image, ", run.Output);

        Assembly answer = Assembly.LoadFrom(program);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        object widths = Activator.CreateInstance(answer.GetType("Widths", throwOnError: true)!, 16, 16, 32, 16, 16, 16)!;
        using var block = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType("InceptionBlock", throwOnError: true)!, 48, widths)!;
        using var module = new InceptionBlock(48, new InceptionWidths(16, 16, 32, 16, 16, 16));
        AssertEqual(module, block, randn(3, 48, 9, 7));

        using var network = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType("InceptionNetwork", throwOnError: true)!, 7, true)!;
        using Classifier registered = Networks.Create("cifar_inception", 7, seed: 5, new NetworkOptions { Auxiliary = false });
        AssertEqual(registered, network, randn(4, 3, 32, 32));
    }

    [Fact]
    public void The_exercise_passes_the_reference_and_names_every_planted_mistake()
    {
        const string reduce = "threeReduce = Conv2d(channels, threeReduced, kernel_size: 1);\n        three = Conv2d(threeReduced, threeWidth, kernel_size: 3, padding: 1);";
        const string pool = "MaxPool2d(3, stride: 1, padding: 1)", join = "cat([a, b, c, d], 1)";
        Exercise.Check(12, "12-inception/reference/InceptionBlock.cs", "InceptionExercise",
            new("WrongDimension", join, "cat([a, b, c, d], 2)", "joined along the wrong dimension"),
            new("WrongDimensionBatch", join, "cat([a, b, c, d], 0)", "joined along the wrong dimension"),
            new("Added", join, "a + b + c + d", "the branches are added, not joined"),
            new("NoPadding", "kernel_size: 5, padding: 2", "kernel_size: 5", "no padding in 'five'"),
            new("LatePadding", pool, "MaxPool2d(3, stride: 1)", "no padding in 'pool'"),
            new("ReducedBehind", reduce, "threeReduce = Conv2d(channels, threeReduced, kernel_size: 3, padding: 1);\n        three = Conv2d(threeReduced, threeWidth, kernel_size: 1);", "the reduction stands behind the large convolution"),
            new("StridedPool", pool, "MaxPool2d(3, padding: 1)", "the pool has a stride"),
            new("MeanPool", pool, "AvgPool2d(3, stride: 1, padding: 1)", "the pool takes the mean"),
            new("NoProjection", "functional.relu(project.call(pool.call(x)))", "pool.call(x)", "no projection behind the pool"),
            new("PooledBehind", "project.call(pool.call(x))", "pool.call(project.call(x))", "the pool stands behind its projection"),
            new("LinearReduction", "three.call(functional.relu(threeReduce.call(x)))", "three.call(threeReduce.call(x))", "no activation behind the reduction in the 3×3 branch"),
            new("NoActivation", "functional.relu(one.call(x))", "one.call(x)", "no activation behind the 1×1 branch"),
            new("OtherOrder", join, "cat([a, c, b, d], 1)", "the branches stand in another order"),
            new("Unregistered", "RegisterComponents();", "", "nothing is registered"));
    }

    // The same names and shapes, so the same weights; statistics that do something.
    private static void AssertEqual(nn.Module<Tensor, Tensor> module, nn.Module<Tensor, Tensor> written, Tensor x)
    {
        Dictionary<string, Tensor> from = module.state_dict(), to = written.state_dict();
        Assert.Equal(from.Keys.Order(), to.Keys.Order());
        foreach ((string key, Tensor source) in from)
        {
            if (source.dim() == 1)
                source.add_(rand(source.shape));
            to[key].copy_(source);
        }
        foreach (bool training in (bool[])[true, false])
        {
            module.train(training);
            written.train(training);
            Tensor expected = module.call(x);
            float difference = (expected - written.call(x)).abs().max().item<float>();
            Assert.True(difference <= 1e-5f * expected.abs().max().item<float>(), $"differs by {difference}, training {training}");
        }
    }
}
