namespace Sightline.Training.Augmentation;

/// <summary>
/// RandAugment (Cubuk, Zoph, Shlens, Le 2020): operations drawn uniformly from fourteen, all at one magnitude; list and strengths are
/// torchvision's.
/// </summary>
public sealed record RandAugmentRecipe
{
    /// <summary>How many operations follow each other (N in the paper).</summary>
    public int Operations { get; init; } = 2;

    /// <summary>How strong they are, 0 to 30 (M in the paper).</summary>
    public int Magnitude { get; init; } = 9;

    internal IEnumerable<(string Key, string Message)> Faults()
    {
        if (Operations is < 0 or > 20)
            yield return ("operations", $"{Operations} operations; give 0 to 20.");
        if (Magnitude is < 0 or > 30)
            yield return ("magnitude", $"{Magnitude} is not a magnitude; give 0 to 30.");
    }
}
