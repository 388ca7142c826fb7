using Sightline.Cli.Terminal;

namespace Sightline.Cli.Practice;

/// <summary>Asks the runs of a paper one after the other.</summary>
/// <param name="input">Where answers come from, one a line.</param>
/// <param name="output">Where questions and their solutions go.</param>
/// <param name="echo">Whether answers are written out, which a terminal does by itself.</param>
internal sealed class PracticeSession(TextReader input, TextWriter output, bool echo)
{
    private readonly PracticeScreen screen = new(output);

    /// <summary>Asks until all is answered, or there is no more input, or somebody interrupts.</summary>
    /// <param name="paper">The paper.</param>
    /// <param name="cancellationToken">Interrupts also while an answer is awaited.</param>
    /// <returns>The answers so far.</returns>
    public PracticeResult Run(PracticePaper paper, CancellationToken cancellationToken)
    {
        var answered = new List<PracticeAnswered>();
        PracticeEnd end = PracticeEnd.Complete;
        try
        {
            foreach ((int i, PracticeQuestion question) in paper.Questions.Index())
            {
                screen.Ask(question, i + 1, paper.Questions.Count);
                if (Answer(question, cancellationToken) is not { } answer)
                {
                    end = PracticeEnd.EndOfInput;
                    break;
                }
                answered.Add(answer);
                screen.Solve(answer);
            }
        }
        catch (OperationCanceledException)
        {
            end = PracticeEnd.Interrupted;
        }
        if (end != PracticeEnd.Complete)
            output.WriteLine();
        return new PracticeResult(paper, answered, end);
    }

    private PracticeAnswered? Answer(PracticeQuestion question, CancellationToken cancellationToken)
    {
        for (int hints = 0; ;)
        {
            output.Write($"Code (1–{PracticeAnswer.Codes.Count}, a name or its beginning; ? for a hint): ");
            output.Flush();
            if (ReadLine(cancellationToken) is not string line)
                return null;
            if (echo)
                output.WriteLine(line);
            var answer = PracticeAnswer.Parse(line);
            if (answer.Code is string code)
                return new PracticeAnswered(question, code, hints);
            if (answer.IsHint)
                hints += screen.Hint(question, hints) ? 1 : 0;
            else
                WrappedText.Write(output, answer.Refused!, "");
        }
    }

    // The read can't be interrupted: it is left behind.
    private string? ReadLine(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken).GetAwaiter().GetResult();
    }
}
