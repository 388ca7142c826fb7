using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>An image to make a golden frame of.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Image">The encoded image, JPEG or PNG.</param>
/// <param name="Logits">The trained network's logits on it.</param>
/// <param name="Label">The class it is labelled with; null where nobody knows.</param>
public sealed record GoldenCandidate(string Name, byte[] Image, float[] Logits, string? Label);

/// <summary>Makes bundles.</summary>
public static class BundleMaker
{
    /// <summary>Runs images through a model and keeps each stage.</summary>
    /// <param name="model">The ONNX file's bytes, its contract inside.</param>
    /// <param name="candidates">The images, at least one.</param>
    /// <param name="expected">The accuracy to expect; null where none was measured.</param>
    /// <param name="licence">The licence under which it may be used; null for none.</param>
    /// <returns>The bundle.</returns>
    /// <exception cref="BadInputException">It is no model of ours, or an image is unusable.</exception>
    public static Bundle Make(byte[] model, IReadOnlyList<GoldenCandidate> candidates, ExpectedAccuracy? expected = null, string? licence = null)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfZero(candidates.Count, nameof(candidates));
        const string name = "the exported model";
        ModelContract contract;
        using (ImageClassifier classifier = ImageClassifier.Open(model, name))
            contract = classifier.Contract;
        using LayerProbe probe = LayerProbe.Open(model, contract, name, threads: 0);
        return new Bundle
        {
            Name = name,
            Model = model,
            Contract = contract,
            Frames = [.. candidates.Select(c => Frame(c, contract, probe))],
            Expected = expected,
            Origin = Here(),
            Licence = licence,
        };
    }

    /// <summary>This machine.</summary>
    /// <returns>Its processor and its ONNX Runtime.</returns>
    public static BundleOrigin Here() => new(ProcessorName.Read(), RuntimeInformation.ProcessArchitecture.ToString(), OrtEnv.Instance().GetVersionString());

    private static GoldenFrame Frame(GoldenCandidate candidate, ModelContract contract, LayerProbe probe)
    {
        if (candidate.Logits.Length != contract.Classes.Count)
            throw new ArgumentException($"{candidate.Name} has {candidate.Logits.Length} logits for {contract.Classes.Count} classes.", nameof(candidate));
        RgbImage image = ImageCodec.Decode(candidate.Image, candidate.Name);
        float[] input = new float[contract.Preprocessing.Length];
        contract.Preprocessing.Apply(image, input);
        return new GoldenFrame
        {
            Name = candidate.Name,
            Image = candidate.Image,
            Decoded = DecodedFrame.Of(image),
            Input = input,
            Layers = probe.Run(input),
            Logits = candidate.Logits,
            Decision = Classification.FromLogits(candidate.Logits, contract.Classes, 1).Label,
            Label = candidate.Label,
        };
    }
}
