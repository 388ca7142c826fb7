namespace Sightline.Labs;

/// <summary>An experiment: a resumable list of cells, each small enough for a coffee.</summary>
public abstract class Lab
{
    /// <summary>What is typed, e.g. <c>resnet</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The number of the question it serves.</summary>
    public abstract int Question { get; }

    /// <summary>What it compares, in one sentence.</summary>
    public abstract string Title { get; }

    /// <summary>The most minutes that all cells together may be expected to take on two idle cores.</summary>
    public abstract double BudgetMinutes { get; }

    /// <summary>Whether it can run on the reader's own data.</summary>
    public virtual bool TakesData => false;

    /// <summary>The metric that a rerun is held to.</summary>
    public abstract string Headline { get; }

    /// <summary>The cells, in the order in which they run.</summary>
    /// <param name="ownData">Whether the reader brings data; the list may be shorter then.</param>
    /// <returns>The cells.</returns>
    public abstract IReadOnlyList<LabCell> Cells(bool ownData = false);

    /// <summary>All labs. Listing them loads no libtorch.</summary>
    public static IReadOnlyList<Lab> All { get; } =
    [
        new ResNetLab(), new ClassifyLab(), new DropoutLab(), new BackpropagationLab(), new ConvolutionLab(), new InceptionLab(), new MobileNetLab(),
        new PapersLab(), new OverfittingLab(), new UnbalancedLab(), new WhereLab(), new CurvesLab(), new DeploymentLab(),
    ];

    /// <summary>Finds a lab.</summary>
    /// <param name="name">What was typed.</param>
    /// <returns>The lab.</returns>
    /// <exception cref="BadInputException">There is none of this name; the message holds the nearest.</exception>
    public static Lab Find(string name)
    {
        Lab? lab = All.FirstOrDefault(l => l.Name == name);
        if (lab is not null)
            return lab;
        string? nearest = NearestName.Find(name, All.Select(l => l.Name));
        throw new BadInputException("unknown-lab", $"There is no lab '{name}'.", fix: nearest is null ? $"There are: {string.Join(", ", All.Select(l => l.Name))}." : $"Did you mean '{nearest}'?");
    }
}
