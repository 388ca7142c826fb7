namespace Sightline.Labs;

/// <summary>
/// Question 19: the network of answers/19-classify.cs on the robot's footage and on CIFAR-10, 3 seeds each; and on the same footage split
/// by frames instead of by drives, which shows how much a leak between neighbouring frames pretends.
/// </summary>
public sealed class ClassifyLab : Lab
{
    /// <inheritdoc/>
    public override string Name => "classify";

    /// <inheritdoc/>
    public override int Question => 19;

    /// <inheritdoc/>
    public override string Title => "ResNet-8 on footage split by drives and by frames, and on CIFAR-10.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "top1";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        for (ulong seed = 1; seed <= 3; seed++)
        {
            foreach (string group in ownData ? (string[])["own-data"] : ["footage", "footage-random-split", "cifar10"])
            {
                cells.Add(new LabCell(group, seed, group == "cifar10" ? 5.0 : 1.5, new Dictionary<string, string> { ["network"] = "cifar_resnet8" },
                    context => throw new BadInputException("lab-unfinished", "This lab cannot run yet.")));
            }
        }
        return cells;
    }
}
