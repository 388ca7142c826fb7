namespace Sightline.Tests;

/// <summary>A copy of the built program, made of links, from which libraries can be taken away.</summary>
internal sealed class ProgramCopy : IDisposable
{
    public ProgramCopy(Predicate<string> leaveOut)
    {
        // Beside the original, so that hard links work.
        Folder = Path.Combine(AppContext.BaseDirectory, "..", "copy-" + Guid.NewGuid().ToString("N"));
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(AppContext.BaseDirectory, file);
            bool needed = !relative.StartsWith("runtimes", StringComparison.Ordinal) || relative.Contains("linux-x64", StringComparison.Ordinal);
            if (!needed || leaveOut(Path.GetFileName(file)))
                continue;
            string target = Path.Combine(Folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.CreateSymbolicLink(target, file);
        }
        // The host resolves the program's own folder through links: these three must be real.
        foreach (string name in (string[])["sightline.dll", "sightline.deps.json", "sightline.runtimeconfig.json"])
        {
            string target = Path.Combine(Folder, name);
            File.Delete(target);
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), target);
        }
    }

    public string Folder { get; }

    public SightlineProcess RunIn(string folder, string input, params string[] arguments) =>
        SightlineProcess.Start("dotnet", [Path.Combine(Folder, "sightline.dll"), .. arguments], folder, input: input);

    public SightlineProcess Run(params string[] arguments) =>
        SightlineProcess.Start("dotnet", [Path.Combine(Folder, "sightline.dll"), .. arguments], Repository.Root);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
