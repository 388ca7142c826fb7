namespace Sightline.Diagnosis.Rules;

/// <summary>Knows one thing that can be wrong with a training, and how its curves and signals show it.</summary>
internal abstract class Rule
{
    /// <summary>What it finds: one of <see cref="FindingCodes.All"/>.</summary>
    internal abstract string Code { get; }

    /// <summary>Codes that this one brings about: found together with it, they are its symptoms.</summary>
    internal virtual IReadOnlyList<string> Explains => [];

    /// <summary>Looks at a training.</summary>
    /// <param name="curves">Its curves and signals.</param>
    /// <returns>What was found, or null.</returns>
    internal abstract Finding? Look(Curves curves);

    /// <summary>How sure a measurement makes: 0 at one value, 1 at another, in between in proportion; 0 of what is no number.</summary>
    /// <param name="value">The measurement.</param>
    /// <param name="none">Where it says nothing.</param>
    /// <param name="sure">Where it leaves no doubt; below <paramref name="none"/> when small values are the telling ones.</param>
    protected static double Ramp(double value, double none, double sure)
    {
        double share = (value - none) / (sure - none);
        return double.IsNaN(share) ? 0 : Math.Clamp(share, 0, 1);
    }

    /// <summary>A finding of this rule over epochs.</summary>
    /// <param name="confidence">How sure, 0 to 1; rules stay below 1.</param>
    /// <param name="epochs">First and last epoch in which it shows.</param>
    /// <param name="shownBy">Where to look.</param>
    /// <param name="evidence">The numbers.</param>
    /// <param name="confirmation">What would confirm it.</param>
    /// <param name="remedies">What to try.</param>
    /// <returns>The finding.</returns>
    protected Finding Found(double confidence, (double First, double Last) epochs, ShownBy shownBy, FormattableString evidence, string confirmation, params IReadOnlyList<Remedy> remedies) => new()
    {
        Code = Code,
        Confidence = Math.Round(Math.Clamp(confidence, 0, 0.99), 2),
        FirstEpoch = epochs.First,
        LastEpoch = epochs.Last,
        ShownBy = shownBy,
        Evidence = FormattableString.Invariant(evidence),
        Confirmation = confirmation,
        Remedies = remedies,
    };
}
