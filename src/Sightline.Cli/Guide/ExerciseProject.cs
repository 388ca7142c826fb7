using Sightline.Cli.Terminal;

namespace Sightline.Cli.Guide;

/// <summary>
/// Writes an exercise: the files of <c>answers/exercises/NN-name/</c> that a learner gets (a project, a stub, its checks). The reference
/// and the planted mistakes stay behind; they hold the checks to their job in the tests.
/// </summary>
internal static class ExerciseProject
{
    /// <summary>Writes the exercise into a folder.</summary>
    /// <param name="question">The question.</param>
    /// <param name="folder">A folder that is empty or does not exist.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="BadInputException">The question has no exercise, or the folder holds something.</exception>
    public static IReadOnlyList<string> Write(Question question, string folder)
    {
        string from = $"answers/exercises/{question.Number2}-{question.Slug}/";
        List<string> files = [.. QuestionBook.FilesBelow(from).Where(f => !f[from.Length..].Contains('/'))];
        if (files.Count == 0)
            throw new BadInputException("no-exercise", $"Question {question.Id} has no exercise{(question.Exercise ? " yet" : "")}.");
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new BadInputException("folder-not-empty", "The exercise goes into a new or empty folder, and this one holds something.", folder, fix: "Name another.");
        const string shared = "answers/exercises/";
        files.AddRange(QuestionBook.FilesBelow(shared).Where(f => !f[shared.Length..].Contains('/')));
        string root = Checkout.Require("An exercise");
        var written = new List<string>();
        foreach (string file in files)
        {
            string name = Path.GetFileName(file);
            // A project file inside the checkout would be found by tools that look for projects; it is kept under another ending.
            string target = Path.Combine(folder, name.EndsWith(".csproj.template", StringComparison.Ordinal) ? name[..^".template".Length] : name);
            string text = QuestionBook.CodeText(file)!.Replace("$(SightlineRoot)", root, StringComparison.Ordinal);
            AtomicFile.WriteText(target, text);
            written.Add(target);
        }
        // Below a checkout, or any other repository, its rules (package versions, warnings as errors) would reach into the exercise.
        foreach (string name in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
        {
            string target = Path.Combine(folder, name);
            AtomicFile.WriteText(target, "<Project />\n");
            written.Add(target);
        }
        return written;
    }
}
