using Sightline.Cli.Practice;
using Sightline.Injuries;

namespace Sightline.Tests;

/// <summary>A paper with answers that were written before.</summary>
public sealed class PracticeSessionTests
{
    private static readonly PracticePool Pool = new("unseen", PracticeRuns.All());
    private static readonly PracticePaper Paper = Pool.Draw(3, Pool.Runs);

    private static PracticeJudge Judge(string key) => PracticeJudge.All.Single(j => j.Key == key);

    private static (PracticeResult Result, string Shown) Run(PracticePaper paper, params IEnumerable<string> lines)
    {
        using var output = new StringWriter();
        PracticeResult result = new PracticeSession(new StringReader(string.Concat(lines.Select(l => l + "\n"))), output, echo: true).Run(paper, CancellationToken.None);
        PracticeScore.Print(output, result);
        return (result, output.ToString());
    }

    [Fact]
    public void AnswersAreScoredBesideTheDiagnosisAndThePlainRules()
    {
        // Right in all but what is called a plateau and one that is healthy.
        PracticeQuestion alarmed = Paper.Questions.First(q => q.Cause == "healthy");
        string[] answers = [.. Paper.Questions.Select(q => q == alarmed ? "leak" : q.Cause == "plateau" ? "over-regularised" : q.Cause)];
        (PracticeResult result, string shown) = Run(Paper, answers);

        Assert.Equal(PracticeEnd.Complete, result.End);
        Assert.Equal(new Rate(Pool.Runs - PracticeRuns.EachFault - 1, Pool.Runs), result.Right(Judge("you")));
        Assert.Equal(new Rate(1, PracticeRuns.Healthy), result.FalseAlarms(Judge("you")));
        Assert.Equal([("over-regularised", 3)], result.Confusion(Judge("you"), "plateau"));
        Assert.Equal([("healthy", 4), ("leak", 1)], result.Confusion(Judge("you"), "healthy"));
        // The diagnosis misses the label noise alone; the plain rule knows overfitting alone.
        Assert.Equal(new Rate(Pool.Runs - 1, Pool.Runs), result.Right(Judge("diagnose")));
        Assert.Equal([("healthy", 1)], result.Confusion(Judge("diagnose"), "label-noise"));
        Assert.Equal(new Rate(PracticeRuns.Healthy + PracticeRuns.EachFault, Pool.Runs), result.Right(Judge("smoothed-loss")));
        Assert.Equal(["overfitting", "learning-rate-too-low", "plateau", "label-noise", "batchnorm-gap", "healthy"], result.Causes);

        Assert.Contains("18 of 18 runs answered, chosen from 18.", shown, StringComparison.Ordinal);
        Assert.Contains("--n 18 --seed 3", shown, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^you +14 of 18  77\.8 % \([\d.]+–[\d.]+\) +1 of 5  20\.0 %", shown);
        Assert.Matches(@"(?m)^plateau +3  3 over-regularised +3 right", shown);
        Assert.Contains("No: it is plateau, strength 2 of 3; you said over-regularised.", shown, StringComparison.Ordinal);
        Assert.Contains("told by:   loss of the probe", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public void AQuestionTellsNothingOfItsAnswer()
    {
        foreach (PracticeQuestion question in Paper.Questions)
        {
            string asked = Run(Paper with { Questions = [question] }, [.. Enumerable.Repeat("?", 9)]).Shown;
            Assert.DoesNotContain(question.Diagnosed.Run.Id, asked, StringComparison.Ordinal);
            Assert.DoesNotContain("strength", asked, StringComparison.Ordinal);
            Assert.Equal(2, asked.Split(question.Cause).Length); // in the list of codes
            Assert.Contains("loss, epochs 1–30", asked, StringComparison.Ordinal);
            Assert.Contains("accuracy, epochs 1–30", asked, StringComparison.Ordinal);
            Assert.Contains("learning rate", asked, StringComparison.Ordinal);
            Assert.Contains("1,500 training and 400 validation images in 10 classes, 32 to a step", asked, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void HintsAreCountedAsLongAsThereAreSome()
    {
        (PracticeResult result, string shown) = Run(Pool.Draw(3, 1), [.. Enumerable.Repeat("", 8), "?", "22"]);
        Assert.Equal(7, Assert.Single(result.Answered).Hints); // five signals, the predictions, the regularisers
        Assert.Contains("gradient norm, epochs 1–30", shown, StringComparison.Ordinal);
        Assert.Contains("Validation images taken for each class in the last epoch: 56", shown, StringComparison.Ordinal);
        Assert.Equal(3, shown.Split("That is all there is of it.").Length);
    }

    [Fact]
    public void TheEndOfInputEndsWithTheScoreSoFar()
    {
        (PracticeResult result, string shown) = Run(Paper, "1", "no such thing", "healthy", "2", "?");
        Assert.Equal((PracticeEnd.EndOfInput, 3), (result.End, result.Answered.Count));
        Assert.Equal(["overfitting", "healthy", "underfitting"], result.Answered.Select(a => a.Said));
        Assert.Contains("3 of 18 runs answered", shown, StringComparison.Ordinal);

        (PracticeResult none, string nothing) = Run(Paper);
        Assert.Empty(none.Answered);
        Assert.EndsWith("--seed 3\n", nothing, StringComparison.Ordinal);
    }

    [Fact]
    public void AnInterruptionEndsWithTheScoreSoFar()
    {
        using var source = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        using var input = new Waiting("22", source, never);
        PracticeResult result = new PracticeSession(input, TextWriter.Null, echo: false).Run(Paper, source.Token);
        never.Set();
        Assert.Equal((PracticeEnd.Interrupted, 1), (result.End, result.Answered.Count));
    }

    [Theory]
    [InlineData("1", "overfitting")]
    [InlineData(" 22 ", "healthy")]
    [InlineData("Leak", "leak")]
    [InlineData("plat", "plateau")]
    [InlineData("learning rate too h", "learning-rate-too-high")]
    [InlineData("over_r", "over-regularised")]
    public void ANumberACodeOrItsBeginningIsTaken(string line, string code) => Assert.Equal(new PracticeAnswer(code, null), PracticeAnswer.Parse(line));

    [Theory]
    [InlineData("0", "There is no number 0: they go from 1 to 22.")]
    [InlineData("23", "There is no number 23")]
    [InlineData("over", "'over' can be overfitting or over-regularised.")]
    [InlineData("l", "'l' can be learning-rate-too-high, learning-rate-too-low, leak or label-noise.")]
    [InlineData("overfiting", "Did you mean 'overfitting'?")]
    [InlineData("over-regularized", "Did you mean 'over-regularised'?")]
    [InlineData("the weather", "There is no code 'the weather'.")]
    public void WhatIsNoCodeIsAskedAgain(string line, string says)
    {
        var answer = PracticeAnswer.Parse(line);
        Assert.Null(answer.Code);
        Assert.False(answer.IsHint);
        Assert.Contains(says, answer.Refused, StringComparison.Ordinal);
    }

    // One line; then somebody interrupts while the next is awaited.
    private sealed class Waiting(string first, CancellationTokenSource source, ManualResetEventSlim never) : TextReader
    {
        private bool given;

        public override string? ReadLine()
        {
            if (!given)
            {
                given = true;
                return first;
            }
            source.Cancel();
            never.Wait(TimeSpan.FromSeconds(30));
            return null;
        }
    }
}
