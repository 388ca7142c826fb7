namespace Sightline.Datasets.Audit;

/// <summary>Collects problems; of one code only so many are told one by one, the rest is counted.</summary>
internal sealed class ProblemList
{
    private const int ToldPerCode = 50;

    private readonly List<DataProblem> told = [];
    private readonly Dictionary<string, List<DataProblem>> more = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    /// <summary>Starts with what is known.</summary>
    /// <param name="known">Known problems.</param>
    public ProblemList(IEnumerable<DataProblem> known)
    {
        foreach (DataProblem problem in known)
            Add(problem);
    }

    /// <summary>The first problem that makes an image unusable.</summary>
    public DataProblem? FirstUnusable { get; private set; }

    /// <summary>Adds a problem.</summary>
    /// <param name="problem">The problem.</param>
    public void Add(DataProblem problem)
    {
        if (problem.Unusable > 0)
            FirstUnusable ??= problem;
        if ((counts[problem.Code] = counts.GetValueOrDefault(problem.Code) + 1) <= ToldPerCode)
            told.Add(problem);
        else if (more.TryGetValue(problem.Code, out List<DataProblem>? rest))
            rest.Add(problem);
        else
            more[problem.Code] = [problem];
    }

    /// <summary>All problems, what stops training first.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<DataProblem> Ordered() =>
        [.. told.Concat(more.Values.Select(rest => rest[0] with
        {
            Message = $"{rest.Count} more like this, the next: {rest[0].Message}",
            StopsTraining = rest.Any(p => p.StopsTraining),
            Unusable = rest.Sum(p => p.Unusable),
        })).OrderBy(p => !p.StopsTraining)];
}
