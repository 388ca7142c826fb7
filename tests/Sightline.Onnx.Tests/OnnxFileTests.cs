using CsCheck;
using Sightline.Onnx;
using Sightline.Onnx.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

public sealed class OnnxFileTests
{
    private static readonly Lazy<byte[]> model = new(() =>
    {
        TorchSharp.Modules.Linear linear = nn.Linear(6, 4);
        using var module = new Pass(x => linear.call(x.flatten(1)), ("fc", linear));
        return OnnxExporter.Export(module, new ExportOptions
        {
            SampleShape = [2, 3],
            InputName = "points",
            OutputName = "scores",
            Metadata = new Dictionary<string, string> { ["sightline.contract"] = "{\"version\": 1}", ["note"] = "ä" },
        }).Bytes;
    });

    [Fact]
    public void What_was_written_reads_back()
    {
        OnnxFile file = OnnxFile.Parse(model.Value);
        Assert.Equal((17L, 8L, "Sightline 0.1"), (file.Opset, file.IrVersion, file.Producer));
        Assert.Equal("{\"version\": 1}", file.Metadata["sightline.contract"]);
        Assert.Equal("ä", file.Metadata["note"]);
        Assert.Equal("points: Float [batch, 2, 3]", Assert.Single(file.Inputs).ToString());
        Assert.Equal("scores: Float [batch, 4]", Assert.Single(file.Outputs).ToString());
        Initializer weight = Assert.Single(file.Initializers, tensor => tensor.Name == "fc.weight");
        Assert.Equal([4L, 6L], weight.Shape);
        Assert.Equal(4 * 6 * sizeof(float), weight.RawData.Length);
        Assert.Equal(["Reshape", "Gemm"], file.Nodes.Select(node => node.Operator));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<BadInputException>(() => OnnxFile.Read("/nowhere/model.onnx"));
        Assert.Equal("onnx-missing", error.Code);
        Assert.Contains("/nowhere/model.onnx", error.Message);
    }

    [Fact]
    public void An_empty_file_is_no_model() => Assert.Equal("onnx-unreadable", Assert.Throws<BadInputException>(() => OnnxFile.Parse([])).Code);

    [Fact]
    public void Cut_and_damaged_files_never_end_in_another_exception() =>
        Gen.Select(Gen.Int[0, model.Value.Length - 1], Gen.Int[0, model.Value.Length - 1], Gen.Byte).Sample((length, at, value) =>
        {
            byte[] damaged = model.Value[..length];
            if (at < length) damaged[at] = value;
            try
            {
                OnnxFile.Parse(damaged);
            }
            catch (BadInputException)
            {
                // Words instead of a stack trace are all that is asked.
            }
        });
}
