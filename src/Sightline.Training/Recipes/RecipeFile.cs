using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sightline.Training.Recipes;

/// <summary>Reads and writes recipes.</summary>
public static class RecipeFile
{
    /// <summary>Reads a recipe, puts <paramref name="overrides"/> over it and checks it.</summary>
    /// <param name="path">A YAML file.</param>
    /// <param name="overrides">Any number of <c>key.path=value</c>; the value is YAML.</param>
    /// <returns>The recipe; what only the data can tell (<see cref="PreprocessingRecipe.Mean"/> …) may still be null.</returns>
    /// <exception cref="BadInputException">The file is missing or no valid recipe; the message names line, column and the nearest valid name.</exception>
    public static Recipe Read(string path, IEnumerable<string>? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new BadInputException("recipe-missing", Directory.Exists(path) ? "This is a folder; expected a recipe file (YAML)." : "There is no such recipe.", path, fix: "Recipes that come with Sightline stand in recipes/.");
        if (new FileInfo(path).Length > 1 << 20)
            throw new BadInputException("recipe-too-long", "The file is longer than 1 MiB; a recipe is a short YAML file.", path);
        return Parse(File.ReadAllText(path), path, overrides);
    }

    /// <summary>Parses a recipe's text, puts <paramref name="overrides"/> over it and checks it.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="name">What to call the text in errors.</param>
    /// <param name="overrides">Any number of <c>key.path=value</c>.</param>
    /// <returns>The recipe.</returns>
    /// <exception cref="BadInputException">It is no valid recipe.</exception>
    public static Recipe Parse(string yaml, string name, IEnumerable<string>? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var binder = new RecipeBinder(name);
        YamlMappingNode root;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count != 1)
                throw new BadInputException("recipe-yaml", stream.Documents.Count == 0 ? "The file is empty; expected a recipe." : $"The file holds {stream.Documents.Count} YAML documents; expected one.", name);
            root = stream.Documents[0].RootNode as YamlMappingNode
                ?? throw new BadInputException("recipe-yaml", "The file holds no keys; expected a recipe.", name, (int)stream.Documents[0].RootNode.Start.Line);
        }
        catch (YamlException exception)
        {
            throw binder.Error(exception);
        }
        foreach (string item in overrides ?? [])
            Override(root, item, binder);
        var recipe = (Recipe)binder.Bind(root, typeof(Recipe), "");
        RecipeChecks.Check(recipe, (key, message) => binder.Places.TryGetValue(key, out YamlNode? node)
            ? binder.Error(node, "recipe-value", message)
            : new BadInputException("recipe-value", message, name));
        return recipe;
    }

    /// <summary>Writes the recipe, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="recipe">The recipe.</param>
    public static void Write(string path, Recipe recipe) => AtomicFile.WriteText(path, Text(recipe));

    /// <summary>The recipe as YAML, every default spelled out.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <returns>Text that <see cref="Parse"/> reads back to an equal recipe.</returns>
    public static string Text(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return RecipeWriter.Write(recipe);
    }

    /// <summary>The keys in which two recipes differ.</summary>
    /// <param name="a">One recipe.</param>
    /// <param name="b">The other.</param>
    /// <returns>Dotted key, value in <paramref name="a"/>, value in <paramref name="b"/>; <c>null</c> where one has no such key.</returns>
    public static IReadOnlyList<(string Key, string A, string B)> Differences(Recipe a, Recipe b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        Dictionary<string, string> left = RecipeWriter.Leaves(a).ToDictionary(l => l.Path, l => l.Value);
        Dictionary<string, string> right = RecipeWriter.Leaves(b).ToDictionary(l => l.Path, l => l.Value);
        return [.. left.Keys.Union(right.Keys)
            .Select(key => (key, left.GetValueOrDefault(key, "null"), right.GetValueOrDefault(key, "null")))
            .Where(d => d.Item2 != d.Item3)];
    }

    private static void Override(YamlMappingNode root, string item, RecipeBinder binder)
    {
        string option = $"--set {item}";
        int equals = item.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw new BadInputException("override", $"{option}: expected key=value, e.g. --set training.epochs=5.");
        string[] keys = item[..equals].Split('.');
        if (keys.Any(k => k.Length == 0))
            throw new BadInputException("override", $"{option}: the key has an empty part.");
        YamlNode value = Value(item[(equals + 1)..], option);
        YamlMappingNode at = root;
        for (int i = 0; i < keys.Length - 1; i++)
        {
            YamlNode key = new YamlScalarNode(keys[i]);
            if (!at.Children.TryGetValue(key, out YamlNode? next) || next is not YamlMappingNode)
            {
                next = new YamlMappingNode();
                binder.MarkOverride(key, option);
                binder.MarkOverride(next, option);
                at.Children.Remove(key);
                at.Children.Add(key, next);
            }
            at = (YamlMappingNode)next;
        }
        var last = new YamlScalarNode(keys[^1]);
        at.Children.Remove(last);
        at.Children.Add(last, value);
        binder.MarkOverride(last, option);
        binder.MarkOverride(value, option);
    }

    private static YamlNode Value(string text, string option)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 ? stream.Documents[0].RootNode : new YamlScalarNode(text);
        }
        catch (YamlException exception)
        {
            throw new BadInputException("override", $"{option}: the value is not valid YAML: {exception.Message}", inner: exception);
        }
    }
}
