using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>What a sweep is: equal plans on equal data give equal tables.</summary>
public sealed record SweepPlan
{
    /// <summary>The most trials that are begun unasked.</summary>
    public const int MostUnasked = 64;

    /// <summary>The recipe that every trial starts from, as read, what was set over it included.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>Where the recipe was read from; its folder serves relative data paths.</summary>
    public string? RecipePath { get; init; }

    /// <summary>The keys that vary, and their values.</summary>
    public required ValueList<SweptValues> Over { get; init; }

    /// <summary>How trials are chosen and trained.</summary>
    public SweepMethod Method { get; init; } = SweepMethod.Grid;

    /// <summary>How many trials are drawn, or how many a grid may have; null where it wasn't said.</summary>
    public int? Trials { get; init; }

    /// <summary>What trials are drawn by; the trainings' seed is the recipe's.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>For <see cref="SweepMethod.Halving"/>: one in this many goes on.</summary>
    public int Eta { get; init; } = 3;

    /// <summary>For <see cref="SweepMethod.Halving"/>: epochs of the first rung; null chooses (<see cref="HalvingSchedule.Rungs"/>).</summary>
    public int? MinEpochs { get; init; }

    /// <summary>The number format that all trials take where the recipe leaves it to a timing; null where each decides, or the recipe has.</summary>
    /// <remarks>Timed once: by chance some trials would take the one and some the other, and differ in more than what varies.</remarks>
    public PrecisionChoice? Precision { get; init; }

    /// <summary>Makes sure that the parts fit each other.</summary>
    /// <exception cref="BadInputException">They don't; the message says which and what to do.</exception>
    public void Check()
    {
        if (Over.Count == 0)
            throw Error("sweep-over", "Nothing varies.", "Name a key and its values, e.g. --over lr=1e-3..1e0:log");
        if (Over.GroupBy(o => o.Key.Path).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw Error("sweep-over", $"--over names {twice.Key} twice.", "Put all its values into one.");
        if (Trials is < 1 or > ValueRange.Most)
            throw Error("sweep-trials", $"--trials is {Trials}.", $"Take 1 to {ValueRange.Most}.");
        if (Method == SweepMethod.Random && Trials is null)
            throw Error("sweep-trials", "--method random draws trials, and nothing says how many.", "Add --trials N.");
        if (Method != SweepMethod.Halving && MinEpochs is not null)
            throw Error("sweep-halving", "--min-epochs is the first rung of --method halving.", "Leave it out, or take that method.");
        if (Method == SweepMethod.RangeTest)
            RangeTestTraining.Check(this);
        else if (!Draws && TrialChoice.GridSize(Over) is double size && size > (Trials ?? MostUnasked))
            throw Error("sweep-trials", FormattableString.Invariant($"The grid has {size:0} trials ({string.Join(" × ", Over.Select(o => o.Points.Count))}); {(Trials is null ? $"more than {MostUnasked} are not begun unasked" : $"--trials allows {Trials}")}."),
                FormattableString.Invariant($"Name fewer values, draw some of them by --method random --trials {MostUnasked}, or allow all by --trials {size:0}."));
        if (Method == SweepMethod.Halving)
            CheckHalving();
    }

    /// <summary>Chooses the trials, and makes sure that each can be trained.</summary>
    /// <param name="options">What surrounds the trainings.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The trials.</returns>
    /// <exception cref="BadInputException">The plan, a trial's recipe or the data cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public IReadOnlyList<Trial> CheckedTrials(RunOptions options, CancellationToken cancellationToken = default)
    {
        Check();
        IReadOnlyList<Trial> trials = Choose();
        TrialCheck.Check([.. trials.Select(t => (t, RecipeOf(t)))], ranked: Method != SweepMethod.RangeTest, options, cancellationToken);
        return trials;
    }

    /// <summary>Chooses the trials. Pure.</summary>
    /// <returns>The trials, numbered from 1; for a range test one, without values.</returns>
    /// <exception cref="BadInputException">There are fewer combinations than trials wanted (<c>sweep-trials</c>).</exception>
    public IReadOnlyList<Trial> Choose() => Method == SweepMethod.RangeTest ? [new Trial(1, [])]
        : Draws ? TrialChoice.Random(Over, Trials!.Value, Seed)
        : TrialChoice.Grid(Over);

    /// <summary>The rungs of a halving.</summary>
    /// <param name="trials">How many trials there are.</param>
    /// <returns>The rungs.</returns>
    public IReadOnlyList<Rung> Rungs(int trials) => HalvingSchedule.Rungs(trials, Recipe.Training.Epochs, Eta, MinEpochs);

    /// <summary>The same plan with the full path of its data, which holds from any working folder.</summary>
    /// <returns>The plan; as it is where nothing lies at the path, which opening the data will say.</returns>
    public SweepPlan Placed()
    {
        string? folder = RecipePath is { } path ? Path.GetDirectoryName(Path.GetFullPath(path)) : null;
        return TrainingData.Place(Recipe.Data.Path, folder) is { } place ? this with { Recipe = Recipe with { Data = Recipe.Data with { Path = Path.GetFullPath(place) } } } : this;
    }

    /// <summary>Decides the number format for all trials.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="options">What surrounds the trainings.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The plan with <see cref="Precision"/>; unchanged where the recipe says it, or where what varies decides which is faster.</returns>
    internal SweepPlan Timed(IReadOnlyList<Trial> trials, RunOptions options, CancellationToken cancellationToken)
    {
        bool varies = Over.Any(o => Faster.Any(f => o.Key.Path.StartsWith(f, StringComparison.Ordinal)));
        if (Recipe.Training.Precision != PrecisionChoice.Auto || Method == SweepMethod.RangeTest || varies)
            return this;
        (TrainingData data, Recipe resolved) = TrainingParts.Open(RecipeOf(trials[0]), options with { Say = null }, cancellationToken);
        using BatchLoader loader = TrainingParts.Loader(resolved, data);
        PrecisionDecision decision = PrecisionDecision.Of(resolved, data.Set.Classes.Count, loader, cancellationToken);
        options.Say?.Invoke($"{decision.Timing!.Explanation}; for all trials");
        return this with { Precision = decision.Choice };
    }

    // Keys that decide which number format is faster, or whether one can be used.
    private static readonly string[] Faster = ["network", "preprocessing", "training.batchSize", "training.precision", "training.device", "training.determinism", "training.channelsLast"];

    /// <summary>The recipe of a trial: what <c>train</c> with its values behind <c>--set</c> would train, <see cref="Precision"/> decided.</summary>
    /// <param name="trial">The trial; not of a range test, whose recipe takes the data to know.</param>
    /// <returns>The recipe, its values checked.</returns>
    /// <exception cref="BadInputException">The recipe refuses a value; the message names the sweep's key.</exception>
    public Recipe RecipeOf(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        try
        {
            return RecipeFile.Parse(RecipeFile.Text(Recipe), RecipePath ?? "recipe",
                [.. Precision is { } decided ? [$"training.precision={RecipeShape.Kebab(decided.ToString())}"] : Array.Empty<string>(), .. trial.Values.Select(v => v.ToString())]);
        }
        catch (BadInputException refused)
        {
            // What stands in the recipe has been accepted before, so that it is a value of the trial that does not go with it.
            string problem = refused.Problem.StartsWith("--set ", StringComparison.Ordinal) ? "--over " + refused.Problem["--set ".Length..] : $"--over {trial.Description}: {refused.Problem}";
            throw new BadInputException(refused.Code, problem, fix: refused.Fix, inner: refused);
        }
    }

    // Successive halving is about whatever trials there are; a number of them asks for drawing.
    private bool Draws => Method == SweepMethod.Random || (Method == SweepMethod.Halving && Trials is not null);

    private void CheckHalving()
    {
        if (Eta is < 2 or > 1000)
            throw Error("sweep-halving", $"--eta is {Eta}.", "One in two or more goes on: take 2 to 1000; the papers take 3 or 4.");
        if (MinEpochs < 1 || MinEpochs > Recipe.Training.Epochs)
            throw Error("sweep-halving", $"--min-epochs is {MinEpochs}.", $"Take 1 to training.epochs, {Recipe.Training.Epochs}.");
        if (Over.Any(o => o.Key.Path == SweptKey.ShortNames["epochs"]))
            throw Error("sweep-halving", "training.epochs is what halving gives to its trials, so that it cannot vary.", "Leave it out of --over, or take another method.");
    }

    private static BadInputException Error(string code, string message, string fix) => new(code, message, fix: fix);
}
