using Sightline.Autograd.Drawing;
using Sightline.Autograd.Scalars;

namespace Sightline.Cli.Guide.Writing;

/// <summary>The picture of chapter 18: one neuron's squared error, drawn by the engine that the chapter is about.</summary>
internal static class GraphFigure
{
    /// <summary>Where it stands, from the repository's root.</summary>
    public const string Path = "docs/images/backpropagation.svg";

    /// <summary>Computes forwards and backwards, and draws.</summary>
    /// <returns>An SVG document.</returns>
    public static string Svg()
    {
        var (x1, x2, w1, w2, bias, target) = (new Value(2, "x₁"), new Value(-1, "x₂"), new Value(0.5, "w₁"), new Value(1.5, "w₂"), new Value(1, "b"), new Value(1, "target"));
        Value output = (w1 * x1 + w2 * x2 + bias).Tanh(), error = output - target, loss = error * error; // the error is used twice: its shares add up
        loss.Backward();
        return GraphPicture.Svg(loss);
    }
}
