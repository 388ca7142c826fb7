using System.Globalization;
using Sightline.Diagnosis;

namespace Sightline.Bench.Diagnosis;

/// <summary><c>diagnosis score</c>: diagnoses stored runs without training any.</summary>
internal static class ScoreCommand
{
    private const int ShownFindings = 3;
    private const string Usage = "diagnosis score known|unseen [--curves] [--epochs] [--wrong] [--list CODE|ID] [--write-docs]";

    /// <summary>Runs it.</summary>
    /// <param name="args">What stands behind <c>score</c>.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args)
    {
        bool Has(string name) => args.Contains(name, StringComparer.Ordinal);
        string? code = Array.IndexOf(args, "--list") is >= 0 and int at ? args.ElementAtOrDefault(at + 1) ?? "" : null;
        string? odd = args.Skip(1).FirstOrDefault(a => a is not ("--curves" or "--epochs" or "--wrong" or "--list" or "--write-docs") && a != code);
        if (args.FirstOrDefault() is not ("known" or "unseen") || odd is not null)
        {
            Console.Error.WriteLine(odd is null ? Usage : $"'{odd}' is no option: {Usage}");
            return 2;
        }
        if (Has("--write-docs") && args[0] != "unseen")
        {
            Console.Error.WriteLine("The page holds the half that rules were not written on: diagnosis score unseen --write-docs.");
            return 2;
        }
        IReadOnlyList<StoredRun> runs = InjuryStore.Runs.All(args[0]);
        if (runs.Count == 0)
        {
            Console.Error.WriteLine($"There are no runs of the {args[0]} half in bench/diagnosis: 'diagnosis run' trains them.");
            return 2;
        }
        if (code is not null && !runs.Any(r => Listed(r, code)))
        {
            Console.Error.WriteLine($"No run of the {args[0]} half has the code '{code}' or a name with it; codes are {string.Join(", ", FindingCodes.All)}.");
            return 2;
        }
        if (Has("--write-docs"))
            return WriteDocs(runs);
        IReadOnlyList<DiagnosedRun> diagnosed = Diagnose(runs, Has("--curves"), Has("--epochs"));
        if (code is not null)
            Print(diagnosed.Where(r => Listed(r.Run, code)));
        else if (Has("--wrong"))
            Print(diagnosed.Where(r => r.Counts ? r.First != r.Root : r.IsHealthy && r.Harm.Harm == Harm.None && (r.IsSick || r.Warnings.Count > 0)));
        else
        {
            Print(new DiagnosisScore(diagnosed), Has("--epochs"));
            Console.WriteLine();
            Console.Write(ComparedTables.Methods(MethodScores.Of(runs, watched: false)).Plain());
        }
        return 0;
    }

    private static bool Listed(StoredRun run, string text) =>
        FindingCodes.All.Contains(text) ? run.Injuries.Any(i => i.Code == text) : run.Id.Contains(text, StringComparison.Ordinal);

    private static int WriteDocs(IReadOnlyList<StoredRun> unseen)
    {
        IReadOnlyList<StoredRun> known = InjuryStore.Runs.All("known");
        IReadOnlyList<DiagnosedRun> cases = Diagnose(known.Count > 0 ? known : unseen, curvesAlone: false, watched: false);
        string page = RatesPage.Of(unseen, InjuryPlan.All.Count(r => r.Unseen), MethodScores.Of(unseen, watched: true), known.Count > 0 ? MethodScores.Of(known, watched: false) : null,
            [.. FindingCodes.All.Select(c => PlantedCase.Of(c, cases))]);
        AtomicFile.WriteText(RatesPage.Path, page);
        Console.WriteLine($"Wrote {Path.GetRelativePath(Timings.Root, RatesPage.Path)}.");
        return 0;
    }

    /// <summary>Diagnoses runs of a half.</summary>
    /// <param name="runs">All its runs.</param>
    /// <param name="curvesAlone">Whether signals and facts are taken away.</param>
    /// <param name="watched">Whether a watch follows each, epoch by epoch.</param>
    /// <returns>The runs with what was made of them, in their order.</returns>
    public static IReadOnlyList<DiagnosedRun> Diagnose(IReadOnlyList<StoredRun> runs, bool curvesAlone, bool watched)
    {
        var harm = new HarmMeasure(runs);
        return [.. runs.Select(r => DiagnosedRun.Of(r, harm.Of(r), curvesAlone, watched))];
    }

    private static void Print(DiagnosisScore score, bool watched)
    {
        Console.WriteLine(ScoreTables.Faults(score).Plain());
        Console.WriteLine(ScoreTables.Confusion(score).Plain());
        foreach (string sentence in ScoreTables.Totals(score))
            Console.WriteLine(sentence);
        if (watched)
        {
            string[] codes = [.. FindingCodes.All.Where(c => score.WarnedOf(c).Hits > 0).OrderByDescending(c => score.WarnedOf(c).Hits).Select(c => $"{c} {score.WarnedOf(c).Hits}")];
            Console.WriteLine($"Healthy runs with a warning on the way: {score.Warned}{(codes.Length > 0 ? ": " : "")}{string.Join(", ", codes)}.");
        }
    }

    private static void Print(IEnumerable<DiagnosedRun> runs)
    {
        int n = 0;
        foreach (DiagnosedRun run in runs)
        {
            n++;
            HarmReading h = run.Harm;
            string harm = h.Harm switch { Harm.Worse => run.IsHealthy ? "doubtful" : "counts", Harm.None => run.IsHealthy ? "healthy" : "harmless", _ => "no twin yet" };
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run.Run.Id}: {run.Assessment.Verdict}  [{harm}{(run.Run.Diverged ? ", diverged" : "")}; accuracy {h.Accuracy.Run:0.000} twin {h.Accuracy.Twin:0.000}, loss {h.Loss.Run:0.000} twin {h.Loss.Twin:0.000}, {h.Deviations:0.0} deviations]"));
            foreach (Finding finding in run.Assessment.Findings.Take(ShownFindings))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {finding.Code} {finding.Confidence:0.00}{(finding.FollowsFrom is null ? "" : $" (follows from {finding.FollowsFrom})")}: {finding.Evidence}"));
            if (run.Warnings.Count > 0)
                Console.WriteLine($"    warned: {string.Join(", ", run.Warnings.Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Code} in epoch {w.Epoch:0.#}")))}");
        }
        Console.WriteLine($"{n} {(n == 1 ? "run" : "runs")}");
    }
}
