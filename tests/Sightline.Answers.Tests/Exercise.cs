namespace Sightline.Tests;

/// <summary>A usual mistake: a class made from the reference by one replacement, and the words that have to name it.</summary>
internal sealed record PlantedMistake(string Class, string From, string To, string Named);

/// <summary>Holds an exercise to its job: the stub says that it is not written, the reference passes, each mistake is named.</summary>
internal static class Exercise
{
    /// <summary>Writes the exercise of a question, builds it with the mistakes beside it, and runs its checks on each.</summary>
    /// <param name="question">The question's number.</param>
    /// <param name="reference">The reference's file below answers/exercises/.</param>
    /// <param name="program">The name of the exercise's program.</param>
    /// <param name="mistakes">What must be caught.</param>
    public static void Check(int question, string reference, string program, params PlantedMistake[] mistakes)
    {
        // Below the checkout, where a reader would put an exercise: the checkout's rules must not reach into it.
        string folder = Directory.CreateDirectory(Path.Combine(Repository.Root, ".sightline", $"exercise-{question}-{Guid.NewGuid():N}")).FullName;
        try
        {
            string project = Path.Combine(folder, "exercise");
            SightlineProcess written = SightlineProcess.Run("ask", question.ToString(System.Globalization.CultureInfo.InvariantCulture), "--exercise", project);
            Assert.True(written.ExitCode == 0, written.Error);
            // The stub keeps its name; the reference and the mistakes stand beside it under names of their own.
            string text = Repository.Read("answers/exercises/" + reference), name = Path.GetFileNameWithoutExtension(reference);
            int start = text.IndexOf($"public sealed class {name}", StringComparison.Ordinal);
            (string usings, string body) = (text[..start], text[start..]);
            IEnumerable<string> variants = mistakes.Select(m =>
            {
                Assert.Contains(m.From, body);
                return Renamed(body.Replace(m.From, m.To, StringComparison.Ordinal), name, m.Class);
            });
            File.WriteAllText(Path.Combine(project, "Variants.cs"), usings + Renamed(body, name, "Reference") + string.Join("\n", variants));
            SightlineProcess build = SightlineProcess.Start("dotnet", ["build", project, "-c", "Release", "-o", Path.Combine(folder, "bin"), "-v", "quiet", "--nologo"],
                project, new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1" });
            Assert.True(build.ExitCode == 0, build.Output + build.Error);

            string assembly = Path.Combine(folder, "bin", program + ".dll");
            SightlineProcess stub = SightlineProcess.Start("dotnet", [assembly], folder);
            Assert.Equal(1, stub.ExitCode);
            Assert.Contains("not written yet", stub.Output);
            SightlineProcess right = SightlineProcess.Start("dotnet", [assembly, "Reference"], folder);
            Assert.True(right.ExitCode == 0, right.Output + right.Error);
            Assert.Contains("All checks passed.", right.Output);
            Parallel.ForEach(mistakes, new ParallelOptions { MaxDegreeOfParallelism = 2 }, mistake =>
            {
                SightlineProcess run = SightlineProcess.Start("dotnet", [assembly, mistake.Class], folder);
                Assert.True(run.ExitCode == 1, mistake.Class + " passed:\n" + run.Output);
                Assert.True(run.Output.Contains(mistake.Named, StringComparison.Ordinal), $"{mistake.Class} is not named:\n{run.Output}");
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Renamed(string body, string name, string to) =>
        System.Text.RegularExpressions.Regex.Replace(body, $@"\b{name}\b", to);
}
