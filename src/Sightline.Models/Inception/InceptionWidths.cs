namespace Sightline.Models;

/// <summary>The channels inside an inception block (Szegedy et al. 2015, a row of table 1). A branch of 0 channels is left out.</summary>
/// <param name="One">Branch 1: a 1×1 convolution.</param>
/// <param name="ThreeReduced">Branch 2: what a 1×1 convolution reduces the input to; 0 leaves the reduction out.</param>
/// <param name="Three">Branch 2: a 3×3 convolution.</param>
/// <param name="FiveReduced">Branch 3: what a 1×1 convolution reduces the input to; 0 leaves the reduction out.</param>
/// <param name="Five">Branch 3: a 5×5 convolution.</param>
/// <param name="Pool">Branch 4: a 1×1 convolution behind a 3×3 max pool.</param>
public readonly record struct InceptionWidths(int One, int ThreeReduced, int Three, int FiveReduced, int Five, int Pool)
{
    /// <summary>Channels of the block's output.</summary>
    public int Outputs => One + Three + Five + Pool;

    /// <summary>The same, wider.</summary>
    /// <param name="factor">By how much.</param>
    /// <returns>The widths.</returns>
    public InceptionWidths Times(int factor) =>
        new(factor * One, factor * ThreeReduced, factor * Three, factor * FiveReduced, factor * Five, factor * Pool);
}

/// <summary>How the large convolutions of an inception block are made up (Szegedy et al. 2016, sections 3.1 and 3.2).</summary>
public enum Factorisation
{
    /// <summary>As they are.</summary>
    None,

    /// <summary>A 5×5 as two 3×3, which see the same window.</summary>
    TwoThrees,

    /// <summary>An n×n as 1×n and n×1.</summary>
    Asymmetric,
}
