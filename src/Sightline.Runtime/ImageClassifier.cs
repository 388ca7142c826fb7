using Microsoft.ML.OnnxRuntime;
using Sightline.Imaging;

namespace Sightline.Runtime;

/// <summary>
/// An exported classifier on the robot: image bytes in, decision out, by ONNX Runtime and the very pre-processing that training used.
/// Buffers are made once; calls from several threads wait for each other.
/// </summary>
public sealed class ImageClassifier : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly ClassifierOptions options;
    private readonly Lock gate = new();
    private readonly string[] inputNames;
    private readonly string[] outputNames;
    private float[] input = [];
    private float[] output = [];
    private OrtValue? inputValue;
    private OrtValue? outputValue;
    private int bound;

    private ImageClassifier(InferenceSession session, ModelContract contract, string path, ClassifierOptions options)
    {
        this.session = session;
        this.options = options;
        Contract = contract;
        Path = path;
        inputNames = [contract.Input];
        outputNames = [contract.Output];
    }

    /// <summary>What travels with the model: classes, pre-processing, where it came from.</summary>
    public ModelContract Contract { get; }

    /// <summary>The file it was opened from.</summary>
    public string Path { get; }

    /// <summary>Opens an exported model.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Threads, number of classes listed.</param>
    /// <returns>The classifier; dispose it.</returns>
    /// <exception cref="BadInputException">
    /// The file is missing or no model (<c>file-missing</c>, <c>model-damaged</c>), carries no contract (<c>model-without-contract</c>), or
    /// its contract cannot be read or does not fit its graph (<c>contract-invalid</c>, <c>contract-version</c>, <c>contract-mismatch</c>).
    /// </exception>
    public static ImageClassifier Open(string path, ClassifierOptions? options = null)
    {
        options ??= new ClassifierOptions();
        return Of(OnnxSession.Open(path, options), path, options);
    }

    /// <summary>Opens an exported model from memory.</summary>
    /// <param name="model">The ONNX file's bytes.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="options">Threads, number of classes listed.</param>
    /// <returns>The classifier; dispose it.</returns>
    /// <exception cref="BadInputException">As for a file.</exception>
    public static ImageClassifier Open(byte[] model, string name, ClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new ClassifierOptions();
        return Of(OnnxSession.Open(model, name, options), name, options);
    }

    private static ImageClassifier Of(InferenceSession session, string path, ClassifierOptions options)
    {
        try
        {
            ModelContract contract = ReadContract(session, path);
            Demand(session.InputMetadata, contract.Input, [-1, 3, contract.Preprocessing.Height, contract.Preprocessing.Width], "input", path);
            Demand(session.OutputMetadata, contract.Output, [-1, contract.Classes.Count], "output", path);
            return new ImageClassifier(session, contract, path, options);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Classifies an encoded image.</summary>
    /// <param name="imageBytes">The whole file: JPEG, PNG, WebP, BMP or GIF.</param>
    /// <returns>The decision.</returns>
    /// <exception cref="BadInputException">The bytes are no usable image.</exception>
    public Classification Classify(ReadOnlySpan<byte> imageBytes) => Classify(ImageCodec.Decode(imageBytes, "image"));

    /// <summary>Classifies a decoded image.</summary>
    /// <param name="image">The image, of any size that the pre-processing takes.</param>
    /// <returns>The decision.</returns>
    /// <exception cref="BadInputException">The image's size does not fit and may not be changed.</exception>
    public Classification Classify(RgbImage image)
    {
        lock (gate)
        {
            Bind(1);
            Contract.Preprocessing.Apply(image, input.AsSpan(0, Contract.Preprocessing.Length));
            Run();
            return Read(0);
        }
    }

    /// <summary>Classifies several encoded images in one inference.</summary>
    /// <param name="images">The files.</param>
    /// <returns>One decision for each image, in order.</returns>
    /// <exception cref="BadInputException">One of them is no usable image; the message says which (<c>image 3</c> is the fourth).</exception>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<ReadOnlyMemory<byte>> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Classify([.. images.Select((bytes, i) => ImageCodec.Decode(bytes.Span, $"image {i}"))]);
    }

    /// <summary>Classifies several decoded images in one inference.</summary>
    /// <param name="images">The images.</param>
    /// <returns>One decision for each image, in order.</returns>
    /// <exception cref="BadInputException">An image's size does not fit and may not be changed.</exception>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<RgbImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
            return [];
        lock (gate)
        {
            Bind(images.Count);
            int length = Contract.Preprocessing.Length;
            for (int i = 0; i < images.Count; i++)
                Contract.Preprocessing.Apply(images[i], input.AsSpan(i * length, length));
            Run();
            return [.. Enumerable.Range(0, images.Count).Select(Read)];
        }
    }

    /// <summary>Runs the network alone.</summary>
    /// <param name="inputs"><c>[n, 3, H, W] float32</c>, pre-processed.</param>
    /// <param name="n">The batch size, at least 1.</param>
    /// <param name="logits">Receives <c>[n, classes] float32</c>.</param>
    /// <exception cref="ArgumentException">A buffer's length does not fit.</exception>
    public void Logits(ReadOnlySpan<float> inputs, int n, Span<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        if (inputs.Length != checked(n * Contract.Preprocessing.Length))
            throw new ArgumentException($"{n} inputs have {(long)n * Contract.Preprocessing.Length} floats, not {inputs.Length}.", nameof(inputs));
        if (logits.Length != checked(n * Contract.Classes.Count))
            throw new ArgumentException($"{n} outputs have {(long)n * Contract.Classes.Count} floats, not {logits.Length}.", nameof(logits));
        lock (gate)
        {
            Bind(n);
            inputs.CopyTo(input);
            Run();
            output.AsSpan(0, logits.Length).CopyTo(logits);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            inputValue?.Dispose();
            outputValue?.Dispose();
            inputValue = outputValue = null;
            bound = 0;
            run.Dispose();
            session.Dispose();
        }
    }

    private Classification Read(int index) =>
        Classification.FromLogits(output.AsSpan(index * Contract.Classes.Count, Contract.Classes.Count), Contract.Classes, options.TopK);

    private void Run() => session.Run(run, inputNames, [inputValue!], outputNames, [outputValue!]);

    /// <summary>ONNX Runtime reads and writes our buffers in place; they only grow.</summary>
    private void Bind(int n)
    {
        if (bound == n)
            return;
        inputValue?.Dispose();
        outputValue?.Dispose();
        inputValue = outputValue = null;
        bound = 0;
        Preprocessing p = Contract.Preprocessing;
        int inputLength = checked(n * p.Length);
        int outputLength = checked(n * Contract.Classes.Count);
        if (input.Length < inputLength)
            input = new float[inputLength];
        if (output.Length < outputLength)
            output = new float[outputLength];
        inputValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, input.AsMemory(0, inputLength), [n, 3, p.Height, p.Width]);
        outputValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, output.AsMemory(0, outputLength), [n, Contract.Classes.Count]);
        bound = n;
    }

    private static ModelContract ReadContract(InferenceSession session, string path) =>
        session.ModelMetadata.CustomMetadataMap.TryGetValue(ModelContract.MetadataKey, out string? text)
            ? ModelContract.FromJson(text, path)
            : throw new BadInputException(
                "model-without-contract", "This ONNX file says nothing about its classes and its pre-processing; it was not exported by Sightline.", path,
                fix: "sightline export RUN -o MODEL.onnx writes one that does.");

    private static void Demand(IReadOnlyDictionary<string, NodeMetadata> nodes, string name, int[] shape, string role, string path)
    {
        if (!nodes.TryGetValue(name, out NodeMetadata? node))
            throw new BadInputException("contract-mismatch", $"The contract names the {role} '{name}', the graph has {string.Join(", ", nodes.Keys.Select(k => $"'{k}'"))}.", path, fix: "Export the model again.");
        bool fits = node.ElementType == typeof(float) && node.Dimensions.Length == shape.Length
            && node.Dimensions.Zip(shape).All(d => d.First == d.Second || (d.First == -1 && d.Second != -1));
        if (!fits)
        {
            throw new BadInputException(
                "contract-mismatch",
                $"The contract says that the {role} '{name}' is [{string.Join(", ", shape.Select(d => d < 0 ? "N" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}] float32, the graph has [{string.Join(", ", node.Dimensions)}] {node.ElementType.Name}.",
                path, fix: "Export the model again.");
        }
    }
}
