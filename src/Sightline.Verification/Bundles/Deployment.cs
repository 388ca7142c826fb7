using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>What a deployed model made of one golden frame; a stage is null where the deployment doesn't show it.</summary>
public sealed record FrameOutputs
{
    /// <summary>The decoded image.</summary>
    public DecodedFrame? Decoded { get; init; }

    /// <summary>The input tensor, <c>[3, H, W] float32</c>.</summary>
    public float[]? Input { get; init; }

    /// <summary>The inner values of the graph.</summary>
    public IReadOnlyList<LayerSummary>? Layers { get; init; }

    /// <summary>The logits.</summary>
    public float[]? Logits { get; init; }

    /// <summary>The class that was decided for.</summary>
    public string? Decision { get; init; }
}

/// <summary>A model where it is used: what is held against a bundle's golden frames.</summary>
public interface IDeployment
{
    /// <summary>Takes a frame's image from its bytes to the decision.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="index">Its number in the bundle, from 0.</param>
    /// <returns>Every stage that can be shown.</returns>
    FrameOutputs Run(GoldenFrame frame, int index);
}

/// <summary>A model in our own runtime, on this machine.</summary>
public sealed class RuntimeDeployment : IDeployment, IDisposable
{
    private readonly ImageClassifier classifier;
    private readonly LayerProbe probe;

    /// <summary>Opens a model.</summary>
    /// <param name="model">The ONNX file's bytes; its own contract says how it pre-processes and what its classes are.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="threads">Threads of ONNX Runtime; 0 takes all cores.</param>
    /// <exception cref="BadInputException">It is no model of ours.</exception>
    public RuntimeDeployment(byte[] model, string name, int threads = 0)
    {
        classifier = ImageClassifier.Open(model, name, new ClassifierOptions { Threads = threads });
        probe = LayerProbe.Open(model, classifier.Contract, name, threads);
    }

    /// <summary>The contract inside the file.</summary>
    public ModelContract Contract => classifier.Contract;

    /// <inheritdoc/>
    public FrameOutputs Run(GoldenFrame frame, int index)
    {
        ArgumentNullException.ThrowIfNull(frame);
        RgbImage image = ImageCodec.Decode(frame.Image, frame.Name);
        float[] input = new float[Contract.Preprocessing.Length], logits = new float[Contract.Classes.Count];
        Contract.Preprocessing.Apply(image, input);
        classifier.Logits(input, 1, logits);
        int decision = LogitComparison.Decision(logits);
        return new FrameOutputs
        {
            Decoded = DecodedFrame.Of(image),
            Input = input,
            Layers = probe.Run(input),
            Logits = logits,
            Decision = decision < 0 ? null : Contract.Classes[decision],
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        probe.Dispose();
        classifier.Dispose();
    }
}

/// <summary>
/// What another program wrote down for the golden frames, in any language: for each frame a folder <c>NNNN</c> (from <c>0000</c>, in the order of
/// the bundle) with any of <c>decoded.png</c>, <c>input.f32</c>, <c>logits.f32</c> (float32, little-endian) and <c>decision.txt</c>.
/// </summary>
/// <param name="folder">The folder that holds these.</param>
public sealed class RecordedDeployment(string folder) : IDeployment
{
    /// <inheritdoc/>
    /// <exception cref="BadInputException">There is nothing for the frame (<c>outputs-missing</c>), or a file can't be read (<c>outputs-invalid</c>).</exception>
    public FrameOutputs Run(GoldenFrame frame, int index)
    {
        string place = Path.Combine(folder, index.ToString("0000", System.Globalization.CultureInfo.InvariantCulture));
        string decoded = Path.Combine(place, "decoded.png"), decision = Path.Combine(place, "decision.txt");
        var outputs = new FrameOutputs
        {
            Decoded = File.Exists(decoded) ? DecodedFrame.Of(ImageCodec.Read(decoded)) : null,
            Input = Floats(Path.Combine(place, "input.f32")),
            Logits = Floats(Path.Combine(place, "logits.f32")),
            Decision = File.Exists(decision) ? File.ReadAllText(decision).Trim() : null,
        };
        return outputs != new FrameOutputs()
            ? outputs
            : throw new BadInputException("outputs-missing", "Nothing was written down for this golden frame: expected any of decoded.png, input.f32, logits.f32, decision.txt.", place, fix: "Let the program write one folder for each frame, from 0000 on.");
    }

    private static float[]? Floats(string path)
    {
        if (!File.Exists(path))
            return null;
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length % sizeof(float) != 0)
            throw new BadInputException("outputs-invalid", $"The file has {bytes.Length} bytes, which is no whole number of float32.", path);
        return FloatBytes.Read(bytes);
    }
}
