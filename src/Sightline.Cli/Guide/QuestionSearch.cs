namespace Sightline.Cli.Guide;

/// <summary>Finds questions by words.</summary>
internal static class QuestionSearch
{
    /// <summary>A question that speaks of the words, and the passage that does most.</summary>
    /// <param name="Question">The question.</param>
    /// <param name="Passage">The text in which most of the words occur.</param>
    /// <param name="Score">How many of the words occur, titles counting more.</param>
    public readonly record struct Hit(Question Question, string Passage, double Score);

    /// <summary>Ranks the questions by how many of the words they hold; those without any are left out.</summary>
    /// <param name="questions">All questions.</param>
    /// <param name="words">What was typed.</param>
    /// <returns>Best first; equal ones in their own order.</returns>
    public static IReadOnlyList<Hit> Find(IReadOnlyList<Question> questions, IEnumerable<string> words)
    {
        string[] terms = [.. words.SelectMany(w => w.Split([' ', ',', '?'], StringSplitOptions.RemoveEmptyEntries)).Select(Stem).Where(t => t.Length > 1).Distinct()];
        return [.. questions
            .Select(q => Score(q, terms))
            .Where(h => h.Score > 0)
            .OrderByDescending(h => h.Score)
            .ThenBy(h => h.Question.Id)];
    }

    private static Hit Score(Question question, string[] terms)
    {
        var passages = new List<(string Text, double Weight)> { (question.Title, 3), (question.Text, 2) };
        passages.AddRange(question.Parts.Select(p => (p.Answer is null ? p.Text : $"{p.Text} {p.Answer}", 1.0)));
        if (question.Answer is not null)
            passages.Add((question.Answer, 1));
        if (question.Missing is not null)
            passages.Add((question.Missing, 0.5));
        if (question.Meanwhile is not null)
            passages.Add((question.Meanwhile, 0.5));
        double total = 0;
        string best = question.Text;
        double bestHere = 0;
        var seen = new HashSet<string>();
        foreach ((string text, double weight) in passages)
        {
            int here = 0;
            foreach (string term in terms)
            {
                if (!text.Contains(term, StringComparison.OrdinalIgnoreCase))
                    continue;
                here++;
                // A word that is found anywhere counts most: a question with all words goes before one with the same word in many places.
                total += (seen.Add(term) ? 10 : 0.1) * weight;
            }
            if (here > bestHere)
                (best, bestHere) = (text, here);
        }
        return new Hit(question, best.ReplaceLineEndings(" ").Trim(), total);
    }

    // Endings that do not change what is meant: "shortcuts" finds "shortcut", "annotating" finds "annotation".
    private static string Stem(string word)
    {
        foreach (string ending in (string[])["ing", "ion", "es", "ed", "s"])
        {
            if (word.Length > ending.Length + 3 && word.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return word[..^ending.Length];
        }
        return word;
    }
}
