using Google.Protobuf;
using Onnx;

namespace Sightline.Tests;

/// <summary>One small run, exported once for all tests, and the same training stopped elsewhere.</summary>
[CollectionDefinition(nameof(ExportedRun))]
public sealed class ExportedRun : IDisposable, ICollectionFixture<ExportedRun>
{
    private readonly TinyImageFolder folder = new();

    public ExportedRun()
    {
        string recipe = folder.Recipe(training: "epochs: 8, batchSize: 16, precision: float32, emaDecay: 0.8");
        Run = Train(recipe, "run");
        Other = Train(folder.Recipe(training: "epochs: 2, batchSize: 16, precision: float32, emaDecay: 0.8", name: "other.yaml"), "other");
        Model = folder.PathOf("model.onnx");
        Bundle = folder.PathOf("bundle");
        SightlineProcess export = SightlineProcess.Run("export", Run, "-o", Model, "--bundle", Bundle, "--golden", "8", "--licence", "MIT");
        Assert.True(export.ExitCode == 0, export.Error);
    }

    public string Run { get; }

    public string Other { get; }

    public string Model { get; }

    public string Bundle { get; }

    public string PathOf(string name) => folder.PathOf(name);

    public string Spoil(string name, Action<ModelProto> spoil)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Model));
        spoil(model);
        string path = folder.PathOf(name);
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    public void Dispose() => folder.Dispose();

    private string Train(string recipe, string name)
    {
        SightlineProcess train = SightlineProcess.Run("train", recipe, "--out", folder.PathOf(name));
        Assert.True(train.ExitCode == 0, train.Error);
        return folder.PathOf(name);
    }
}
