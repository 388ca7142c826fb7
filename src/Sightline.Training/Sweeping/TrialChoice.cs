using Sightline.Training.Recipes;

namespace Sightline.Training.Sweeping;

/// <summary>Chooses combinations of values: all of them, or some by chance. Pure: equal arguments give equal trials.</summary>
public static class TrialChoice
{
    // Draws for each trial wanted, before it is believed that all combinations have come.
    private const int PatienceFactor = 100;

    /// <summary>How many combinations a grid has.</summary>
    /// <param name="over">The keys with their values.</param>
    /// <returns>The product of their numbers of values.</returns>
    public static double GridSize(IReadOnlyList<SweptValues> over) => over.Aggregate(1.0, (n, o) => n * o.Points.Count);

    /// <summary>Every combination; the last key changes fastest.</summary>
    /// <param name="over">The keys with their values.</param>
    /// <returns>The trials.</returns>
    public static IReadOnlyList<Trial> Grid(IReadOnlyList<SweptValues> over)
    {
        ArgumentNullException.ThrowIfNull(over);
        IEnumerable<IEnumerable<TrialValue>> combinations = [[]];
        foreach (SweptValues swept in over)
            combinations = [.. combinations.SelectMany(c => swept.Points.Select(p => c.Append(new TrialValue(swept.Key.Path, p))))];
        return [.. combinations.Select((c, i) => new Trial(i + 1, ValueList.Create<TrialValue>([.. c])))];
    }

    /// <summary>Combinations by chance, each once: ranges by the logarithm or evenly as they say, listed values evenly.</summary>
    /// <param name="over">The keys with their values.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The seed; each trial draws from a stream of its own, so that more trials begin with the same ones.</param>
    /// <returns>The trials.</returns>
    /// <exception cref="BadInputException">There are not so many different combinations (<c>sweep-trials</c>).</exception>
    public static IReadOnlyList<Trial> Random(IReadOnlyList<SweptValues> over, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(over);
        var trials = new List<Trial>();
        var seen = new HashSet<string>();
        for (int draw = 0; trials.Count < count; draw++)
        {
            if (draw > PatienceFactor * count)
                throw new BadInputException("sweep-trials", $"{count} trials are wanted, and the values given have {trials.Count} different combinations.", fix: "Take fewer, wider ranges, or --method grid for all of them.");
            var stream = new SeedStream(seed, "sweep", draw);
            var values = new TrialValue[over.Count];
            for (int k = 0; k < values.Length; k++)
                values[k] = new TrialValue(over[k].Key.Path, over[k].At(stream.NextDouble()));
            var trial = new Trial(trials.Count + 1, ValueList.Create<TrialValue>(values));
            if (seen.Add(trial.Description))
                trials.Add(trial);
        }
        return trials;
    }
}
