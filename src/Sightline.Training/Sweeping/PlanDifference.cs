using Sightline.Training.Recipes;

namespace Sightline.Training.Sweeping;

/// <summary>Holds a plan against the one that a sweep was begun with.</summary>
internal static class PlanDifference
{
    /// <summary>Makes sure that both are the same sweep; where the data lies may differ.</summary>
    /// <exception cref="BadInputException">They differ (<c>sweep-differs</c>).</exception>
    public static void RequireNone(SweepPlan begun, SweepPlan given, SweepFolder folder)
    {
        string[] differences =
        [
            .. Of("--method", RecipeShape.Kebab(begun.Method.ToString()), RecipeShape.Kebab(given.Method.ToString())),
            .. Of("--over", string.Join(' ', begun.Over), string.Join(' ', given.Over)),
            .. Of("--trials", begun.Trials, given.Trials),
            .. Of("--seed", begun.Seed, given.Seed),
            .. Of("--eta", begun.Eta, given.Eta),
            .. Of("--min-epochs", begun.MinEpochs, given.MinEpochs),
            .. RecipeFile.Differences(begun.Recipe, given.Recipe).Where(d => d.Key != "data.path").Select(d => $"{d.Key} was {d.A}, is {d.B}"),
        ];
        if (differences.Length > 0)
        {
            throw new BadInputException("sweep-differs", $"The sweep cannot go on: it was begun as another. {string.Join("; ", differences.Take(5))}.", folder.Root,
                fix: "Undo the change (--resume alone goes on as it was begun), or sweep anew in another folder by --out.");
        }
    }

    private static IEnumerable<string> Of<T>(string name, T was, T now) => EqualityComparer<T>.Default.Equals(was, now) ? [] : [$"{name} was {was?.ToString() ?? "not given"}, is {now?.ToString() ?? "not given"}"];
}
