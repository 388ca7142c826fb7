namespace Sightline.Training.Recipes;

/// <summary>Stochastic weight averaging (Izmailov et al. 2018): the last part of a training, at a rate that keeps the weights moving.</summary>
public sealed record SwaRecipe
{
    /// <summary>Epochs before this part, on the schedule as it is without averaging; null is three quarters of all (the paper's choice).</summary>
    public int? FromEpoch { get; init; }

    /// <summary>Learning rate of this part, relative to <c>optimiser.learningRate</c>; the schedule no longer counts.</summary>
    public double Rate { get; init; } = 0.5;

    /// <summary>With cycles: the rate falls by a straight line from <see cref="Rate"/> to this within each (the paper's equation for α(i)); null keeps it constant.</summary>
    public double? LowestRate { get; init; }

    /// <summary>Epochs of a cycle; at the end of each the weights are taken into the average, all counting the same.</summary>
    public int CycleEpochs { get; init; } = 1;

    /// <summary>Over this many epochs the rate moves by half a cosine from the schedule's to this part's; 0 jumps.</summary>
    public double AnnealEpochs { get; init; } = 1;

    /// <summary>The epochs before this part.</summary>
    internal int First(int epochs) => FromEpoch ?? 3 * epochs / 4;

    /// <summary>Whether the weights at the end of an epoch, from 0, are taken in.</summary>
    internal bool Takes(int epoch, int epochs) => epoch + 1 - First(epochs) is > 0 and int past && past % CycleEpochs == 0;

    /// <summary>How many times weights are taken in.</summary>
    internal int Count(int epochs) => (epochs - First(epochs)) / CycleEpochs;
}
