using Sightline.Bench;

namespace Sightline.Tests;

/// <summary>The verdict of bench's training step.</summary>
public sealed class StepGoalsTests
{
    [Fact]
    public void The_ratio_is_that_of_the_medians_and_decides()
    {
        // Round by round the ratios are 3, 3, 1.5, 1.5, 1.5, so their median is 1.5; the ratio of the medians is 1.8.
        var rounds = new Dictionary<string, IReadOnlyList<double>>
        {
            ["sightline bf16"] = [0.5, 0.6, 1.0, 1.2, 1.4],
            ["pytorch float32 eager"] = [1.5, 1.8, 1.5, 1.8, 2.1],
            ["pytorch bf16 channels-last"] = [0.9, 0.94, 0.95, 1.0, 1.1],
        };
        IReadOnlyList<StepGoal> goals = StepGoals.Of(StepCase.All[0], rounds);
        Assert.Equal(["pytorch float32 eager", "pytorch bf16 channels-last"], goals.Select(g => g.Against));
        Assert.Equal(1.8, goals[0].Ratio, 12);
        Assert.False(goals[0].Met);
        Assert.Equal(0.95, goals[1].Ratio, 12);
        Assert.True(goals[1].Met);
        rounds["pytorch float32 eager"] = [1.9, 1.9, 1.9, 1.9, 1.9];
        Assert.True(StepGoals.Of(StepCase.All[0], rounds)[0].Met);
    }

    [Fact]
    public void Without_PyTorch_there_is_nothing_to_judge() =>
        Assert.Empty(StepGoals.Of(StepCase.All[0], new Dictionary<string, IReadOnlyList<double>> { ["sightline bf16"] = [1, 2, 3] }));
}
