using Sightline.Models;
using Sightline.Training.Losses;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>Builds what each trial's training begins with, so that what one of them would be refused for is told before any trains.</summary>
internal static class TrialCheck
{
    /// <summary>Opens the data and builds the network, once for all trials that begin with the same.</summary>
    /// <param name="trials">The trials with their recipes.</param>
    /// <param name="ranked">Whether they are put in order by their validation, so that there has to be some.</param>
    /// <param name="options">What surrounds the trainings.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="BadInputException">A trial's data, network or first weights cannot be used, or nothing would tell which is better.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static void Check(IReadOnlyList<(Trial Trial, Recipe Recipe)> trials, bool ranked, RunOptions options, CancellationToken cancellationToken)
    {
        var opened = new Dictionary<(DataRecipe, ulong), TrainingData>();
        IGrouping<Recipe, (Trial Trial, Recipe Recipe)>[] groups = [.. trials.GroupBy(t => Beginning(t.Recipe))];
        foreach (IGrouping<Recipe, (Trial Trial, Recipe Recipe)> group in groups)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (Trial trial, Recipe recipe) = group.First();
            try
            {
                Networks.Check(recipe.Network.Name, recipe.Network.Options);
                if (!opened.TryGetValue((recipe.Data, recipe.Seed), out TrainingData? data))
                    opened[(recipe.Data, recipe.Seed)] = data = TrainingParts.Data(recipe, options, cancellationToken);
                if (ranked && data.Validation.Count == 0)
                    throw new BadInputException("sweep-without-validation", $"There are no validation images to tell trials apart by ({data.Explanation}).", data.Set.Root, fix: "Set data.split.validationFraction above 0.");
                Build(TrainingParts.Resolve(recipe, data, options), data, options);
            }
            catch (BadInputException refused) when (groups.Length > 1)
            {
                throw new BadInputException(refused.Code, $"{trial.Name} ({trial.Description}) cannot be trained: {refused.Problem}", refused.Path, refused.Line, refused.Fix, refused);
            }
        }
    }

    private static void Build(Recipe resolved, TrainingData data, RunOptions options)
    {
        using BatchLoader loader = TrainingParts.Loader(resolved, data);
        using Classifier network = TrainingParts.Network(resolved, data, fresh: true, options with { Say = null });
        using var loss = new ClassificationLoss(resolved.Loss, data.Counts.Train, TorchSharp.DeviceType.CPU);
    }

    /// <summary>A recipe without what it says of rates, names and logs, which its types and ranges have checked already.</summary>
    public static Recipe Beginning(Recipe recipe) =>
        recipe with { Name = "x", Optimiser = new OptimiserRecipe(), Schedule = new ScheduleRecipe(), Checkpointing = new CheckpointingRecipe() };
}
