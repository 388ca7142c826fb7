using Sightline.Imaging;

namespace Sightline.Training.Explanations;

/// <summary>Where in an image a network found evidence for a class.</summary>
/// <param name="Method">How that was found out.</param>
/// <param name="Class">The class, an index.</param>
/// <param name="Predicted">The class that the network decides for.</param>
/// <param name="Logit">The class's logit.</param>
/// <param name="Probability">The class's probability, 0–1.</param>
/// <param name="Layer">The layer whose map was weighted; null for methods that look at the input itself.</param>
/// <param name="Map">The evidence, at the resolution that it was found in, which may be coarser than the input's: above 0 speaks for the
/// class, below 0 against it.</param>
/// <param name="Width">Width of the network's input in pixels.</param>
/// <param name="Height">Height of the network's input in pixels.</param>
public sealed record Explanation(
    ExplanationMethod Method, int Class, int Predicted, double Logit, double Probability, string? Layer, Plane<float> Map, int Width, int Height)
{
    /// <summary>Of <see cref="ExplanationMethod.IntegratedGradients"/>, whether the attributions add up as they should.</summary>
    public Completeness? Completeness { get; init; }

    /// <summary>The evidence for each pixel of the network's input, interpolated where the map is coarser.</summary>
    /// <returns>A map of <see cref="Width"/> × <see cref="Height"/>.</returns>
    public Plane<float> PixelMap() => HeatMap.Resize(Map, Width, Height);
}

/// <summary>
/// The axiom of completeness (Sundararajan et al. 2017, proposition 1): attributions add up to the difference of the logits of the image
/// and the blank. How far they miss it is the error of taking finitely many steps.
/// </summary>
/// <param name="Sum">The attributions' sum.</param>
/// <param name="Difference">The class's logit for the image less that for the blank.</param>
/// <param name="Gap">What is missing, as a share of the difference (of 1, where the difference is smaller): the paper takes enough steps
/// for 0.05.</param>
public sealed record Completeness(double Sum, double Difference, double Gap)
{
    internal static Completeness Of(double sum, double difference) =>
        new(sum, difference, Math.Abs(sum - difference) / Math.Max(Math.Abs(difference), 1));
}
