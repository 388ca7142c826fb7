using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary>How a paper ended.</summary>
internal enum PracticeEnd
{
    /// <summary>All was answered.</summary>
    Complete,

    /// <summary>There was no more input.</summary>
    EndOfInput,

    /// <summary>By Ctrl-C.</summary>
    Interrupted,
}

/// <summary>A run that was answered.</summary>
/// <param name="Question">The run.</param>
/// <param name="Said">The answer.</param>
/// <param name="Hints">How many hints were asked for before.</param>
internal sealed record PracticeAnswered(PracticeQuestion Question, string Said, int Hints);

/// <summary>One of those who judge the same runs.</summary>
/// <param name="Key">What documents call it.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Said">What it says first of a run.</param>
internal sealed record PracticeJudge(string Key, string Name, Func<PracticeAnswered, string> Said)
{
    /// <summary>The person, the diagnosis, and the plain rules.</summary>
    public static IReadOnlyList<PracticeJudge> All { get; } =
    [
        new("you", "you", a => a.Said),
        new("diagnose", "sightline diagnose", a => a.Question.Diagnosed.First),
        new("textbook", "textbook rules", a => PlainRules.Textbook(a.Question.Log)),
        new("smoothed-loss", "smoothed validation loss 3.7 % up", a => PlainRules.SmoothedLoss(a.Question.Log)),
    ];
}

/// <summary>A paper with its answers.</summary>
/// <param name="Paper">The paper.</param>
/// <param name="Answered">The runs that were answered, in their order.</param>
/// <param name="End">How it ended.</param>
internal sealed record PracticeResult(PracticePaper Paper, IReadOnlyList<PracticeAnswered> Answered, PracticeEnd End)
{
    /// <summary>The causes that were asked for, in the order of the codes.</summary>
    public IEnumerable<string> Causes => PracticeAnswer.Codes.Where(c => Answered.Any(a => a.Question.Cause == c));

    /// <summary>How often somebody is right.</summary>
    /// <param name="judge">Who.</param>
    /// <returns>The rate over all that was answered.</returns>
    public Rate Right(PracticeJudge judge) => new(Answered.Count(a => judge.Said(a) == a.Question.Cause), Answered.Count);

    /// <summary>How often somebody calls a healthy run sick.</summary>
    /// <param name="judge">Who.</param>
    /// <returns>The rate over the healthy runs.</returns>
    public Rate FalseAlarms(PracticeJudge judge)
    {
        PracticeAnswered[] healthy = [.. Answered.Where(a => a.Question.Diagnosed.IsHealthy)];
        return new Rate(healthy.Count(a => judge.Said(a) is not (DiagnosedRun.Healthy or DiagnosedRun.NotEnoughEvidence)), healthy.Length);
    }

    /// <summary>What somebody says where a cause was asked for.</summary>
    /// <param name="judge">Who.</param>
    /// <param name="cause">The cause.</param>
    /// <returns>What was said how often: what is right first, then the most frequent.</returns>
    public IReadOnlyList<(string Said, int Runs)> Confusion(PracticeJudge judge, string cause) =>
        [.. Answered.Where(a => a.Question.Cause == cause).GroupBy(judge.Said).Select(g => (Said: g.Key, Runs: g.Count()))
            .OrderByDescending(c => c.Said == cause).ThenByDescending(c => c.Runs).ThenBy(c => c.Said, StringComparer.Ordinal)];
}
