using System.Text;
using Sightline.Training.Recipes;

namespace Sightline.Cli.Guide.Writing;

/// <summary>Writes <c>docs/recipes.md</c>: the recipes that ship, and every key with type, default and meaning.</summary>
internal static class RecipePage
{
    /// <summary>The page, from the repository's root.</summary>
    public const string PagePath = "docs/recipes.md";

    /// <summary>The whole page.</summary>
    /// <param name="root">The repository's root.</param>
    /// <returns>Markdown.</returns>
    public static string Text(string root)
    {
        var page = new StringBuilder();
        page.Append("""
            <!-- Generated from the recipe records and their comments: ./sightline ask --write-docs -->
            # Recipes

            A recipe is one YAML file that decides a training: `./sightline train RECIPE`. Keys that are not given take the default of the tables below; an unknown key, or a value of the wrong type, stops with its line and the nearest valid name. `--set KEY=VALUE` (a dotted key, YAML as value) overrides the file; a group whose default is `null` is switched on by naming it, e.g. `augmentation.randAugment: {}` with its defaults. `--dry-run` prints the recipe with every default spelled out, and what it will take. What a run folder then holds: [runs.md](runs.md).

            ## The recipes that ship


            """);
        page.Append("| recipe | what for |\n| --- | --- |\n");
        foreach (string file in Directory.EnumerateFiles(Path.Combine(root, "recipes"), "*.yaml").Order(StringComparer.Ordinal))
            page.Append($"| [{Path.GetFileName(file)}](../recipes/{Path.GetFileName(file)}) | {Cell(Purpose(file))} |\n");

        IReadOnlyList<RecipeKeyReference> keys = RecipeReference.Keys();
        page.Append("\n## Every key\n\nIn the order of a recipe; a dot is a level of indentation.\n");
        Table(page, "The run", [.. keys.Where(k => !k.Path.Contains('.') && !k.HoldsKeys)]);
        foreach (RecipeKeyReference section in keys.Where(k => !k.Path.Contains('.') && k.HoldsKeys))
            Table(page, $"`{section.Path}`", [.. keys.Where(k => k.Path.StartsWith(section.Path + ".", StringComparison.Ordinal))], section);
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static void Table(StringBuilder page, string heading, RecipeKeyReference[] keys, RecipeKeyReference? section = null)
    {
        page.Append($"\n### {heading}\n\n");
        if (section is not null)
            page.Append($"{section.Summary}{(section.Required ? " Must be given." : "")}\n\n");
        page.Append("| key | type | default | what it is |\n| --- | --- | --- | --- |\n");
        foreach (RecipeKeyReference key in keys)
        {
            string standard = key.Required ? "*must be given*" : key.Default is { } value ? $"`{value}`" : "";
            string choices = key.Choices.Count == 0 ? "" : string.Concat(key.Choices.Select(c => $"<br>`{c.Name}`: {c.Summary}"));
            page.Append($"| `{key.Path}` | {key.Type} | {Cell(standard)} | {Cell(key.Summary + choices)} |\n");
        }
    }

    // The comment at the file's head, up to the command that uses it.
    private static string Purpose(string file) => string.Join(' ', File.ReadLines(file).TakeWhile(l => l.StartsWith('#')).Select(l => l.TrimStart('#', ' '))
        .TakeWhile(l => !l.Contains("sightline train", StringComparison.Ordinal) && !l.Contains("sightline evaluate", StringComparison.Ordinal)));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
