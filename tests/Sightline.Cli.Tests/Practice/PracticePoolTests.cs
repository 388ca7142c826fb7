using Sightline.Cli.Practice;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Which runs a paper asks.</summary>
public sealed class PracticePoolTests
{
    private static readonly PracticePool Pool = new("unseen", PracticeRuns.All());

    private static string[] Ids(PracticePaper paper) => [.. paper.Questions.Select(q => q.Diagnosed.Run.Id)];

    [Fact]
    public void WhatDidNoHarmOrHasTwoFaultsIsNeverAsked()
    {
        Assert.Equal(PracticeRuns.Healthy + PracticeRuns.Found.Length * PracticeRuns.EachFault + 1, Pool.Runs);
        string[] all = Ids(Pool.Draw(3, Pool.Runs));
        Assert.Equal(Pool.Runs, all.Distinct().Count());
        Assert.DoesNotContain(all, id => id.Contains("seed-4", StringComparison.Ordinal) && !id.Contains("healthy", StringComparison.Ordinal));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pool.Draw(3, Pool.Runs + 1));
    }

    [Fact]
    public void TheSameSeedIsTheSamePaperAndAShorterOneItsBeginning()
    {
        string[] paper = Ids(Pool.Draw(7, 12));
        Assert.Equal(paper, Ids(new PracticePool("unseen", [.. PracticeRuns.All().Reverse()]).Draw(7, 12)));
        Assert.Equal(paper[..5], Ids(Pool.Draw(7, 5)));
        Assert.NotEqual(paper, Ids(Pool.Draw(8, 12)));
    }

    [Fact]
    public void AboutAQuarterIsHealthyAndFaultsTakeTurns()
    {
        var pool = new PracticePool("unseen", [.. PracticeRuns.All(), .. Enumerable.Range(0, 40).Select(PracticeRuns.Calm),
            .. PracticeRuns.Found.SelectMany(c => Enumerable.Range(5, 30).Select(i => PracticeRuns.Fault(i, 0.2, c)))]);
        PracticePaper paper = pool.Draw(1, 80);
        Assert.InRange(paper.Questions.Count(q => q.Cause == "healthy"), 10, 30);
        int[] faults = [.. PracticeRuns.Found.Select(c => paper.Questions.Count(q => q.Cause == c))];
        Assert.InRange(faults.Max() - faults.Min(), 0, 2);
        Assert.Single(paper.Questions, q => q.Cause == "label-noise");
    }

    [Fact]
    public void EachRunComesWithTheSignalThatTellsIt()
    {
        IReadOnlyList<PracticeQuestion> asked = Pool.Draw(3, Pool.Runs).Questions;
        Assert.All(asked.Where(q => q.Cause == "batchnorm-gap"), q => Assert.Equal(ShownBy.Probe, q.Telling?.ShownBy));
        Assert.All(asked.Where(q => q.Cause == "plateau"), q => Assert.Equal(ShownBy.LearningRate, q.Telling?.ShownBy));
        Assert.Null(asked.Single(q => q.Cause == "label-noise").Telling); // found nowhere
        Assert.All(asked.Where(q => q.Cause == "healthy"), q => Assert.Null(q.Telling));
    }

    [Fact]
    public void AStoreThatIsNotThereOrCantBeReadIsOneMessage()
    {
        using var checkout = new PracticeCheckout();
        Assert.Equal(Pool.Runs, PracticePool.Open(checkout.Store, "unseen").Runs);
        Assert.Equal(Ids(Pool.Draw(5, 9)), Ids(PracticePool.Open(checkout.Store, "unseen").Draw(5, 9)));
        Assert.Equal("no-runs", Assert.Throws<BadInputException>(() => PracticePool.Open(checkout.Store, "known")).Code);

        string path = checkout.Store.PathOf("unseen");
        byte[] whole = File.ReadAllBytes(path);
        foreach ((byte[] bytes, string code) in ((byte[], string)[])[(whole[..(whole.Length / 2)], "unreadable-runs"), ("version https://git-lfs"u8.ToArray(), "unreadable-runs"), ([], "no-runs")])
        {
            File.WriteAllBytes(path, bytes);
            Assert.Equal(code, Assert.Throws<BadInputException>(() => PracticePool.Open(checkout.Store, "unseen")).Code);
        }
    }
}
