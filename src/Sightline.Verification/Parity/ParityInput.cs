using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>What may change when a network is exported, and no more.</summary>
public sealed record ParityBounds
{
    /// <summary>The largest share of images whose decision flips, 0–1. The default is 0.1 %.</summary>
    public double MaxFlipRate { get; init; } = 0.001;

    /// <summary>The largest change of accuracy, up or down, 0–1. The default is 0.1 point.</summary>
    public double MaxAccuracyChange { get; init; } = 0.001;

    /// <summary>
    /// The largest share of random inputs whose decision flips, 0–1. A network is not sure of noise, so ties are commoner there; the
    /// default is 1 %. What random inputs are for is a fault that the images at hand happen not to show.
    /// </summary>
    public double MaxRandomFlipRate { get; init; } = 0.01;
}

/// <summary>A trained network's answers, and the file that has to give the same.</summary>
public sealed record ParityInput
{
    /// <summary>The exported file.</summary>
    public required string ModelPath { get; init; }

    /// <summary>The network's class names by index of the logits.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The pre-processing that the network was trained with.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The run's fingerprint; a file of another run does not pass. Null skips the comparison.</summary>
    public string? RunFingerprint { get; init; }

    /// <summary>What was added to the trained network's logits for the place of service; null when they are as trained. A file with other offsets does not pass.</summary>
    public ContractDecision? Decision { get; init; }

    /// <summary>The validation images' names.</summary>
    public required IReadOnlyList<string> ImageNames { get; init; }

    /// <summary>Their true classes.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Decodes the image of an index. Called from several threads at once; the file's own pre-processing is applied to what it gives.</summary>
    public required Func<int, RgbImage> ReadImage { get; init; }

    /// <summary>The trained network's logits on the validation images, <c>[images, classes] float32</c>, row-major.</summary>
    public required ReadOnlyMemory<float> TrainedLogits { get; init; }

    /// <summary>The trained network's logits on the inputs of <see cref="RandomInputs.Write"/>, <c>[random, classes] float32</c>, row-major; may be empty.</summary>
    public ReadOnlyMemory<float> TrainedRandomLogits { get; init; }

    /// <summary>The seed of the random inputs.</summary>
    public ulong Seed { get; init; }

    /// <summary>The batch size beside 1.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Threads of ONNX Runtime; 0 takes all cores.</summary>
    public int Threads { get; init; }

    /// <summary>What passes.</summary>
    public ParityBounds Bounds { get; init; } = new();
}

/// <summary>Inputs that no camera makes: normal noise of deviation 1, the scale that normalised images have.</summary>
public static class RandomInputs
{
    /// <summary>Writes one input. Equal arguments write equal bits.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="index">Which of the inputs.</param>
    /// <param name="input">Receives <c>[3, H, W] float32</c>.</param>
    public static void Write(ulong seed, int index, Span<float> input)
    {
        var stream = new SeedStream(seed, "parity", index);
        foreach (ref float value in input)
            value = (float)stream.Normal();
    }
}
