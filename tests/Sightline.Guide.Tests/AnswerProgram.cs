namespace Sightline.Tests;

/// <summary>The code answers, each built once for all tests.</summary>
internal static class AnswerProgram
{
    private static readonly Dictionary<string, string> Programs = [];
    private static readonly Lock OneBuild = new();

    /// <summary>Builds an answer of the checkout.</summary>
    /// <param name="answer">Its file, e.g. <c>answers/11-resnet.cs</c>.</param>
    /// <returns>The built assembly.</returns>
    public static string Built(string answer)
    {
        lock (OneBuild) // two builds would write the same rooms
            return Programs.TryGetValue(answer, out string? program) ? program : Programs[answer] = Build(answer);
    }

    private static string Build(string answer)
    {
        string name = Path.GetFileNameWithoutExtension(answer), output = Repository.PathOf($".sightline/answers/{name}");
        SightlineProcess build = SightlineProcess.Start("dotnet", ["build", answer, "-c", "Release", "-o", output, "-v", "quiet", "--nologo"], Repository.Root,
            new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1" });
        Assert.True(build.ExitCode == 0, build.Output + build.Error);
        return Path.Combine(output, name + ".dll");
    }
}
