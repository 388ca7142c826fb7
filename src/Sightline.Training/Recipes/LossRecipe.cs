namespace Sightline.Training.Recipes;

/// <summary>The loss, against labels or against the soft targets of MixUp and CutMix.</summary>
public sealed record LossRecipe
{
    /// <summary>The formula.</summary>
    public LossName Name { get; init; } = LossName.CrossEntropy;

    /// <summary>For <c>focal</c>: γ, 0 or more; at 0 it is cross-entropy.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>Label smoothing (Szegedy et al. 2016, section 7): this share of the target is spread evenly over all classes; in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>What an image of a class counts, by the number of images that the class has; scaled so that a training image counts 1 on average.</summary>
    public ClassWeighting ClassWeights { get; init; } = ClassWeighting.None;

    /// <summary>For <c>effective-number</c>: β in [0, 1); at 0 all classes count the same whatever they have (none), towards 1 by their inverse frequency.</summary>
    public double EffectiveBeta { get; init; } = 0.999;

    /// <summary>What an image of each class counts, in the classes' order, scaled likewise; they replace <c>classWeights</c>.</summary>
    public ValueList<double> Weights { get; init; } = [];

    /// <summary>τ of logit adjustment (Menon et al. 2021): τ times the logarithm of the class's frequency is added to its logit in training, so
    /// that what is learnt is about the image alone; 0 is off, 1 is balanced softmax (Ren et al. 2020).</summary>
    public double LogitAdjustment { get; init; }
}

/// <summary>The formulas of <see cref="LossRecipe"/>.</summary>
public enum LossName
{
    /// <summary>Cross-entropy.</summary>
    CrossEntropy,

    /// <summary>Focal loss (Lin et al. 2017): images that are right already count less.</summary>
    Focal,
}

/// <summary>How classes are weighted in the loss.</summary>
public enum ClassWeighting
{
    /// <summary>Every image counts the same.</summary>
    None,

    /// <summary>By one over the class's number of images: every class counts the same.</summary>
    InverseFrequency,

    /// <summary>By one over the class's effective number of images (Cui et al. 2019).</summary>
    EffectiveNumber,
}
