namespace Sightline.Metrics;

/// <summary>What a classifier decided about one image.</summary>
/// <param name="Index">The image's position in what was evaluated.</param>
/// <param name="Label">The true class.</param>
/// <param name="Predicted">The class with the largest probability; the first of equals.</param>
/// <param name="Confidence">The probability given to <see cref="Predicted"/>.</param>
/// <param name="LabelProbability">The probability given to <see cref="Label"/>.</param>
public readonly record struct Decision(int Index, int Label, int Predicted, float Confidence, float LabelProbability)
{
    /// <summary>Whether the decision is right.</summary>
    public bool Right => Label == Predicted;
}
