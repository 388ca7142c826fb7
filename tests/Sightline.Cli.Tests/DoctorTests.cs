using System.Text.Json;

namespace Sightline.Tests;

public sealed class DoctorTests
{
    [Fact]
    public void Finds_every_library_here_and_says_what_will_run()
    {
        SightlineProcess doctor = SightlineProcess.Run("doctor", "--json");
        Assert.Equal(0, doctor.ExitCode);
        using JsonDocument json = JsonDocument.Parse(doctor.Output);
        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("healthy").GetBoolean());
        Assert.Equal(Environment.ProcessorCount, root.GetProperty("cores").GetInt32());
        Assert.Equal("2.10.0", Library(root, "torch_cpu").GetProperty("version").GetString());
        Assert.StartsWith("1.", Library(root, "onnxruntime").GetProperty("version").GetString());
        Assert.StartsWith("cpu", root.GetProperty("device").GetString());
        // What training computes with has to be right everywhere; the other layout may be wrong, and is named.
        Assert.Equal("right", root.GetProperty("float32ChannelsLast").GetString());
        Assert.Matches("^(right|wrong kernels: .+ off by .+)$", root.GetProperty("float32Contiguous").GetString());
        Assert.Contains("glibc malloc", root.GetProperty("malloc").GetString());
    }

    [Theory]
    [InlineData("libtorch_cpu.so", "torch_cpu")]
    [InlineData("libLibTorchSharp.so", "LibTorchSharp")]
    [InlineData("libonnxruntime.so", "onnxruntime")]
    [InlineData("libSkiaSharp.so", "SkiaSharp")]
    [InlineData("libc10.so", "c10")]
    public void Names_a_library_that_was_taken_away_and_the_remedy(string file, string name)
    {
        using var copy = new ProgramCopy(leaveOut: f => f == file);
        SightlineProcess doctor = copy.Run("doctor", "--json");
        Assert.Equal(1, doctor.ExitCode);
        using JsonDocument json = JsonDocument.Parse(doctor.Output);
        JsonElement library = Library(json.RootElement, name);
        Assert.Contains(file, library.GetProperty("failure").GetString());
        Assert.Contains("build again", library.GetProperty("remedy").GetString(), StringComparison.OrdinalIgnoreCase);

        SightlineProcess text = copy.Run("doctor");
        Assert.Contains("NOT USABLE", text.Output);
        Assert.DoesNotContain("   at ", text.Output + text.Error);
    }

    private static JsonElement Library(JsonElement root, string name) =>
        root.GetProperty("libraries").EnumerateArray().Single(l => l.GetProperty("name").GetString() == name);
}
