using System.Runtime.InteropServices;
using Sightline.Torch;
using Sightline.Torch.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class OperatorTracerTests
{
    private sealed class Probe : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear linear = nn.Linear(3, 4);
        private static readonly Tensor added = torch.rand(4); // a field of an instance would be registered as a buffer

        public Probe()
            : base("probe") => RegisterComponents();

        public bool Throws { get; init; }

        public static Tensor Added => added;

        // Hot code returns by tail calls, and a frame that is gone can't be named: errors then name the caller's line.
        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoOptimization)]
        public override Tensor forward(Tensor input)
        {
            if (Throws) throw new InvalidTimeZoneException($"from forward, after {input * 2}");
            return linear.call(input).relu() + (added * 2);
        }
    }

    [Fact]
    public void The_self_test_passes_with_the_libtorch_we_ship() => Assert.Equal("2.10.0", OperatorTracer.EnsureSupported());

    [Fact]
    public void A_forward_pass_is_recorded_with_constants_and_lines()
    {
        using var probe = new Probe();
        using Tensor input = torch.rand(2, 3);
        using TraceRecording recording = OperatorTracer.Record(probe, [input], inputs => [probe.call(inputs[0])], withCallSites: true);

        Assert.Contains("aten::addmm", recording.Graph);
        Assert.Equal(["linear.weight", "linear.bias"], recording.State.Values);
        Tensor added = recording.Constants.Single(entry => !recording.State.ContainsKey(entry.Key)).Value;
        Assert.True(added.equal(Probe.Added).all().item<bool>());
        CallSite site = recording.CallSites[recording.Outputs[0]];
        Assert.Equal("Probe.forward", site.Method);
        Assert.EndsWith("OperatorTracerTests.cs", site.File);
        Assert.Contains(".relu() + (added * 2)", File.ReadLines(site.File!).ElementAt(site.Line - 1));
        Assert.All(probe.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void An_exception_in_forward_comes_out_as_itself_and_leaves_nothing_on()
    {
        using var probe = new Probe { Throws = true };
        using Tensor input = torch.rand(2, 3);
        Assert.Throws<InvalidTimeZoneException>(() => OperatorTracer.Record(probe, [input], inputs => [probe.call(inputs[0])], true));
        Assert.All(probe.parameters(), parameter => Assert.True(parameter.requires_grad));
        Assert.False(ScalarGuard.IsHeld);
        using Tensor after = input * 2; // would crash or be recorded if the state were still set
        using TraceRecording recording = OperatorTracer.Record(new Probe(), [input], inputs => [inputs[0] + 1], false);
        Assert.DoesNotContain("aten::mul", recording.Graph);
    }

    [Fact]
    public void Traces_free_what_they_made()
    {
        using var probe = new Probe();
        using Tensor input = torch.rand(2, 3);
        void Trace(int times)
        {
            for (int i = 0; i < times; i++)
                OperatorTracer.Record(probe, [input], inputs => [probe.call(inputs[0])], false).Dispose();
        }

        Trace(300);
        long before = AllocatedBytes();
        Trace(300);
        // A leaked state, graph and text are 6 KiB and more each: 300 of them would be above 1.8 MiB.
        Assert.InRange(AllocatedBytes() - before, long.MinValue, 600 << 10);
    }

    [Theory]
    [InlineData("symbol")]
    [InlineData("node-outputs")]
    [InlineData("value-node")]
    [InlineData("value-id")]
    [InlineData("state-graph")]
    public void A_libtorch_that_is_laid_out_otherwise_is_refused_in_words(string what)
    {
        TracerLayout known = TracerLayout.For("linux-x64");
        TracerLayout wrong = what switch
        {
            "symbol" => known with { GetValue = "_ZN5torch3jit6tracer12TracingState8getValueERKi" },
            "node-outputs" => known with { NodeOutputs = 24 },
            "value-node" => known with { ValueNode = 16 },
            "value-id" => known with { ValueId = 16 },
            _ => known with { StateGraph = 3000 },
        };
        var error = Assert.Throws<UnsupportedLibtorchException>(() => TracerSelfTest.Run(new TracerBinding(wrong)));
        Assert.StartsWith("This libtorch is not supported: ", error.Message);
    }

    [Fact]
    public void A_platform_without_a_layout_is_refused_in_words() => Assert.StartsWith(
        "This libtorch is not supported: its tracer is known on linux-x64, and this is osx-arm64.",
        Assert.Throws<UnsupportedLibtorchException>(() => TracerLayout.For("osx-arm64")).Message);

    private static long AllocatedBytes()
    {
        MallocInfo info = mallinfo2();
        return (long)(info.UsedInArenas + info.UsedInMappings);
    }

    [DllImport("libc")]
    private static extern MallocInfo mallinfo2();

    [StructLayout(LayoutKind.Sequential)]
    private struct MallocInfo
    {
        public nuint Arena, FreeChunks, FastChunks, Mappings, UsedInMappings, Unused, FreeFast, UsedInArenas, FreeInArenas, Releasable;
    }
}
