using System.Reflection;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/19-classify.cs: runs from end to end on footage that it records, and its network is the one in src/.</summary>
public class ClassifyAnswerTests
{
    [Fact]
    public void RunsAndEqualsTheModule()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"answer-19-{Guid.NewGuid():N}");
        try
        {
            string program = AnswerProgram.Built("answers/19-classify.cs");
            var environment = new Dictionary<string, string> { ["SIGHTLINE_DATA"] = Path.Combine(folder, "data") };
            Directory.CreateDirectory(folder);
            SightlineProcess run = SightlineProcess.Start("dotnet", [program, "--quick"], folder, environment);
            Assert.True(run.ExitCode == 0, run.Output + run.Error);
            Assert.Matches(@"top-1 0\.\d{4}", run.Output);
            string held = run.Output.Split('\n').First(l => l.StartsWith("held out:", StringComparison.Ordinal));
            Assert.Matches(@"^held out: drive-\d\d$", held); // one whole drive

            // Any picture can be asked about, and the footage is not recorded twice.
            string picture = Directory.EnumerateFiles(Path.Combine(folder, "data"), "*.jpg", SearchOption.AllDirectories).First();
            SightlineProcess again = SightlineProcess.Start("dotnet", [program, "--quick", "--picture", picture], folder, environment);
            Assert.True(again.ExitCode == 0, again.Error);
            Assert.DoesNotContain("recording", again.Output, StringComparison.Ordinal);
            Assert.Contains(picture + ": ", again.Output, StringComparison.Ordinal);

            // What is mistyped or missing is told in one line, before anything long.
            foreach ((string[] arguments, string told) in ((string[], string)[])[
                (["--epoch", "3"], "There is no option --epoch. Did you mean --epochs?"), (["--epochs", "few"], "--epochs is 'few'"),
                (["--quick", "--picture", "no-such.jpg"], "no-such.jpg"), (["no-such-folder"], "no-such-folder")])
            {
                SightlineProcess wrong = SightlineProcess.Start("dotnet", [program, .. arguments], folder, environment);
                Assert.Equal(2, wrong.ExitCode);
                Assert.Contains(told, wrong.Error, StringComparison.Ordinal);
                Assert.Single(wrong.Error.TrimEnd().Split('\n'));
            }

            AssertEqualsTheModule(program);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertEqualsTheModule(string program)
    {
        using DisposeScope scope = NewDisposeScope();
        Type type = Assembly.LoadFrom(program).GetType("SmallResNet", throwOnError: true)!;
        using var written = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, 7)!;
        using Classifier module = Networks.Create("cifar_resnet8", 7, seed: 5);
        // The same names, but for the sequence that src/ keeps a stage in; BatchNorm gets statistics that do something.
        Dictionary<string, Tensor> from = module.state_dict(), to = written.state_dict();
        Assert.Equal(from.Keys.Order(), to.Keys.Select(InModule).Order());
        using (no_grad())
        {
            foreach ((string name, Tensor target) in to)
            {
                Tensor source = from[InModule(name)];
                if (source.dim() == 1 && source.dtype == ScalarType.Float32)
                    source.add_(rand(source.shape));
                target.copy_(source);
            }
            Tensor images = randn(4, 3, 32, 32);
            foreach (bool training in (bool[])[true, false])
            {
                module.train(training);
                written.train(training);
                float difference = (module.call(images) - written.call(images)).abs().max().item<float>();
                Assert.True(difference == 0, $"the networks differ by {difference}{(training ? " in training mode" : "")}");
            }
        }
    }

    private static string InModule(string name) => System.Text.RegularExpressions.Regex.Replace(name, @"^(layer\d)\.", "$1.0.");
}
