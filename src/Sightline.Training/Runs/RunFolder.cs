using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>The files of a run. One process at a time writes it.</summary>
public sealed class RunFolder
{
    /// <summary>Names the files below <paramref name="path"/>; creates nothing.</summary>
    /// <param name="path">The folder.</param>
    public RunFolder(string path) => Root = System.IO.Path.GetFullPath(path);

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The resolved recipe, every default spelled out.</summary>
    public string Recipe => File("recipe.yaml");

    /// <summary>Versions, machine, seed, fingerprints, precision, hash of the final weights.</summary>
    public string Environment => File("environment.json");

    /// <summary>One row per epoch; see <see cref="MetricsLog"/>.</summary>
    public string Metrics => File("metrics.csv");

    /// <summary>One row every few steps; see <see cref="SignalsLog"/>.</summary>
    public string Signals => File("signals.csv");

    /// <summary>One row per epoch beside the metrics; see <see cref="ProbeLog"/>.</summary>
    public string Probe => File("probe.csv");

    /// <summary>The final score on the test images, when there are any.</summary>
    public string Evaluation => File("evaluation.json");

    /// <summary>There only when the training ended without a finite loss: where and why.</summary>
    public string Diverged => File("diverged.json");

    /// <summary>The report for people.</summary>
    public string Report => File("report.html");

    /// <summary>Where event files for TensorBoard stand.</summary>
    public string Events => File("events");

    /// <summary>Where checkpoints stand.</summary>
    public string Checkpoints => File("checkpoints");

    /// <summary>The whole state at the last save; a resume goes on from it.</summary>
    public string Last => System.IO.Path.Combine(Checkpoints, "last.safetensors");

    /// <summary>The weights of the epoch with the best validation accuracy.</summary>
    public string Best => System.IO.Path.Combine(Checkpoints, "best.safetensors");

    /// <summary>Whether a run was begun here.</summary>
    public bool HasRun => System.IO.File.Exists(Recipe);

    /// <summary>Makes sure that a new run can stand here.</summary>
    /// <exception cref="BadInputException">A run or something else stands there already.</exception>
    public void RequireFree()
    {
        if (HasRun)
            throw new BadInputException("run-exists", "This folder already holds a run.", Root, fix: $"Go on with it by 'sightline train --resume {Root}', or choose another folder by --out.");
        if (System.IO.File.Exists(Root) || (Directory.Exists(Root) && Directory.EnumerateFileSystemEntries(Root).Any(e => !IsLeftover(e))))
            throw new BadInputException("run-folder-taken", "This folder is not empty; a run needs one of its own.", Root, fix: "Choose another folder by --out.");
    }

    /// <summary>Creates the folder for a new run.</summary>
    /// <exception cref="BadInputException">A run or something else stands there already, or it cannot be written.</exception>
    public void CreateNew()
    {
        RequireFree();
        try
        {
            Directory.CreateDirectory(Checkpoints);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException("run-folder-unwritable", $"The folder cannot be created: {exception.Message}", Root, fix: "Choose another folder by --out.", inner: exception);
        }
    }

    /// <summary>Makes sure a run was begun here.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public void RequireRun()
    {
        if (!HasRun)
            throw new BadInputException("run-missing", Directory.Exists(Root) ? "There is no run in this folder: recipe.yaml is missing." : "There is no such run folder.", Root, fix: "Name a folder that sightline train made, e.g. runs/first.");
    }

    /// <summary>Makes sure that beginning the run from its start, which is all that is left without its last checkpoint, loses nothing.</summary>
    /// <exception cref="BadInputException">Epochs were trained already.</exception>
    public void RequireUntrained()
    {
        int epochs = System.IO.File.Exists(Metrics) ? System.IO.File.ReadLines(Metrics).Skip(1).Count() : 0;
        if (epochs == 0)
            return;
        string rest = System.IO.File.Exists(Best)
            ? $"{Best} is still there: evaluate and export use it, and a new run can start from it by --set network.weights={Best}."
            : "Or start a new run, in another folder by --out.";
        throw new BadInputException("checkpoint-lost", $"{epochs} epoch{(epochs == 1 ? " stands" : "s stand")} in metrics.csv, but the checkpoint to go on from is gone; going on would begin anew and overwrite them.",
            Last, fix: $"Put it back from a copy. {rest}");
    }

    /// <summary>Takes the folder for this process until disposed; also when the process is killed.</summary>
    /// <returns>The lock.</returns>
    /// <exception cref="BadInputException">Another process trains here, or the folder cannot be written.</exception>
    public IDisposable Lock()
    {
        string path = File(LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new BadInputException("run-folder-unwritable", "The run folder cannot be written.", Root, fix: "Make it writable, or copy it to where it is.", inner: exception);
        }
        catch (IOException exception)
        {
            bool readOnly = exception.Message.Contains("Read-only", StringComparison.OrdinalIgnoreCase) || exception.Message.Contains("denied", StringComparison.OrdinalIgnoreCase) || exception.Message.Contains("permitted", StringComparison.OrdinalIgnoreCase);
            throw readOnly
                ? new BadInputException("run-folder-unwritable", $"The run folder cannot be written: {exception.Message}", Root, fix: "Make it writable, or copy it to where it is.", inner: exception)
                : new BadInputException("run-busy", "Another process is training in this folder.", Root, fix: "Wait for it, or end it.", inner: exception);
        }
    }

    /// <summary>
    /// Where a run's recipe says that its data lies: it knows of a move that an older checkpoint doesn't, and a checkpoint may lie alone.
    /// </summary>
    /// <param name="checkpoint">A checkpoint's path.</param>
    /// <returns>The path; null when there is no recipe beside the checkpoint or nothing lies where it says.</returns>
    internal static string? DataPathOf(string checkpoint)
    {
        string? folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(checkpoint)));
        if (folder is null || new RunFolder(folder) is not { HasRun: true } run)
            return null;
        try
        {
            string path = RecipeFile.Read(run.Recipe).Data.Path;
            return System.IO.Path.Exists(path) ? path : null;
        }
        catch (BadInputException)
        {
            // The checkpoint's own recipe serves.
            return null;
        }
    }

    /// <summary>Removes the files of a run that failed before its first checkpoint, as far as they can be.</summary>
    public void RemoveBegun()
    {
        try
        {
            RemoveLeftovers();
            foreach (string file in (string[])[Recipe, Environment, Metrics, Signals, Probe, Diverged, File(LockName)])
                System.IO.File.Delete(file);
            foreach (string folder in new[] { Events, Checkpoints }.Where(Directory.Exists))
                Directory.Delete(folder, recursive: true);
            if (!Directory.EnumerateFileSystemEntries(Root).Any())
                Directory.Delete(Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What made the start fail is the one to report.
        }
    }

    /// <summary>Removes what an interrupted write left behind.</summary>
    public void RemoveLeftovers()
    {
        foreach (string folder in new[] { Root, Checkpoints }.Where(Directory.Exists))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.tmp"))
                System.IO.File.Delete(file);
        }
    }

    // What a run killed before its recipe was written leaves behind.
    private bool IsLeftover(string entry) => System.IO.Path.GetFileName(entry) == LockName || entry.EndsWith(".tmp", StringComparison.Ordinal)
        || (entry == Checkpoints && Directory.Exists(entry) && !Directory.EnumerateFileSystemEntries(entry).Any());

    private const string LockName = ".lock";

    private string File(string name) => System.IO.Path.Combine(Root, name);
}
