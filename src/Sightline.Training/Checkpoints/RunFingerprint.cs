using System.Security.Cryptography;
using System.Text;

namespace Sightline.Training.Checkpoints;

/// <summary>One name for what a model is: its recipe, data, split and weights.</summary>
public static class RunFingerprint
{
    /// <summary>
    /// SHA-256 over all of them. Where the data lies is no part of what a model is: data that moved gives the same name. The recipe counts
    /// as it was written when the run began, so that a model keeps its name when later versions know more keys.
    /// </summary>
    /// <param name="state">Recipe, data and split.</param>
    /// <param name="weightsHash">The hash of the weights.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string Of(CheckpointState state, string weightsHash)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{WithoutPath(state.Recipe)}\0{state.DataFingerprint}\0{state.SplitFingerprint}\0{weightsHash}")));
    }

    // The text is our own: a key and its value stand on one line, members are indented by two.
    private static string WithoutPath(string recipe)
    {
        string[] lines = recipe.Split('\n');
        bool inData = false;
        for (int i = 0; i < lines.Length; i++)
        {
            inData = lines[i].StartsWith("data:", StringComparison.Ordinal) || (inData && (lines[i].StartsWith(' ') || lines[i].Length == 0));
            if (inData && lines[i].StartsWith("  path:", StringComparison.Ordinal))
                lines[i] = "  path: \"\"";
        }
        return string.Join('\n', lines);
    }
}
