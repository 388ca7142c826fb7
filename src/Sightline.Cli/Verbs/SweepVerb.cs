using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Sweeping;
using Sightline.Cli.Terminal;
using Sightline.Torch;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using Sightline.Training.Sweeping;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline sweep</c>: trains a recipe with many values of its keys, or goes on with that.</summary>
internal static class SweepVerb
{
    private static readonly string[] Methods = ["grid", "random", "halving", "range-test"];

    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var recipe = new Argument<string?>("recipe") { Description = "A recipe (YAML); may be left out with --resume.", Arity = ArgumentArity.ZeroOrOne };
        var over = new Option<string[]>("--over") { Description = $"A key and its values: lr=1e-3..1e0:log, optimiser.momentum=0.8..0.95:linear:4, network.name=cifar_resnet8,cifar_resnet20. May be repeated. Short names: {string.Join(", ", SweptKey.ShortNames.Keys)}.", HelpName = "KEY=VALUES" };
        var method = new Option<string?>("--method") { Description = "grid (the default): every combination. random: --trials of them by chance. halving: all a little, the better share goes on from where it stood. range-test: one short training under a rising learning rate, which suggests one.", HelpName = string.Join('|', Methods) };
        var trials = new Option<int?>("--trials") { Description = $"How many combinations are drawn, or how many a grid may have (unasked {SweepPlan.MostUnasked}).", HelpName = "N" };
        var seed = new Option<ulong?>("--seed") { Description = "What combinations are drawn by; by default the recipe's seed.", HelpName = "N" };
        var eta = new Option<int?>("--eta") { Description = "For halving: one in this many goes on; by default 3.", HelpName = "N" };
        var minEpochs = new Option<int?>("--min-epochs") { Description = "For halving: epochs before the first decision; by default as few as leave one trial at the end.", HelpName = "N" };
        var set = new Option<string[]>("--set") { Description = "Override a key for all trials: --set training.epochs=5. May be repeated.", AllowMultipleArgumentsPerToken = false };
        var output = new Option<string?>("--out", "-o") { Description = "The sweep's folder; by default runs/NAME-sweep, numbered when taken." };
        var resume = new Option<string?>("--resume") { Description = "Go on with this sweep's folder. If its data moved: --set data.path=PATH." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the trials, and the time they will take; train nothing." };
        var json = CommonOptions.Json();
        var command = new Command("sweep", "Train a recipe with many values of its keys, and put them in order. Example: sightline sweep recipes/folder.yaml --set data.path=my-images --over lr=1e-3..1e0:log:4 --over wd=0,5e-4")
        {
            recipe, over, method, trials, seed, eta, minEpochs, set, output, resume, dryRun, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(
            new Asked(parsed.GetValue(recipe), parsed.GetValue(over) ?? [], parsed.GetValue(method), parsed.GetValue(trials), parsed.GetValue(seed), parsed.GetValue(eta), parsed.GetValue(minEpochs), parsed.GetValue(set) ?? []),
            parsed.GetValue(output), parsed.GetValue(resume), parsed.GetValue(dryRun), parsed.GetValue(json), cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(Asked asked, string? output, string? resume, bool dryRun, bool json, CancellationToken cancellationToken)
    {
        if (asked.RecipePath is null && resume is null)
            throw new BadInputException("usage", "Name a recipe to sweep over, e.g. recipes/demo.yaml, or a sweep to go on with by --resume.");
        if (resume is not null && (output is not null || dryRun))
            throw new BadInputException("usage", "--resume goes on in the sweep's own folder: neither --out nor --dry-run goes with it.");
        SweepPlan plan = resume is null ? asked.Plan() : asked.Over(SweepFile.Read(new SweepFolder(resume)).Plan);
        Allocator.Configure();
        using var progress = new ProgressReporter();
        var options = new RunOptions { Progress = progress, Say = progress.Say, Imagenet = TrainVerb.ImageNetWeights };
        if (dryRun)
        {
            SweepForecast forecast = SweepForecast.Measure(plan, options, cancellationToken);
            if (json)
                SweepDocument.Write(forecast);
            else
                SweepTable.Print(forecast);
            return ExitCode.Done;
        }
        SweepOutcome outcome = resume is not null
            ? Sweeper.Resume(resume, options, plan, cancellationToken)
            : Sweeper.Start(plan, output ?? RunPlace.For(plan.Recipe.Name, "-sweep"), options, cancellationToken);
        string shown = RunPlace.Shown(outcome.Folder.Root);
        if (json)
            SweepDocument.Write(outcome);
        else
            SweepTable.Print(outcome);
        if (outcome.End == RunEnd.Interrupted)
        {
            Messages.Note($"Interrupted; all states are saved. Go on with: sightline sweep --resume {shown}");
            return ExitCode.Interrupted;
        }
        Messages.Note(string.Create(CultureInfo.InvariantCulture, $"Done in {outcome.Seconds:0.0} s: {shown}"));
        if (outcome.Rise is not null)
            return ExitCode.Done;
        if (outcome.Best is not { } best)
        {
            Messages.Error("No trial was trained to its end; the table says why.");
            return ExitCode.Failed;
        }
        Messages.Note($"Best: --set {string.Join(" --set ", best.Trial.Values)}");
        return ExitCode.Done;
    }

    // What was typed; null where it wasn't.
    private sealed record Asked(string? RecipePath, string[] OverTexts, string? Method, int? Trials, ulong? Seed, int? Eta, int? MinEpochs, string[] Set)
    {
        public SweepPlan Plan()
        {
            Recipe recipe = RecipeFile.Read(RecipePath!, Set);
            return Over(new SweepPlan { Recipe = recipe, RecipePath = RecipePath, Over = [], Seed = recipe.Seed });
        }

        // What was typed over what was recorded: a sweep goes on by --resume alone, or by the command that began it.
        public SweepPlan Over(SweepPlan plan)
        {
            ValueList<SweptValues> over = OverTexts.Length > 0 ? ValueList.Create<SweptValues>([.. OverTexts.Select(SweptValues.Parse)]) : plan.Over;
            if (over.FirstOrDefault(o => Set.Any(s => s.StartsWith(o.Key.Path + "=", StringComparison.Ordinal))) is { } both)
                throw new BadInputException("usage", $"{both.Key.Path} is set by --set and varies by --over.", fix: "Take one of them.");
            return plan with
            {
                Recipe = RecipePath is not null ? RecipeFile.Read(RecipePath, Set) : Set.Length > 0 ? RecipeFile.Parse(RecipeFile.Text(plan.Recipe), "sweep.json", Set) : plan.Recipe,
                RecipePath = RecipePath ?? plan.RecipePath,
                Over = over,
                Method = Method is null ? plan.Method : MethodOf(Method),
                Trials = Trials ?? plan.Trials,
                Seed = Seed ?? plan.Seed,
                Eta = Eta ?? plan.Eta,
                MinEpochs = MinEpochs ?? plan.MinEpochs,
            };
        }

        private static SweepMethod MethodOf(string name)
        {
            int found = Array.IndexOf(Methods, name);
            if (found >= 0)
                return (SweepMethod)found;
            string? meant = NearestName.Find(name, Methods);
            throw new BadInputException("usage", $"--method is '{name}'; expected {string.Join(", ", Methods)}.{(meant is null ? "" : $" Did you mean '{meant}'?")}");
        }
    }
}
