using System.Security.Cryptography;
using System.Text;
using Sightline.Training.Recipes;

namespace Sightline.Training.Checkpoints;

/// <summary>One name for what a model is: its recipe, data, split and weights.</summary>
public static class RunFingerprint
{
    /// <summary>SHA-256 over all of them. Where the data lies is no part of what a model is: data that moved gives the same name.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="state">Data and split.</param>
    /// <param name="weightsHash">The hash of the weights.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string Of(Recipe recipe, CheckpointState state, string weightsHash)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(state);
        string text = RecipeFile.Text(recipe with { Data = recipe.Data with { Path = "" } });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\0{state.DataFingerprint}\0{state.SplitFingerprint}\0{weightsHash}")));
    }
}
