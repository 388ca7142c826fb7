using System.Globalization;
using Sightline.Diagnosis;
using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary>A line that was typed for an answer.</summary>
/// <param name="Code">What was said: a code or <see cref="DiagnosedRun.Healthy"/>; null where the line says none.</param>
/// <param name="Refused">Why it says none; null where a hint is asked for.</param>
internal sealed record PracticeAnswer(string? Code, string? Refused)
{
    /// <summary>What can be said, in the order of their numbers from 1.</summary>
    public static IReadOnlyList<string> Codes { get; } = [.. FindingCodes.All, DiagnosedRun.Healthy];

    /// <summary>Whether a hint is asked for.</summary>
    public bool IsHint => Code is null && Refused is null;

    /// <summary>Reads a line: a number, a code or its beginning; nothing or <c>?</c> asks for a hint.</summary>
    /// <param name="line">The line.</param>
    /// <returns>What it says.</returns>
    public static PracticeAnswer Parse(string line)
    {
        string said = line.Trim();
        if (said.Length == 0 || said == "?")
            return new PracticeAnswer(null, null);
        if (int.TryParse(said, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return number >= 1 && number <= Codes.Count
                ? new PracticeAnswer(Codes[number - 1], null)
                : new PracticeAnswer(null, $"There is no number {number}: they go from 1 to {Codes.Count}.");
        }
        string code = said.ToLowerInvariant().Replace(' ', '-').Replace('_', '-');
        string[] begun = [.. Codes.Where(c => c == code).DefaultIfEmpty().SelectMany(c => c is null ? Codes.Where(other => other.StartsWith(code, StringComparison.Ordinal)) : [c])];
        if (begun.Length == 1)
            return new PracticeAnswer(begun[0], null);
        return new PracticeAnswer(null, begun.Length > 1
            ? $"'{said}' can be {string.Join(", ", begun[..^1])} or {begun[^1]}."
            : $"There is no code '{said}'.{(NearestName.Find(code, Codes) is string near ? $" Did you mean '{near}'?" : "")}");
    }
}
