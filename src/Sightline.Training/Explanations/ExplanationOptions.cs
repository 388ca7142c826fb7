namespace Sightline.Training.Explanations;

/// <summary>What is explained, and how.</summary>
public sealed record ExplanationOptions
{
    /// <summary>The method.</summary>
    public ExplanationMethod Method { get; init; } = ExplanationMethod.GradCam;

    /// <summary>The class whose evidence is sought; null takes the predicted one.</summary>
    public int? Class { get; init; }

    /// <summary>For <see cref="ExplanationMethod.GradCam"/>: the layer whose map is weighted, by its path; null takes the last with a
    /// spatial extent.</summary>
    public string? Layer { get; init; }

    /// <summary>
    /// What stands for nothing, as the network sees it: a normalised value for each channel, or one for all. Covers patches
    /// (<see cref="ExplanationMethod.Occlusion"/>) and is where <see cref="ExplanationMethod.IntegratedGradients"/> begin. Zeros are the
    /// mean colour of the training images.
    /// </summary>
    public IReadOnlyList<float> Blank { get; init; } = [0];

    /// <summary>For <see cref="ExplanationMethod.Occlusion"/>: the patch's side in pixels of the network's input; null takes a fifth of
    /// its shorter side.</summary>
    public int? Patch { get; init; }

    /// <summary>For <see cref="ExplanationMethod.Occlusion"/>: how far the patch moves; null takes half of it.</summary>
    public int? Stride { get; init; }

    /// <summary>For <see cref="ExplanationMethod.IntegratedGradients"/>: at how many points of the way the gradient is taken.</summary>
    public int Steps { get; init; } = 64;

    /// <summary>How many covered or blended images go through the network at once.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Refuses numbers that make no sense.</summary>
    /// <exception cref="BadInputException">A number is out of its range (<c>explain-option</c>).</exception>
    public void Check()
    {
        Least("The patch's side", Patch, 1);
        Least("The patch's stride", Stride, 1);
        Least("The number of steps", Steps, 1);
        Least("The batch", BatchSize, 1);
    }

    private static void Least(string what, int? value, int least)
    {
        if (value < least)
            throw new BadInputException("explain-option", $"{what} is {value}; expected {least} or more.");
    }
}
