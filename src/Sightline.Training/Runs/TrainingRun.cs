using Sightline.Datasets;
using Sightline.Training.Checkpoints;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Starts trainings and goes on with interrupted ones.</summary>
public static class TrainingRun
{
    private static readonly DataComparison Comparison = new("resume", "The run cannot go on", "Restore the data, or start a new run.");

    /// <summary>Trains a recipe in a new run folder.</summary>
    /// <param name="recipe">The recipe, resolved or as read.</param>
    /// <param name="folder">The folder to create.</param>
    /// <param name="options">What surrounds the training.</param>
    /// <param name="cancellationToken">Asks it to finish the step, save and return.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="BadInputException">The data, the network or the folder cannot be used; nothing was trained.</exception>
    /// <exception cref="Loop.TrainingDivergedException">The loss is no longer finite; the last good checkpoint is kept.</exception>
    public static RunSummary Start(Recipe recipe, string folder, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        options ??= new RunOptions();
        var run = new RunFolder(folder);
        run.RequireFree();
        (TrainingData data, Recipe resolved) = TrainingParts.Open(recipe, options, cancellationToken);
        IDisposable? alone = null;
        try
        {
            // Nothing is written before all that the recipe names is built: a start that fails leaves the folder free for the next.
            using var session = TrainingSession.New(run, resolved, data, options, () =>
            {
                run.CreateNew();
                alone = run.Lock();
                RecipeFile.Write(run.Recipe, resolved);
            });
            return session.Run(cancellationToken);
        }
        catch when (alone is not null && !File.Exists(run.Last))
        {
            alone.Dispose();
            run.RemoveBegun();
            throw;
        }
        finally
        {
            alone?.Dispose();
        }
    }

    /// <summary>Goes on with a run from its last checkpoint, to the same bits that it would have reached without the interruption.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="options">What surrounds the training.</param>
    /// <param name="recipe">A recipe to compare with the run's; null compares only the folder's. Its data path may be another: where the
    /// same data lies now.</param>
    /// <param name="cancellationToken">Asks it to finish the step, save and return.</param>
    /// <returns>How it ended; a finished run is finished already.</returns>
    /// <exception cref="BadInputException">There is no run, or recipe or data have changed; the message names the difference.</exception>
    /// <exception cref="Loop.TrainingDivergedException">The loss is no longer finite; the last good checkpoint is kept.</exception>
    public static RunSummary Resume(string folder, RunOptions? options = null, Recipe? recipe = null, CancellationToken cancellationToken = default)
    {
        options ??= new RunOptions();
        var run = new RunFolder(folder);
        run.RequireRun();
        using IDisposable alone = run.Lock();
        run.RemoveLeftovers();
        Recipe inFolder = RecipeFile.Read(run.Recipe);
        using Checkpoint? checkpoint = File.Exists(run.Last) ? Checkpoint.Read(run.Last) : null;
        if (checkpoint is null)
            run.RequireUntrained();
        else
            RequireSame(RecipeFile.Parse(checkpoint.State.Recipe, run.Last), inFolder, "recipe.yaml of the run", run.Root);
        (ImageSet set, string fingerprint) = Found(run, inFolder, recipe, FolderOf(options), checkpoint?.State);
        // The gate has passed before the first step; what it left out is remembered.
        TrainingData data = checkpoint is null
            ? DataSplit.Of(set, inFolder.Data.Split, inFolder.Seed, fingerprint).Checked(inFolder.Data.Allow, options.Progress, cancellationToken, options.Say)
            : Comparison.Divided(checkpoint.State, set, fingerprint, inFolder);
        if (recipe is not null)
            RequireSame(inFolder, RecipeResolution.Resolve(recipe, data, options.Imagenet), "the recipe given", run.Root);
        if (Path.GetFullPath(set.Root) is string place && place != inFolder.Data.Path)
        {
            inFolder = inFolder with { Data = inFolder.Data with { Path = place } };
            RecipeFile.Write(run.Recipe, inFolder);
        }
        using TrainingSession session = checkpoint is null
            ? TrainingSession.New(run, inFolder, data, options, null)
            : TrainingSession.From(run, inFolder, data, checkpoint, options);
        File.Delete(run.Diverged);
        return session.Run(cancellationToken);
    }

    // The run's data: where the recipe given says, if it is the same there, else where the run's own says.
    private static (ImageSet Set, string Fingerprint) Found(RunFolder run, Recipe inFolder, Recipe? given, string? givenFolder, CheckpointState? state)
    {
        string fix = $"If the data moved, say where it is: sightline train --resume {run.Root} --set data.path=PATH";
        string? elsewhere = given is null ? null : TrainingData.Place(given.Data.Path, givenFolder), own = TrainingData.Place(inFolder.Data.Path, null);
        if (elsewhere is not null && elsewhere != own)
        {
            try
            {
                ImageSet moved = ImageSet.Open(elsewhere, TrainingData.OptionsOf(inFolder.Data));
                string fingerprint = moved.Fingerprint();
                if (own is null || fingerprint == state?.DataFingerprint)
                    return (moved, fingerprint);
            }
            catch (BadInputException) when (own is not null)
            {
                // A recipe that now names something else is no reason not to go on with the run's own data.
            }
        }
        ImageSet set = ImageSet.Open(own ?? TrainingData.Find(given?.Data.Path ?? inFolder.Data.Path, givenFolder, fix), TrainingData.OptionsOf(inFolder.Data));
        return (set, set.Fingerprint());
    }

    private static void RequireSame(Recipe run, Recipe other, string which, string folder)
    {
        // Where the data lies is no part of what was trained: its fingerprint is.
        var differences = RecipeFile.Differences(run, other).Where(d => d.Key != "data.path").ToArray();
        if (differences.Length > 0)
        {
            string list = string.Join("; ", differences.Take(5).Select(d => $"{d.Key} was {d.A}, is {d.B}"));
            throw new BadInputException("resume-recipe", $"The run cannot go on: {which} differs from what it was trained with: {list}.", folder, fix: "Undo the change, or start a new run with it.");
        }
    }

    private static string? FolderOf(RunOptions options) => options.RecipePath is { } path ? Path.GetDirectoryName(Path.GetFullPath(path)) : null;
}
