using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>What stands in which file of a bundle.</summary>
internal static class BundleLayout
{
    private const string Model = "model.onnx", Contract = "contract.json";
    private const int MostFrames = 10_000;

    /// <summary>Every file but the manifest.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Files(Bundle bundle)
    {
        var files = new List<(string, byte[])> { (Model, bundle.Model), (Contract, Encoding.UTF8.GetBytes(bundle.Contract.ToJson())) };
        foreach ((int index, GoldenFrame frame) in bundle.Frames.Index())
        {
            files.Add((ImageOf(index, frame.Image), frame.Image));
            files.Add(($"{Folder(index)}/input.f32", FloatBytes.Of(frame.Input)));
            files.Add(($"{Folder(index)}/reference.json", Json(w => Write(w, frame))));
        }
        return files;
    }

    /// <summary>The manifest.</summary>
    public static byte[] Manifest(Bundle bundle, IReadOnlyList<ListedFile> files) => Json(json =>
    {
        json.WriteNumber("version", Bundle.CurrentVersion);
        json.WriteString("network", bundle.Contract.Network);
        json.WriteString("runFingerprint", bundle.Contract.RunFingerprint);
        json.WriteString("licence", bundle.Licence);
        json.WriteStartObject("origin");
        json.WriteString("processor", bundle.Origin.Processor);
        json.WriteString("architecture", bundle.Origin.Architecture);
        json.WriteString("onnxRuntime", bundle.Origin.OnnxRuntime);
        json.WriteEndObject();
        if (bundle.Expected is { } expected)
        {
            json.WriteStartObject("expected");
            json.WriteNumber("top1", expected.Top1);
            json.WriteNumber("low", expected.Interval.Low);
            json.WriteNumber("high", expected.Interval.High);
            json.WriteNumber("level", expected.Interval.Level);
            json.WriteNumber("images", expected.Images);
            json.WriteString("part", expected.Part);
            json.WriteEndObject();
        }
        json.WriteStartArray("frames");
        foreach ((int index, GoldenFrame frame) in bundle.Frames.Index())
            json.WriteStringValue(ImageOf(index, frame.Image));
        json.WriteEndArray();
        json.WriteStartArray("files");
        foreach (ListedFile file in files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteString("sha256", file.Sha256);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    /// <summary>The files that a manifest lists.</summary>
    public static IEnumerable<ListedFile> Listed(JsonElement manifest, string path)
    {
        int version = manifest.GetProperty("version").GetInt32();
        if (version != Bundle.CurrentVersion)
            throw new BadInputException("bundle-version", $"The bundle has version {version}; version {Bundle.CurrentVersion} can be read.", path, fix: "Use the version of Sightline that made it.");
        return manifest.GetProperty("files").EnumerateArray().Select(f => new ListedFile(f.GetProperty("name").GetString()!, f.GetProperty("bytes").GetInt64(), f.GetProperty("sha256").GetString()!));
    }

    /// <summary>Reads a bundle.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="read">Reads a file of a name that it lists.</param>
    public static Bundle Parse(JsonElement manifest, string path, Func<string, byte[]> read)
    {
        string[] images = [.. manifest.GetProperty("frames").EnumerateArray().Select(f => f.GetString() ?? "")];
        if (images.Length is 0 or > MostFrames)
            throw new FormatException($"A bundle has 1 to {MostFrames} golden frames, this one {images.Length}.");
        ModelContract contract = ModelContract.FromJson(Encoding.UTF8.GetString(read(Contract)), path);
        JsonElement origin = manifest.GetProperty("origin");
        return new Bundle
        {
            Name = path,
            Model = read(Model),
            Contract = contract,
            Frames = [.. images.Select((image, i) => Frame(image, i, contract, read))],
            Expected = manifest.TryGetProperty("expected", out JsonElement expected) ? Accuracy(expected) : null,
            Origin = new BundleOrigin(origin.GetProperty("processor").GetString()!, origin.GetProperty("architecture").GetString()!, origin.GetProperty("onnxRuntime").GetString()!),
            Licence = manifest.GetProperty("licence").GetString(),
        };
    }

    private static ExpectedAccuracy Accuracy(JsonElement json) => new(json.GetProperty("top1").GetDouble(),
        new Interval(json.GetProperty("low").GetDouble(), json.GetProperty("high").GetDouble(), json.GetProperty("level").GetDouble()), json.GetProperty("images").GetInt32(), json.GetProperty("part").GetString()!);

    private static GoldenFrame Frame(string image, int index, ModelContract contract, Func<string, byte[]> read)
    {
        // The name says nothing but its ending: no path of the manifest's own is followed.
        byte[] bytes = read($"{Folder(index)}/image{(image.EndsWith(".png", StringComparison.Ordinal) ? ".png" : ".jpg")}");
        using JsonDocument document = JsonDocument.Parse(read($"{Folder(index)}/reference.json"));
        JsonElement json = document.RootElement, decoded = json.GetProperty("decoded");
        var frame = new GoldenFrame
        {
            Name = json.GetProperty("name").GetString()!,
            Image = bytes,
            Decoded = new DecodedFrame(decoded.GetProperty("width").GetInt32(), decoded.GetProperty("height").GetInt32(), TensorSummary.Read(decoded.GetProperty("pixels"))),
            Input = FloatBytes.Read(read($"{Folder(index)}/input.f32")),
            Layers = [.. json.GetProperty("layers").EnumerateArray().Select(l => new LayerSummary(l.GetProperty("value").GetString()!, l.GetProperty("operator").GetString()!, l.GetProperty("module").GetString(), TensorSummary.Read(l.GetProperty("summary"))))],
            Logits = [.. json.GetProperty("logits").EnumerateArray().Select(l => l.GetSingle())],
            Decision = json.GetProperty("decision").GetString()!,
            Label = json.GetProperty("label").GetString(),
        };
        if (frame.Input.Length != contract.Preprocessing.Length || frame.Logits.Length != contract.Classes.Count || !contract.Classes.Contains(frame.Decision))
            throw new FormatException($"{Folder(index)} does not fit the contract: {frame.Input.Length} inputs, {frame.Logits.Length} logits, decision '{frame.Decision}'.");
        return frame;
    }

    private static void Write(Utf8JsonWriter json, GoldenFrame frame)
    {
        json.WriteString("name", frame.Name);
        json.WriteString("label", frame.Label);
        json.WriteString("decision", frame.Decision);
        json.WriteStartArray("logits");
        foreach (float logit in frame.Logits)
            json.WriteNumberValue(logit);
        json.WriteEndArray();
        json.WriteStartObject("decoded");
        json.WriteNumber("width", frame.Decoded.Width);
        json.WriteNumber("height", frame.Decoded.Height);
        json.WritePropertyName("pixels");
        frame.Decoded.Pixels.Write(json);
        json.WriteEndObject();
        json.WriteStartArray("layers");
        foreach (LayerSummary layer in frame.Layers)
        {
            json.WriteStartObject();
            json.WriteString("value", layer.Value);
            json.WriteString("operator", layer.Operator);
            json.WriteString("module", layer.Module);
            json.WritePropertyName("summary");
            layer.Summary.Write(json);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Folder(int index) => string.Create(CultureInfo.InvariantCulture, $"frames/{index:0000}");

    private static string ImageOf(int index, byte[] image) => $"{Folder(index)}/image{(ImageSignature.Of(image) == ImageFormat.Png ? ".png" : ".jpg")}";

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
