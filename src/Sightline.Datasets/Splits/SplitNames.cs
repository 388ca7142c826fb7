namespace Sightline.Datasets.Splits;

/// <summary>What splits are called.</summary>
internal static class SplitNames
{
    /// <summary>One name for what people write in many ways.</summary>
    /// <param name="written">As it is written.</param>
    /// <returns><c>train</c>, <c>val</c>, <c>test</c>, or the name itself.</returns>
    public static string Normalise(string written) => written.Trim().ToLowerInvariant() switch
    {
        "train" or "training" => "train",
        "val" or "valid" or "validation" or "dev" => "val",
        "test" or "testing" => "test",
        _ => written.Trim(),
    };

    /// <summary>Whether a folder or file of this name stands for a split.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsSplit(string name) => Normalise(name) is "train" or "val" or "test";

    /// <summary>The split that a file name speaks of, e.g. <c>instances_train2017.json</c>.</summary>
    /// <param name="fileName">The name.</param>
    /// <returns>The split, or empty.</returns>
    public static string In(string fileName)
    {
        foreach (string word in System.Text.RegularExpressions.Regex.Split(fileName, "[^A-Za-z]+"))
        {
            if (IsSplit(word))
                return Normalise(word);
        }
        return "";
    }
}
