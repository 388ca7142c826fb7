namespace Sightline.Training.Augmentation;

/// <summary>
/// MixUp (Zhang, Cisse, Dauphin, Lopez-Paz 2018): x = λ·a + (1 − λ)·b and the same for the labels, λ from Beta(α, α), one for a batch.
/// </summary>
/// <remarks>When MixUp and CutMix together ask for more than probability 1, both are scaled down to share it.</remarks>
public sealed record MixUpRecipe
{
    /// <summary>α of the Beta distribution; the paper's ImageNet value is 0.2, its CIFAR value 1.</summary>
    public double Alpha { get; init; } = 0.2;

    /// <summary>The probability that a batch is mixed.</summary>
    public double Probability { get; init; } = 1;
}

/// <summary>
/// CutMix (Yun, Han, Oh, Chun, Choe, Yoo 2019): a rectangle of share 1 − λ of another image is pasted in, λ from Beta(α, α), one for a
/// batch; after clipping at the border the labels follow the pixels' true share.
/// </summary>
public sealed record CutMixRecipe
{
    /// <summary>α of the Beta distribution; the paper uses 1.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>The probability that a batch is mixed.</summary>
    public double Probability { get; init; } = 1;
}
