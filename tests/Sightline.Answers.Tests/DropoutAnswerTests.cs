using System.Reflection;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/15-dropout.cs runs, and its layer and network are those of src/; exercise 15 names each planted mistake.</summary>
public sealed class DropoutAnswerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("answer-15-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answer_runs_and_equals_the_module()
    {
        string data = TwoClasses.Write(Path.Combine(folder, "pictures"), perClass: 30);
        string program = AnswerProgram.Built("answers/15-dropout.cs");
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, data, "--epochs", "2"], folder);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Matches(@"drop 75%, inverted   kept 12, on average    3, in use    3: in training × 4", run.Output);
        Assert.Matches(@"(?m)^30 votes: held out [01]\.\d{3}", run.Output);

        Assembly answer = Assembly.LoadFrom(program);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(64, 100).abs() + 0.1;
        foreach ((double drop, bool inverted) in ((double, bool)[])[(0.5, true), (0.5, false), (0.75, true), (0.75, false)])
        {
            var written = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType("Dropout", throwOnError: true)!, drop, inverted)!;
            using var module = new ScaledDropout(drop, inverted ? DropoutScaling.Inverted : DropoutScaling.Classic);
            // In training both draw masks of their own: what each keeps, it keeps at the same value.
            Tensor kept = written.call(x), own = module.call(x), both = kept.ne(0).logical_and(own.ne(0));
            Assert.True(both.sum().item<long>() > 100);
            Assert.True(((kept - own).abs() * both.to(float32)).max().item<float>() < 1e-5f);
            Assert.Equal(drop, kept.eq(0).to(float32).mean().item<float>(), 0.03);
            written.eval();
            module.eval();
            Assert.True((written.call(x) - module.call(x)).abs().max().item<float>() < 1e-6f);
        }

        using Classifier mlp = Networks.Create("mlp", 7, seed: 5, new NetworkOptions { Dropout = 0.5 });
        using var network = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType("Mlp", throwOnError: true)!, 7, 0.5, true)!;
        using IDisposable noGradient = no_grad();
        Dictionary<string, Tensor> from = mlp.state_dict(), to = network.state_dict();
        Assert.Equal(from.Keys.Order(), to.Keys.Order());
        foreach ((string key, Tensor source) in from)
            to[key].copy_(source);
        mlp.eval();
        network.eval();
        Tensor images = randn(4, 3, 32, 32), expected = mlp.call(images);
        Assert.True((expected - network.call(images.flatten(1))).abs().max().item<float>() <= 1e-5f * expected.abs().max().item<float>());
    }

    [Fact]
    public void The_exercise_passes_the_reference_and_names_every_planted_mistake()
    {
        const string use = "            return x;\n", training = "(rand_like(x) >= drop)", last = "        return x * mask / (1 - drop);";
        Exercise.Check(15, "15-dropout/reference/Dropout.cs", "DropoutExercise",
            new("DropsInUse", "if (!training)\n" + use, "", "it drops in use too"),
            new("Swapped", training, "(rand_like(x) < drop)", "keep and drop are swapped"),
            new("Unscaled", last, "        return x * mask;", "no scaling in training"),
            new("WrongScale", last, "        return x * mask / drop;", "scaled by the wrong probability"),
            new("ScaledTwice", use, "            return x * (1 - drop);\n", "scaled twice"),
            new("ClassicScaling", $"{use}        Tensor mask = {training}.to(float32);\n{last}", $"            return x * (1 - drop);\n        Tensor mask = {training}.to(float32);\n        return x * mask;", "classic scaling"),
            new("SameMask", "Tensor mask", "random.manual_seed(1); Tensor mask", "the same mask in every step"),
            new("BatchMask", training, "(rand_like(x[0..1]) >= drop)", "one mask for the whole batch"),
            new("WholeImages", training, "(rand_like(x.slice(1, 0, 1, 1)) >= drop)", "whole images are dropped"),
            new("Detached", last, "        return x.detach() * mask / (1 - drop);", "no gradient comes through"));
    }
}
