using System.Globalization;

namespace Sightline.Models.Profiling;

/// <summary>Says of two profiles which is faster, by how much, and why.</summary>
public static class ProfileComparison
{
    /// <summary>The findings, each one sentence or two.</summary>
    /// <param name="first">One profile.</param>
    /// <param name="second">The other, of the same machine and arithmetic.</param>
    /// <param name="roofline">What the machine can do.</param>
    /// <returns>The findings, the ratio of the whole first.</returns>
    public static IReadOnlyList<string> Findings(NetworkProfile first, NetworkProfile second, Roofline roofline)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(roofline);
        (NetworkProfile large, NetworkProfile small) = first.Macs >= second.Macs ? (first, second) : (second, first);
        double macs = large.Macs / (double)small.Macs, time = large.Milliseconds / small.Milliseconds;
        var findings = new List<string>
        {
            Text($"{Name(small, large)} has {macs:0.0} times fewer multiply-accumulates than {Name(large, small)} and takes ")
                + (time >= 1 ? Text($"{time:0.0} times less time") : Text($"{1 / time:0.0} times as long")) + Text($" ({small.Milliseconds:0.0} against {large.Milliseconds:0.0} ms)."),
            Text($"Multiply-accumulates a second: {Rate(large):0.0} G in {Name(large, small)}, {Rate(small):0.0} G in {Name(small, large)}; this machine reaches {roofline.MacsPerSecond / 1e9:0.0} G in its best large layer."),
        };
        foreach (NetworkProfile profile in (NetworkProfile[])[first, second])
            findings.AddRange(Of(profile, profile == first ? Name(first, second) : Name(second, first), roofline));
        return findings;
    }

    private static IEnumerable<string> Of(NetworkProfile profile, string name, Roofline roofline)
    {
        // What takes a larger share of the time than of the arithmetic, the largest first.
        foreach (KindProfile kind in profile.ByKind().Where(k => k.Macs > 0).OrderByDescending(k => Excess(profile, k)).Take(1))
        {
            if (Excess(profile, kind) < 0.02)
                continue;
            yield return Text($"{name}: its {Word(kind.Kind)} layers do {Share(kind.Macs, profile.Macs):0} % of the multiply-accumulates in {100 * profile.Share(kind.Milliseconds):0} % of the time: {kind.Intensity:0.0} for each byte, where this machine needs {roofline.Ridge:0.0} to be busy computing, so ")
                + (roofline.IsMemoryBound(kind.Intensity) ? "memory limits them." : "it is not memory but their small size or their kernel that limits them.");
        }
        double without = profile.ByKind().Where(k => k.Macs == 0).Sum(k => k.Milliseconds);
        if (profile.Share(without) >= 0.05)
            yield return Text($"{name}: BatchNorm, activations, additions and pooling, which no count of multiply-accumulates shows, take {without:0.0} ms, {100 * profile.Share(without):0} % of the time.");
    }

    private static double Excess(NetworkProfile profile, KindProfile kind) => profile.Share(kind.Milliseconds) - kind.Macs / (double)profile.Macs;

    private static double Share(long part, long whole) => 100.0 * part / whole;

    private static double Rate(NetworkProfile profile) => profile.Macs / profile.Milliseconds / 1e6;

    // The same network at two sizes is told apart by them.
    private static string Name(NetworkProfile profile, NetworkProfile other) => profile.Network == other.Network ? Text($"{profile.Network} at {profile.Side}") : profile.Network;

    private static string Word(LayerKind kind) => kind.ToString().ToLowerInvariant();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
