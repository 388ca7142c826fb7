using System.Reflection;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/11-resnet.cs runs and is the network of src/; exercise 11 passes the reference and names each planted mistake.</summary>
public sealed class ResNetAnswerTests : IDisposable
{
    // Below the checkout, where a reader would put an exercise: the checkout's rules must not reach into it.
    private readonly string folder = Directory.CreateDirectory(Path.Combine(Repository.Root, ".sightline", $"answer-11-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answer_runs_and_equals_the_module()
    {
        string data = Path.Combine(folder, "pictures");
        for (int i = 0; i < 128; i++)
            Picture(Path.Combine(data, i % 2 == 0 ? "dark" : "light", $"{i}.png"), i);
        string program = AnswerProgram.Built("answers/11-resnet.cs");
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, data, "--n", "1", "--images", "128", "--epochs", "2"], folder,
            new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "1" });
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Matches(@"(?m)^plain     training accuracy 0\.\d{3}|1\.000", run.Output);
        Assert.Matches(@"(?m)^residual  training accuracy 0\.\d{3}|1\.000", run.Output);

        SightlineProcess wrong = SightlineProcess.Start("dotnet", [program, data, "--images", "0"], folder);
        Assert.Equal((2, "--images is '0'; expected a whole number of at least 1.\n"), (wrong.ExitCode, wrong.Error));

        Assembly answer = Assembly.LoadFrom(program);
        foreach ((string name, int n, bool residual) in ((string, int, bool)[])[("cifar_resnet20", 3, true), ("cifar_plain32", 5, false)])
        {
            using DisposeScope scope = NewDisposeScope();
            using var written = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(answer.GetType("CifarNetwork", throwOnError: true)!, n, 7, residual)!;
            using Classifier module = Networks.Create(name, 7, seed: 5);
            using IDisposable noGradient = no_grad();
            // The same names and shapes, so the same weights; statistics that do something.
            Dictionary<string, Tensor> from = module.state_dict(), to = written.state_dict();
            Assert.Equal(from.Keys.Order(), to.Keys.Order());
            foreach ((string key, Tensor source) in from)
            {
                if (source.dim() == 1)
                    source.add_(rand(source.shape));
                to[key].copy_(source);
            }
            Tensor images = randn(4, 3, 32, 32);
            foreach (bool training in (bool[])[true, false])
            {
                module.train(training);
                written.train(training);
                Tensor expected = module.call(images);
                float difference = (expected - written.call(images)).abs().max().item<float>();
                Assert.True(difference <= 1e-5f * expected.abs().max().item<float>(), $"{name} differs by {difference}");
            }
        }
    }

    [Fact]
    public void The_exercise_passes_the_reference_and_names_every_planted_mistake()
    {
        Exercise.Check(11, "11-resnet/reference/ResidualBlock.cs", "ResNetExercise",
            new("NoProjection", "downsample = stride == 1 && channels == width", "downsample = true", "no projection where the shape changes"),
            new("EarlyActivation", "Tensor y = bn2.call(conv2.call(h));", "Tensor y = functional.relu(bn2.call(conv2.call(h)));", "activation before the addition"),
            new("WrongTensor", "downsample is null ? x :", "downsample is null ? h :", "the shortcut comes from the wrong tensor"),
            new("BatchInUse", "bn1.call(conv1.call(x))", "functional.batch_norm(conv1.call(x), bn1.running_mean, bn1.running_var, bn1.weight, bn1.bias, training: true)", "BatchNorm in the wrong mode: in evaluation"),
            new("NoBatchInTraining", "Tensor h =", "bn1.eval(); Tensor h =", "BatchNorm in the wrong mode: after a step in training"),
            new("NoShortcut", "y = y + (downsample is null ? x : downsample.call(x));", "", "no shortcut"),
            new("Linear", "Tensor h = functional.relu(bn1.call(conv1.call(x)));", "Tensor h = bn1.call(conv1.call(x));", "no activation between"),
            new("NoLastActivation", "return functional.relu(y);", "return y;", "no activation after the addition"),
            new("Unregistered", "RegisterComponents();", "register_module(\"conv1\", conv1); register_module(\"bn1\", bn1); register_module(\"conv2\", conv2); register_module(\"bn2\", bn2);", "not registered is not trained"));
    }

    private static void Picture(string path, int seed)
    {
        var draw = new SeedStream((ulong)seed, "picture");
        byte[] pixels = new byte[32 * 32 * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(draw.NextInt(128) + (seed % 2 == 0 ? 0 : 100));
        AtomicFile.WriteBytes(path, Imaging.ImageCodec.EncodePng(new Imaging.RgbImage(32, 32, pixels)));
    }
}
