using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Onnx;

namespace Sightline.Tests;

/// <summary>A bundle on the robot: with the command alone, no torch, no images, no run.</summary>
[Collection(nameof(ExportedRun))]
public sealed class BundleVerificationTests(ExportedRun exported)
{
    [Fact]
    public void The_bundle_passes_where_torch_is_missing()
    {
        using var copy = new ProgramCopy(f => (f.Contains("torch", StringComparison.OrdinalIgnoreCase) && !f.StartsWith("Sightline.", StringComparison.Ordinal)) || f.StartsWith("libc10", StringComparison.Ordinal));
        SightlineProcess verify = copy.Run("verify", exported.Bundle, "--json");
        Assert.True(verify.ExitCode == 0, verify.Error);
        using JsonDocument json = JsonDocument.Parse(verify.Output);
        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("passed").GetBoolean());
        Assert.Equal((8, 0), (root.GetProperty("frames").GetInt32(), root.GetProperty("flips").GetInt32()));
        Assert.InRange(root.GetProperty("maxLogitDistance").GetDouble(), 0, 1e-4);
        Assert.Empty(root.GetProperty("firstDifference").EnumerateObject());
        Assert.Contains(root.GetProperty("settings").EnumerateArray(), s => (s.GetProperty("batch").GetInt32(), s.GetProperty("threads").GetInt32()) == (8, 1));
        // Of every class, so that a network that always says the same is found.
        Assert.Equal(3, root.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("expected").GetString()).Distinct().Count());

        SightlineProcess text = copy.Run("verify", exported.Bundle);
        Assert.Contains("8 of 8 as the trained network's", text.Output, StringComparison.Ordinal);
        Assert.Contains("licence MIT", text.Output, StringComparison.Ordinal);
        Assert.Contains("none differs: image, input,", text.Output, StringComparison.Ordinal);
        Assert.EndsWith("PASSED: it decides as the trained network does\n", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_on_the_robot_is_held_against_it()
    {
        string spoiled = exported.Spoil("spoiled.onnx", model =>
        {
            TensorProto first = model.Graph.Initializer.First(t => t.Dims.Count == 4 && t.Dims[1] == 3);
            first.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(MemoryMarshal.Cast<byte, float>(first.RawData.Span).ToArray().Select(v => -v).ToArray().AsSpan()));
        });
        SightlineProcess verify = SightlineProcess.Run("verify", exported.Bundle, "--model", spoiled);
        Assert.Equal(1, verify.ExitCode);
        Assert.Contains("first differs at the layer Conv conv1 (8 of 8 frames", verify.Output, StringComparison.Ordinal);
        Assert.Contains("golden frames are decided otherwise", verify.Error, StringComparison.Ordinal);
        Assert.EndsWith("NOT PASSED\n", verify.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_not_be_verified_says_so()
    {
        foreach ((string[] arguments, string says) in ((string[], string)[])
        [
            (["verify", exported.PathOf("nowhere")], "There is no bundle"),
            (["verify", exported.Model], "Name the run"),
            (["verify", exported.Bundle, "--model", exported.PathOf("nowhere.onnx")], "no such model file"),
            (["verify", exported.Bundle, "--outputs", exported.PathOf("nowhere")], "Nothing was written down for this golden frame"),
            (["verify", exported.Model, exported.Run, "--outputs", "out"], "are for bundles"),
            (["export", exported.Run, "-o", exported.PathOf("again.onnx"), "--bundle", exported.Bundle], "Something stands there already"),
            (["export", exported.Run, "-o", exported.PathOf("again.onnx"), "--golden", "4"], "Add --bundle"),
        ])
        {
            SightlineProcess run = SightlineProcess.Run(arguments);
            Assert.True(run.ExitCode == 2, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Error}");
            Assert.Equal("", run.Output);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }
        Assert.False(File.Exists(exported.PathOf("again.onnx")));
    }

    // ONNX Runtime was seen to abort on arm64: the command that was typed outlives it.
    [Fact]
    public async Task A_runtime_that_aborts_is_told_as_an_error()
    {
        string outputs = exported.PathOf("blocked");
        Directory.CreateDirectory(Path.Combine(outputs, "0000"));
        // A pipe that nobody writes to keeps the inner process where it is, as long as it is needed.
        Process.Start("mkfifo", [Path.Combine(outputs, "0000", "decision.txt")]).WaitForExit();
        var start = new ProcessStartInfo("dotnet", [SightlineProcess.Assembly, "verify", exported.Bundle, "--outputs", outputs]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process asked = Process.Start(start)!;
        Task<string> error = asked.StandardError.ReadToEndAsync();
        // A signal can come too early for a process that is just being made.
        for (int i = 0; !asked.HasExited && i < 600; i++)
        {
            await Task.Delay(100);
            foreach (int inner in Running("--inside", outputs))
                _ = Kill(inner, Abort);
        }
        Assert.True(asked.HasExited);
        Assert.Equal(1, asked.ExitCode);
        Assert.Contains("the runtime ended the process by signal 6 (abort) while the golden frames ran", await error, StringComparison.Ordinal);
    }

    private const int Abort = 6;

    private static IEnumerable<int> Running(params string[] arguments)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            string[] line = [];
            try
            {
                line = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
            }
            catch (IOException)
            {
                // It has ended.
            }
            if (arguments.All(line.Contains))
                yield return int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
