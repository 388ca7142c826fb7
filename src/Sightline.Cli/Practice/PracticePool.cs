using System.Text.Json;
using Sightline.Diagnosis;
using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary>
/// The stored runs that a paper can ask: healthy ones that came out no worse than their twins, and ones with a single fault that did harm.
/// </summary>
internal sealed class PracticePool
{
    private const double HealthyShare = 0.25;

    private readonly string half;
    private readonly Dictionary<string, (StoredRun Run, HarmReading Harm)[]> byCause;

    /// <summary>Sorts the runs of a half by their causes.</summary>
    /// <param name="half">What the half is called.</param>
    /// <param name="runs">All its runs; twins are among them.</param>
    public PracticePool(string half, IReadOnlyList<StoredRun> runs)
    {
        this.half = half;
        var measure = new HarmMeasure(runs);
        byCause = runs.Where(r => r.Injuries.Count <= 1).Select(r => (Run: r, Harm: measure.Of(r)))
            .Where(r => r.Harm.Harm == (r.Run.Injuries.Count == 0 ? Harm.None : Harm.Worse))
            .GroupBy(r => r.Run.Injuries.Count == 0 ? DiagnosedRun.Healthy : r.Run.Injuries[0].Code)
            .ToDictionary(g => g.Key, g => g.OrderBy(r => r.Run.Id, StringComparer.Ordinal).ToArray());
    }

    /// <summary>How many runs can be asked.</summary>
    public int Runs => byCause.Values.Sum(r => r.Length);

    /// <summary>Reads the committed runs of a half.</summary>
    /// <param name="store">Where they lie.</param>
    /// <param name="half">Which.</param>
    /// <returns>The pool, not empty.</returns>
    /// <exception cref="BadInputException">They are not there, or can't be read, or none can be asked.</exception>
    public static PracticePool Open(RunStore store, string half)
    {
        string path = store.PathOf(half);
        if (!File.Exists(path))
            throw new BadInputException("no-runs", "The runs to practise on are not here.", path, fix: "They come with a checkout that has bench/diagnosis.");
        PracticePool pool;
        try
        {
            pool = new PracticePool(half, [.. store.Committed(half).Values.Select(StoredRun.Parse)]);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or InvalidOperationException or JsonException or KeyNotFoundException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            throw new BadInputException("unreadable-runs", "The runs to practise on can't be read.", path, fix: "Check the file out again.", inner: exception);
        }
        return pool.Runs > 0 ? pool : throw new BadInputException("no-runs", "There is no run to practise on: none is healthy or has a fault that did harm.", path);
    }

    /// <summary>
    /// Chooses runs: each is healthy with a chance of a quarter, and the faults take turns. A shorter paper of the same seed is the
    /// beginning of a longer one.
    /// </summary>
    /// <param name="seed">What the choice depends on, beside the pool.</param>
    /// <param name="n">How many, at most <see cref="Runs"/>.</param>
    /// <returns>The paper.</returns>
    public PracticePaper Draw(ulong seed, int n)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, Runs);
        var left = byCause.ToDictionary(c => c.Key, c => new Queue<(StoredRun, HarmReading)>(Shuffled(c.Value, new SeedStream(seed, "practice runs " + c.Key))));
        var chance = new SeedStream(seed, "practice");
        var turns = new Queue<string>();
        var questions = new List<PracticeQuestion>();
        for (int round = 0; questions.Count < n;)
        {
            string[] faults = [.. FindingCodes.All.Where(c => left.TryGetValue(c, out var of) && of.Count > 0)];
            bool healthy = chance.NextDouble() < HealthyShare;
            if (faults.Length == 0 || (healthy && left.TryGetValue(DiagnosedRun.Healthy, out var calm) && calm.Count > 0))
            {
                questions.Add(Question(left[DiagnosedRun.Healthy].Dequeue()));
                continue;
            }
            if (turns.Count == 0)
                turns = new Queue<string>(Shuffled(faults, new SeedStream(seed, "practice turns", round++)));
            questions.Add(Question(left[turns.Dequeue()].Dequeue()));
        }
        return new PracticePaper(half, Runs, seed, questions);
    }

    private PracticeQuestion Question((StoredRun Run, HarmReading Harm) of)
    {
        var diagnosed = DiagnosedRun.Of(of.Run, of.Harm, curvesAlone: false, watched: false);
        string cause = diagnosed.Root ?? DiagnosedRun.Healthy;
        Finding? found = diagnosed.Assessment.Findings.FirstOrDefault(f => f.Code == cause);
        return new PracticeQuestion(diagnosed, found is null ? Elsewhere(cause) : new TellingSignal(found.ShownBy, (found.FirstEpoch, found.LastEpoch)));
    }

    // Where a cause was missed, the signal by which it is found in another run.
    private TellingSignal? Elsewhere(string cause) => cause == DiagnosedRun.Healthy ? null : byCause[cause]
        .Select(r => Diagnostician.Assess(r.Run.Log).Findings.FirstOrDefault(f => f.Code == cause)).OfType<Finding>()
        .Select(f => new TellingSignal(f.ShownBy, (double.NaN, double.NaN))).FirstOrDefault();

    private static T[] Shuffled<T>(T[] items, SeedStream by)
    {
        T[] shuffled = [.. items];
        by.Shuffle<T>(shuffled);
        return shuffled;
    }
}
