using Sightline.Cli.Terminal;

namespace Sightline.Cli.Guide;

/// <summary>Runs a code answer: <c>dotnet run answers/NN-name.cs</c>, its output passed through.</summary>
internal static class CodeRun
{
    /// <summary>Starts it and waits.</summary>
    /// <param name="question">The question.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">There is no code, no checkout or no SDK.</exception>
    public static int Start(Question question)
    {
        string path = question.Code ?? throw new BadInputException("no-code", $"Question {question.Id} has no code answer to run{(question.State == "open" ? " yet: it is open" : "")}.");
        string root = Checkout.Require("--rerun");
        Messages.Note($"dotnet run {path}");
        return DotnetSdk.Run(["run", Path.Combine(root, path)], root, quiet: false).ExitCode == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
