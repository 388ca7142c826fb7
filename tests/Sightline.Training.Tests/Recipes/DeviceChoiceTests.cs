using Sightline.Torch;
using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>The device is an option; here only what holds without CUDA can be seen.</summary>
public class DeviceChoiceTests
{
    [Fact]
    public void AutoTakesWhatIsThere()
    {
        Assert.Equal(ComputeDevice.HasCuda() ? DeviceChoice.Cuda : DeviceChoice.Cpu, DeviceChoice.Auto.Resolve());
        Assert.Equal(DeviceType.CPU, DeviceChoice.Cpu.Type());
    }

    [Fact]
    public void CudaWithoutOneIsAClearError()
    {
        Assert.SkipWhen(ComputeDevice.HasCuda(), "there is a CUDA device");
        Assert.Equal("device-missing", Assert.Throws<BadInputException>(() => DeviceChoice.Cuda.Resolve()).Code);
        using var tiny = new TinyImageFolder(perClass: 4);
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 4, device: cuda"), []);
        Assert.Equal("device-missing", Assert.Throws<BadInputException>(() => Training.Runs.TrainingRun.Start(recipe, tiny.PathOf("run"), new Training.Runs.RunOptions(), CancellationToken.None)).Code);
        Assert.False(Directory.Exists(tiny.PathOf("run")));
    }

    [Fact]
    public void ATensorThatIsThereIsNotCopied()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, 3);
        Assert.Same(x, ComputeDevice.Put(x, DeviceType.CPU));
        using var network = nn.Linear(3, 2);
        nint before = network.weight!.Handle;
        ComputeDevice.Move(network, DeviceType.CPU);
        Assert.Equal((before, DeviceType.CPU), (network.weight!.Handle, ComputeDevice.Of(network)));
    }
}
