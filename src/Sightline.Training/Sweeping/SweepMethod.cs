namespace Sightline.Training.Sweeping;

/// <summary>How a sweep chooses its trials, and how far each is trained.</summary>
public enum SweepMethod
{
    /// <summary>Every combination, each to its end.</summary>
    Grid,

    /// <summary>Combinations drawn by a seed, each to its end (Bergstra and Bengio 2012).</summary>
    Random,

    /// <summary>Successive halving (Jamieson and Talwalkar 2016): all are trained a little, the better share goes on from where it stood.</summary>
    Halving,

    /// <summary>A learning-rate range test (Smith 2017, section 3.3): one short training under a rising rate.</summary>
    RangeTest,
}
