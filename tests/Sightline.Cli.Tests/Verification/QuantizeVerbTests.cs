using System.Text.Json;
using Sightline.Onnx.Graph;

namespace Sightline.Tests;

/// <summary>An exported run in 8-bit integers, from the shell.</summary>
[Collection(nameof(ExportedRun))]
public sealed class QuantizeVerbTests(ExportedRun exported)
{
    [Fact]
    public void A_quantised_file_says_how_it_was_made_and_travels_in_a_bundle_of_its_own()
    {
        string file = exported.PathOf("int8.onnx"), bundle = exported.PathOf("int8.zip");
        SightlineProcess run = SightlineProcess.Run("quantize", exported.Model, exported.Run, "-o", file, "--calibration", "24", "--bundle", bundle, "--golden", "4", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement said = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal((24, 24, true), (said.GetProperty("images").GetInt32(), said.GetProperty("calibrationImages").GetInt32(), said.GetProperty("holds").GetBoolean()));
        Assert.True(said.GetProperty("bytes").GetInt64() < 0.6 * said.GetProperty("bytesFloat").GetInt64());
        Assert.InRange(said.GetProperty("accuracyFloat").GetDouble() - said.GetProperty("accuracyQuantised").GetDouble(), -0.1, 0.1);
        JsonElement kept = JsonDocument.Parse(OnnxFile.Read(file).Metadata["sightline.quantisation"]).RootElement;
        Assert.Equal(("mse", said.GetProperty("accuracyQuantised").GetDouble()), (kept.GetProperty("method").GetString(), kept.GetProperty("accuracyQuantised").GetDouble()));

        SightlineProcess verified = SightlineProcess.Run("verify", bundle, "--json");
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.Equal(0, JsonDocument.Parse(verified.Output).RootElement.GetProperty("maxLogitDistance").GetDouble(), 1e-3);
        // Held against the run, it decides nearly alike and is measured as any other file.
        Assert.InRange(SightlineProcess.Run("verify", file, exported.Run, "--random", "0", "--max-flips", "0.2", "--max-accuracy-change", "0.2").ExitCode, 0, 0);
        Assert.Equal(0, SightlineProcess.Run("benchmark", file, "--seconds", "0.02", "--threads", "1").ExitCode);
    }

    [Fact]
    public void What_can_not_be_quantised_says_so()
    {
        string file = exported.PathOf("never.onnx");
        foreach ((string[] arguments, string says) in ((string[], string)[])
        [
            (["quantize", exported.PathOf("nowhere.onnx"), exported.Run, "-o", file], "no such model file"),
            (["quantize", exported.Model, exported.PathOf("nowhere"), "-o", file], "no such run"),
            (["quantize", exported.Model, exported.Run, "-o", file, "--max-drop", "2"], "--max-drop is a share"),
            (["quantize", exported.Model, exported.Run, "-o", file, "--calibration", "0"], "--calibration is 0"),
            (["quantize", exported.Model, exported.Run, "-o", exported.Run], "This is a folder"),
            (["quantize", exported.Model, exported.Run, "-o", file, "--golden", "3"], "Add --bundle"),
        ])
        {
            SightlineProcess run = SightlineProcess.Run(arguments);
            Assert.True(run.ExitCode == 2, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Error}");
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }
        Assert.False(File.Exists(file));
    }
}
