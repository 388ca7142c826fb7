using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>The files of a sweep. One process at a time writes it.</summary>
public sealed class SweepFolder
{
    /// <summary>Names the files below <paramref name="path"/>; creates nothing.</summary>
    /// <param name="path">The folder.</param>
    public SweepFolder(string path) => Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The plan, and how each trial stands; see <see cref="SweepFile"/>.</summary>
    public string State => Path.Combine(Root, "sweep.json");

    /// <summary>All of it for people.</summary>
    public string Page => Path.Combine(Root, "sweep.html");

    /// <summary>Whether a sweep was begun here.</summary>
    public bool HasSweep => File.Exists(State);

    /// <summary>The run folder of a trial.</summary>
    /// <param name="trial">The trial.</param>
    /// <returns>The folder; it may not be there yet.</returns>
    public RunFolder RunOf(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return new RunFolder(Path.Combine(Root, trial.Name));
    }

    /// <summary>Makes sure that a new sweep can stand here.</summary>
    /// <exception cref="BadInputException">A sweep or something else stands there already.</exception>
    public void RequireFree()
    {
        if (HasSweep)
            throw new BadInputException("sweep-exists", "This folder already holds a sweep.", Root, fix: $"Go on with it by 'sightline sweep --resume {Root}', or choose another folder by --out.");
        if (File.Exists(Root) || (Directory.Exists(Root) && Directory.EnumerateFileSystemEntries(Root).Any(e => Path.GetFileName(e) != LockName && !e.EndsWith(".tmp", StringComparison.Ordinal))))
            throw new BadInputException("sweep-folder-taken", "This folder is not empty; a sweep needs one of its own.", Root, fix: "Choose another folder by --out.");
    }

    /// <summary>Makes sure a sweep was begun here.</summary>
    /// <exception cref="BadInputException">There is none (<c>sweep-missing</c>).</exception>
    public void RequireSweep()
    {
        if (!HasSweep)
            throw new BadInputException("sweep-missing", Directory.Exists(Root) ? "There is no sweep in this folder: sweep.json is missing." : "There is no such sweep folder.", Root, fix: "Name a folder that sightline sweep made.");
    }

    /// <summary>Takes the folder for this process until disposed; also when the process is killed. Creates it.</summary>
    /// <returns>The lock.</returns>
    /// <exception cref="BadInputException">Another process sweeps here, or the folder cannot be written.</exception>
    public IDisposable Lock()
    {
        try
        {
            Directory.CreateDirectory(Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException("sweep-folder-unwritable", $"The folder cannot be created: {exception.Message}", Root, fix: "Choose another folder by --out.", inner: exception);
        }
        try
        {
            return new FileStream(Path.Combine(Root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new BadInputException("sweep-folder-unwritable", "The sweep's folder cannot be written.", Root, fix: "Make it writable, or copy it to where it is.", inner: exception);
        }
        catch (IOException exception)
        {
            throw new BadInputException("sweep-busy", "Another process is sweeping in this folder.", Root, fix: "Wait for it, or end it.", inner: exception);
        }
    }

    /// <summary>Removes what an interrupted write left behind.</summary>
    public void RemoveLeftovers()
    {
        foreach (string file in Directory.EnumerateFiles(Root, "*.tmp"))
            File.Delete(file);
    }

    private const string LockName = ".lock";
}
