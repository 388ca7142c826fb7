using System.Security.Cryptography;
using System.Text;

namespace Sightline.Training.Checkpoints;

/// <summary>One name for what a model is: its recipe, data, split and weights.</summary>
public static class RunFingerprint
{
    /// <summary>SHA-256 over all of them.</summary>
    /// <param name="state">Recipe, data and split.</param>
    /// <param name="weightsHash">The hash of the weights.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string Of(CheckpointState state, string weightsHash)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{state.Recipe}\0{state.DataFingerprint}\0{state.SplitFingerprint}\0{weightsHash}")));
    }
}
