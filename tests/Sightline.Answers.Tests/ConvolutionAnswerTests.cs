using System.Reflection;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/16-convolution.cs runs, and its matrix computes what libtorch's convolution does.</summary>
public sealed class ConvolutionAnswerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("answer-16-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answer_runs_and_its_matrix_is_a_convolution()
    {
        string data = TwoClasses.Write(Path.Combine(folder, "pictures"), perClass: 30);
        string program = AnswerProgram.Built("answers/16-convolution.cs");
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, data, "--epochs", "2"], folder);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("entries 248832, of them not zero (local) 13872, of them different (shared) 108", run.Output);
        Assert.Matches(@"(?m)^fully connected, as many MACs +\d+ weights   held out, shifted by 0 px [01]\.\d{3}.*pixels permuted [01]\.\d{3}", run.Output);

        MethodInfo asMatrix = Assembly.LoadFrom(program).GetType("Convolution", throwOnError: true)!.GetMethod("AsMatrix")!;
        using DisposeScope scope = NewDisposeScope();
        foreach ((long outputs, long inputs, long k, int side) in ((long, long, long, int)[])[(2, 3, 3, 7), (5, 1, 1, 4), (1, 2, 5, 6)])
        {
            Tensor kernels = randn(outputs, inputs, k, k), image = randn(1, inputs, side, side);
            var matrix = (Tensor)asMatrix.Invoke(null, [kernels, side])!;
            Tensor expected = nn.functional.conv2d(image, kernels, padding: [k / 2, k / 2]).flatten();
            Assert.True((expected - matrix.mv(image.flatten())).abs().max().item<float>() < 1e-5f);

            // The middle way of src/: with the same kernels at every place it is that convolution too.
            using var local = new LocallyConnected2d(inputs, outputs, side, (int)k, padding: (int)k / 2);
            local.ShareEverywhere(kernels);
            Assert.True((expected - local.call(image).flatten()).abs().max().item<float>() < 1e-5f);
        }
    }
}
