namespace Sightline.Training.Sweeping;

/// <summary>The one training of a learning-rate range test.</summary>
internal static class RangeTestTraining
{
    /// <summary>Makes sure that a plan is one of a range test.</summary>
    /// <exception cref="BadInputException">It varies something else (<c>sweep-range-test</c>).</exception>
    public static void Check(SweepPlan plan)
    {
        if (plan.Over is not [ValueRange { Scale: RangeScale.Log } range] || range.Key.Path != SweptKey.LearningRate)
            throw new BadInputException("sweep-range-test", $"A range test raises the learning rate from one end of a range to the other, and nothing else; this would vary {string.Join(' ', plan.Over)}.", fix: "For example --over lr=1e-5..1e1:log, or :log:200 for 200 steps instead of 100.");
    }
}
