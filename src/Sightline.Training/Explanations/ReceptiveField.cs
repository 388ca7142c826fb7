using Sightline.Models;
using Sightline.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>What a map's cells can see of the image along one of its sides: cell i depends on the pixels from
/// <see cref="Start"/> + i · <see cref="Stride"/>, <see cref="Size"/> of them.</summary>
/// <param name="Size">How many pixels; padding counts, so it may be more than the image has.</param>
/// <param name="Stride">By how many pixels the next cell sees further.</param>
/// <param name="Start">The first pixel that cell 0 sees; below 0 it begins in the padding.</param>
public readonly record struct FieldSpan(long Size, long Stride, long Start)
{
    /// <summary>The middle of what cell 0 sees, in continuous pixels; also called the offset.</summary>
    public double FirstCentre => Start + Size / 2.0;

    /// <summary>The middle of what a cell sees.</summary>
    /// <param name="cell">The cell's index.</param>
    /// <returns>A place in continuous pixels.</returns>
    public double CentreOf(long cell) => FirstCentre + cell * Stride;

    internal FieldSpan Window(long kernel, long stride, long dilation, long padding) =>
        new(Size + dilation * (kernel - 1) * Stride, Stride * stride, Start - padding * Stride);

    internal FieldSpan Joined(FieldSpan other)
    {
        long start = Math.Min(Start, other.Start);
        return new FieldSpan(Math.Max(Start + Size, other.Start + other.Size) - start, Stride, start);
    }
}

/// <summary>
/// Which pixels a cell of a layer's map can depend on, worked out from the layers: window by window, over all ways through the network
/// (Araujo, Norris, Sim: "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019).
/// </summary>
/// <param name="Layer">The layer's path.</param>
/// <param name="Horizontal">Along the image's width.</param>
/// <param name="Vertical">Along its height.</param>
/// <param name="SeesAll">Whether some way leads through a layer that looks at the whole map at once (squeeze-and-excitation, attention):
/// then every cell depends on every pixel, and the spans tell of the other ways only.</param>
public sealed record ReceptiveField(string Layer, FieldSpan Horizontal, FieldSpan Vertical, bool SeesAll)
{
    /// <summary>Works out the receptive field of a layer, from the operators that lead to it.</summary>
    /// <param name="network">The network, float32 on the processor; it is put in evaluation mode for the time being.</param>
    /// <param name="height">Height of the input in pixels; the field doesn't depend on it, but the network may take no other.</param>
    /// <param name="width">Width of the input in pixels.</param>
    /// <param name="layer">The layer's path; null takes the last with a spatial extent.</param>
    /// <returns>The field.</returns>
    /// <exception cref="BadInputException">There is no such layer (<c>layer-unknown</c>, <c>layer-missing</c>), or an operator before it is
    /// none that this knows (<c>field-unknown</c>).</exception>
    /// <exception cref="OnnxExportException">The way to the layer cannot be written as a graph.</exception>
    public static ReceptiveField Of(Classifier network, int height, int width, string? layer = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var evaluating = new EvaluationMode(network);
        using DisposeScope scope = NewDisposeScope();
        long channels = SpatialLayers.ChannelsOf(network);
        string path = SpatialLayers.Choose(SpatialLayers.Of(network, zeros(1, channels, height, width)), layer).Name;
        ExportedModel graph = OnnxExporter.Export(network, images => MapOf(network, images, path), new ExportOptions { SampleShape = [channels, height, width], OutputName = "map" });
        return FieldGraph.Read(graph.Bytes, path);
    }

    private static Tensor MapOf(Classifier network, Tensor images, string path)
    {
        using var capture = new LayerCapture(network, path, forGradients: false);
        using DisposeScope scope = NewDisposeScope();
        network.call(images);
        return capture.Output.alias().MoveToOuterDisposeScope();
    }
}
