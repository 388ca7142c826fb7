using Sightline.Torch;
using TorchSharp;

namespace Sightline.Tests;

public sealed class DeterminismTests
{
    [Fact]
    public void The_mode_can_be_set_and_read_back()
    {
        Determinism.Enable();
        Assert.True(Determinism.IsEnabled);
        Determinism.Disable();
        Assert.False(Determinism.IsEnabled);
    }

    [Fact]
    public void Bad_shapes_throw_instead_of_ending_the_process()
    {
        using var scope = torch.NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => GuardedCalls.MatMul(torch.ones(2, 3), torch.ones(4, 5)));
        Assert.Contains("[2, 3]", error.Message);
        Assert.Throws<ArgumentException>(() => GuardedCalls.MatMul(torch.ones(2, 2), torch.ones(2, 2, torch.int64)));
        Assert.Throws<ArgumentException>(() => GuardedCalls.MatMul(torch.ones(3, 2, 4), torch.ones(2, 4, 5)));
        Assert.Equal([3L, 2, 5], GuardedCalls.MatMul(torch.ones(3, 2, 4), torch.ones(4, 5)).shape);
        Assert.Throws<ArgumentException>(() => GuardedCalls.SetGeneratorState(new byte[17]));
    }

    [Fact]
    public void The_generator_repeats_from_its_state()
    {
        using var scope = torch.NewDisposeScope();
        byte[] state = GuardedCalls.GetGeneratorState();
        torch.Tensor first = torch.randn(16);
        GuardedCalls.SetGeneratorState(state);
        Assert.True(first.eq(torch.randn(16)).all().item<bool>());
    }

    [Fact]
    public void The_environment_names_version_and_capability()
    {
        TorchEnvironment environment = TorchEnvironment.Read();
        Assert.Equal("2.10.0", environment.LibtorchVersion);
        Assert.NotEqual("unknown", environment.CpuCapability);
        Assert.True(environment.Autocast);
    }
}
