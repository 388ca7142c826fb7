using System.Text.Json;

namespace Sightline.Tests;

/// <summary><c>sightline ask 1 --practice</c> as a person types it.</summary>
public sealed class PracticeVerbTests
{
    private static SightlineProcess Run(string folder, string input, params string[] arguments) =>
        SightlineProcess.Start("dotnet", [SightlineProcess.Assembly, "ask", .. arguments], folder, input: input);

    [Fact]
    public void JsonIsThePapersResultAndQuestionsGoToStandardError()
    {
        using var checkout = new PracticeCheckout();
        SightlineProcess run = Run(checkout.Folder, "1\nhealthy\n", "1", "--practice", "--n", "4", "--seed", "5", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Run 3 of 4", run.Error, StringComparison.Ordinal);
        Assert.Contains("2 of 4 runs answered", run.Error, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(("unseen", 5, 4, 2, "end-of-input"), (root.GetProperty("half").GetString(), root.GetProperty("seed").GetInt32(), root.GetProperty("asked").GetInt32(),
            root.GetProperty("answered").GetInt32(), root.GetProperty("end").GetString()));
        JsonElement[] runs = [.. root.GetProperty("runs").EnumerateArray()];
        Assert.Equal(["overfitting", "healthy"], runs.Select(r => r.GetProperty("you").GetString()));
        Assert.All(runs, r => Assert.Contains(r.GetProperty("cause").GetString()!, r.GetProperty("run").GetString(), StringComparison.Ordinal));
        Assert.All(runs, r => Assert.Equal(r.GetProperty("cause").GetString() == "healthy" ? JsonValueKind.Null : JsonValueKind.Number, r.GetProperty("strength").ValueKind));
        foreach (JsonElement score in root.GetProperty("scores").EnumerateArray())
        {
            string by = score.GetProperty("by").GetString()!;
            Assert.Equal(runs.Count(r => r.GetProperty(by).GetString() == r.GetProperty("cause").GetString()), score.GetProperty("right").GetProperty("hits").GetInt32());
            Assert.Equal(2, root.GetProperty("confusion").EnumerateArray().Where(c => c.GetProperty("by").GetString() == by).Sum(c => c.GetProperty("runs").GetInt32()));
        }
    }

    [Fact]
    public void ASeedIsChosenAndTold()
    {
        using var checkout = new PracticeCheckout();
        SightlineProcess run = Run(checkout.Folder, "", "1", "--practice");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("What is wrong with this training, if anything?", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"0 of 1 run answered, chosen from 18\. The same paper: sightline ask 1 --practice --n 1 --seed \d+", run.Output);
    }

    [Theory]
    [InlineData("2 --practice", "Only question 1 can be practised.")]
    [InlineData("--practice", "Only question 1 can be practised.")]
    [InlineData("1 --n 3", "--n goes with --practice.")]
    [InlineData("1 --seed 3", "--seed goes with --practice.")]
    [InlineData("1 --practice --n 0", "--n 0 asks no run.")]
    [InlineData("1 --practice --n 19", "--n 19 is more than the 18 runs that can be asked.")]
    [InlineData("1 --practise", "Did you mean '--practice'?")]
    public void WhatMakesNoSenseIsRefused(string line, string says)
    {
        using var checkout = new PracticeCheckout();
        SightlineProcess run = Run(checkout.Folder, "", line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void AMissingStoreIsOneMessage()
    {
        using var checkout = new PracticeCheckout();
        File.Delete(checkout.Store.PathOf("unseen"));
        SightlineProcess run = Run(checkout.Folder, "", "1", "--practice");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("The runs to practise on are not here.", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
