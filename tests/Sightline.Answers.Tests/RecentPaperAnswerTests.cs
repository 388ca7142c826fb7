using System.Reflection;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/10-starnet.cs and 10-dyt.cs run, and their layers are those of src/.</summary>
public sealed class RecentPaperAnswerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("answer-10-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_star_answer_runs_and_equals_the_module()
    {
        Assembly answer = Run("answers/10-starnet.cs", out string output);
        Assert.Contains("16 features: 300 star units span 136 functions, d(d + 1)/2 = 136; 300 sum units span 16", output);
        Assert.Matches(@"one layer: star (1\.00|0\.9\d), sum 0\.[3-6]\d", output);
        Assert.Matches(@"(?m)^sum +\d+ weights   training top-1 [01]\.\d{3}   held out [01]\.\d{3}", output);

        using DisposeScope scope = NewDisposeScope();
        foreach (BranchJoin join in Enum.GetValues<BranchJoin>())
        {
            var written = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType("StarBlock", throwOnError: true)!, 8L, 3L, join == BranchJoin.Star)!;
            using var module = new StarBlock(8, 3, join: join);
            Copy(module, written, name => name.Replace("dwconv.bn", "norm1").Replace("g.bn", "norm2").Replace(".conv", ""));
            module.eval();
            written.eval();
            Tensor x = randn(2, 8, 9, 9), expected = module.call(x);
            Assert.True((expected - written.call(x)).abs().max().item<float>() <= 1e-5f * expected.abs().max().item<float>());
        }
    }

    [Fact]
    public void The_dynamic_tanh_answer_runs_and_equals_the_module()
    {
        Assembly answer = Run("answers/10-dyt.cs", out string output);
        Assert.Matches(@"(?m)^Dynamic Tanh +training top-1 [01]\.\d{3}", output);
        Assert.Equal(9, System.Text.RegularExpressions.Regex.Count(output, "is c · tanh"));

        using DisposeScope scope = NewDisposeScope();
        using var module = new DynamicTanh(6);
        var written = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType("DynamicTanh", throwOnError: true)!, 6L)!;
        Copy(module, written, name => name);
        Tensor x = 3 * randn(2, 5, 6);
        Assert.True((module.call(x) - written.call(x)).abs().max().item<float>() < 1e-6f);
    }

    // Same weights for both: random ones, so that no scale or shift hides behind its first value.
    private static void Copy(nn.Module from, nn.Module to, Func<string, string> renamed)
    {
        using IDisposable noGradient = no_grad();
        Dictionary<string, Tensor> target = to.state_dict();
        Assert.Equal(target.Count, from.state_dict().Count);
        foreach ((string name, Tensor value) in from.state_dict())
        {
            if (value.is_floating_point())
                value.copy_(rand_like(value) + 0.2);
            target[renamed(name)].copy_(value);
        }
    }

    private Assembly Run(string path, out string output)
    {
        string data = TwoClasses.Write(Path.Combine(folder, "pictures"), perClass: 30), program = AnswerProgram.Built(path);
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, data, "--epochs", "2"], folder);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        output = run.Output;
        return Assembly.LoadFrom(program);
    }
}
