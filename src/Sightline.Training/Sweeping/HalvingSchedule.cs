namespace Sightline.Training.Sweeping;

/// <summary>A rung: so many trials are trained until so many epochs.</summary>
/// <param name="Trials">How many take part.</param>
/// <param name="Epochs">Epochs that each has behind it at its end, since its beginning.</param>
public readonly record struct Rung(int Trials, int Epochs);

/// <summary>
/// Successive halving: of n trials trained for r epochs the best n / η go on to r · η, and so on to the recipe's epochs (Jamieson and
/// Talwalkar 2016, algorithm 1 with η for 2; the inner loop of Hyperband, Li et al. 2018).
/// </summary>
public static class HalvingSchedule
{
    /// <summary>The rungs.</summary>
    /// <param name="trials">How many trials begin; at least 1.</param>
    /// <param name="epochs">The recipe's epochs: the last rung.</param>
    /// <param name="eta">One in this many goes on; at least 2.</param>
    /// <param name="minEpochs">Epochs of the first rung; null takes epochs / η^s with the s halvings that leave one trial.</param>
    /// <returns>Rungs of rising epochs and falling numbers of trials. One trial that is left goes to the end without further stops.</returns>
    public static IReadOnlyList<Rung> Rungs(int trials, int epochs, int eta, int? minEpochs = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(eta, 2);
        int halvings = 0;
        for (int left = trials; left > 1; left /= eta)
            halvings++;
        double reach = minEpochs ?? Math.Max(1, Math.Floor(epochs / Math.Pow(eta, halvings)));
        var rungs = new List<Rung>();
        for (; trials > 1 && reach < epochs; reach *= eta)
        {
            rungs.Add(new Rung(trials, (int)reach));
            trials = Math.Max(1, trials / eta);
        }
        return [.. rungs, new Rung(trials, epochs)];
    }

    /// <summary>Epochs trained in all, when no trial ends early.</summary>
    /// <param name="rungs">The rungs.</param>
    /// <returns>The sum over rungs of trials times the epochs that each adds.</returns>
    public static long TotalEpochs(IReadOnlyList<Rung> rungs)
    {
        ArgumentNullException.ThrowIfNull(rungs);
        return rungs.Select((r, i) => (long)r.Trials * (r.Epochs - (i == 0 ? 0 : rungs[i - 1].Epochs))).Sum();
    }
}
