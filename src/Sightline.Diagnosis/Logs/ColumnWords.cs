namespace Sightline.Diagnosis;

/// <summary>Cuts a column's name into words: <c>valLoss</c>, <c>Acc@1 (%)</c>, <c>train/box_loss</c>, <c>testacc</c>.</summary>
internal static class ColumnWords
{
    private static readonly string[] Images = ["training", "train", "validation", "valid", "val", "testing", "test", "eval", "dev"];
    private static readonly string[] Metrics = ["loss", "accuracy", "acc", "error", "err", "top1"];

    /// <summary>The words, in small letters.</summary>
    internal static IReadOnlyList<string> Of(string name)
    {
        var words = new List<string>(6);
        int start = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            bool isWord = i < name.Length && char.IsLetterOrDigit(name[i]);
            bool begins = isWord && i > start && char.IsUpper(name[i]) && char.IsLower(name[i - 1]);
            if (isWord && !begins)
                continue;
            if (i > start)
                Add(words, name[start..i].ToLowerInvariant());
            start = begins ? i : i + 1;
        }
        return words;
    }

    private static void Add(List<string> words, string word)
    {
        // Acc@1, top-5: the digit belongs to the word before.
        if (word is ("1" or "5") && words.Count > 0 && words[^1] is ("top" or "acc" or "prec" or "err"))
        {
            words[^1] = word == "5" ? "top5" : words[^1] + word;
            return;
        }
        foreach (string images in Images)
        {
            if (word.StartsWith(images, StringComparison.Ordinal) && Array.IndexOf(Metrics, word[images.Length..]) >= 0)
            {
                words.Add(images);
                words.Add(word[images.Length..]);
                return;
            }
        }
        words.Add(word);
    }
}
