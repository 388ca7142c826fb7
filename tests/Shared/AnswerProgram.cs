namespace Sightline.Tests;

/// <summary>The code answers, each built once for all tests of a build, whichever process asks first.</summary>
internal static class AnswerProgram
{
    private static readonly Dictionary<string, string> Programs = [];
    private static readonly Lock OneAsks = new();

    /// <summary>Builds an answer of the checkout.</summary>
    /// <param name="answer">Its file, e.g. <c>answers/11-resnet.cs</c>.</param>
    /// <returns>The built assembly.</returns>
    public static string Built(string answer)
    {
        lock (OneAsks)
            return Programs.TryGetValue(answer, out string? program) ? program : Programs[answer] = Build(answer);
    }

    private static string Build(string answer)
    {
        string name = Path.GetFileNameWithoutExtension(answer), output = Repository.PathOf($".sightline/answers/{name}"), mark = output + ".built";
        using FileStream alone = Alone();
        if (!IsFresh(mark, answer))
        {
            SightlineProcess build = SightlineProcess.Start("dotnet", ["build", answer, "-c", "Release", "-o", output, "-v", "quiet", "--nologo"], Repository.Root,
                new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1" });
            Assert.True(build.ExitCode == 0, build.Output + build.Error);
            File.WriteAllText(mark, "");
        }
        return Path.Combine(output, name + ".dll");
    }

    // Two builds at once would write the same rooms: other test processes wait.
    private static FileStream Alone()
    {
        Directory.CreateDirectory(Repository.PathOf(".sightline/answers"));
        for (int i = 0; ; i++)
        {
            try
            {
                return new FileStream(Repository.PathOf(".sightline/answers/.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (i < 6000)
            {
                Thread.Sleep(100);
            }
        }
    }

    // Built since the answer and the rooms were.
    private static bool IsFresh(string mark, string answer) => File.Exists(mark) && Directory.EnumerateFiles(AppContext.BaseDirectory, "Sightline.*.dll").Append(Repository.PathOf(answer))
        .All(f => File.GetLastWriteTimeUtc(f) <= File.GetLastWriteTimeUtc(mark));
}
