namespace Sightline.Training.Recipes;

/// <summary>How often training images come in an epoch.</summary>
public sealed record SamplingRecipe
{
    /// <summary>The rule.</summary>
    public SamplingName Name { get; init; } = SamplingName.Uniform;

    /// <summary>For <c>repeat-factor</c>: images of a class with a smaller share of the images than this are repeated; null takes one over the number of classes.</summary>
    public double? Threshold { get; init; }
}

/// <summary>The rules of <see cref="SamplingRecipe"/>.</summary>
public enum SamplingName
{
    /// <summary>Every image once an epoch.</summary>
    Uniform,

    /// <summary>Every class as often as any other: images of rare classes several times an epoch, of frequent ones in some epochs only.</summary>
    ClassBalanced,

    /// <summary>Every class by the root of its number of images (Mahajan et al. 2018, section 3): halfway between the two above.</summary>
    SquareRoot,

    /// <summary>Images of rare classes are repeated √(threshold / share) times, all others come once (Gupta, Dollár, Girshick 2019: LVIS, section 4.1).</summary>
    RepeatFactor,
}
