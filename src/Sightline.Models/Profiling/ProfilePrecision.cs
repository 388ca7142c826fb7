namespace Sightline.Models.Profiling;

/// <summary>The arithmetic of a profile.</summary>
public enum ProfilePrecision
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16 bits with the exponent of 32: weights and activations.</summary>
    BFloat16,
}
