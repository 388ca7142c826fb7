using Sightline.Imaging;

namespace Sightline.Verification;

/// <summary>One image that travels with a model, and what the model made of it where it was trained, stage by stage.</summary>
public sealed record GoldenFrame
{
    /// <summary>What the image was called.</summary>
    public required string Name { get; init; }

    /// <summary>The encoded image, JPEG or PNG.</summary>
    public required byte[] Image { get; init; }

    /// <summary>The decoded image.</summary>
    public required DecodedFrame Decoded { get; init; }

    /// <summary>The network's input, <c>[3, H, W] float32</c>.</summary>
    public required float[] Input { get; init; }

    /// <summary>The inner values of the exported graph, in their order of execution.</summary>
    public required IReadOnlyList<LayerSummary> Layers { get; init; }

    /// <summary>The trained network's logits, one for each class.</summary>
    public required float[] Logits { get; init; }

    /// <summary>The class that it decides for.</summary>
    public required string Decision { get; init; }

    /// <summary>The class that the image is labelled with; null where nobody knows.</summary>
    public string? Label { get; init; }
}

/// <summary>A decoded image, by its size and its pixels' summary.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Pixels">Its RGB bytes, row by row, on the scale 0–255.</param>
public sealed record DecodedFrame(int Width, int Height, TensorSummary Pixels)
{
    /// <summary>Summarises an image.</summary>
    /// <param name="image">The image.</param>
    /// <returns>Its summary.</returns>
    public static DecodedFrame Of(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new DecodedFrame(image.Width, image.Height, TensorSummary.Of(image.Pixels));
    }
}

/// <summary>One inner value of a graph.</summary>
/// <param name="Value">Its name.</param>
/// <param name="Operator">The operator that gives it, e.g. <c>Conv</c>.</param>
/// <param name="Module">The path of the module whose weights that operator uses; null without.</param>
/// <param name="Summary">Its elements.</param>
public sealed record LayerSummary(string Value, string Operator, string? Module, TensorSummary Summary)
{
    /// <summary>Operator and place, e.g. <c>Conv layer1.0.conv1</c>.</summary>
    public string Name => $"{Operator} {Module ?? Value}";
}
