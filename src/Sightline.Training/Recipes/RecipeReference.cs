using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sightline.Training.Recipes;

/// <summary>One key of a recipe, as the reference tells it.</summary>
/// <param name="Path">The dotted key, e.g. <c>training.epochs</c>.</param>
/// <param name="Type">What it holds, in words.</param>
/// <param name="Default">What stands there when it isn't given, as YAML; null when it must be given, or when it only holds further keys.</param>
/// <param name="Required">Whether it must be given.</param>
/// <param name="HoldsKeys">Whether it holds further keys, which follow it.</param>
/// <param name="Summary">What it means: the record's own XML comment, as Markdown.</param>
/// <param name="Choices">For a choice: each name and what it means.</param>
public sealed record RecipeKeyReference(
    string Path, string Type, string? Default, bool Required, bool HoldsKeys, string Summary, IReadOnlyList<(string Name, string Summary)> Choices);

/// <summary>Every key that a recipe can hold, read off the records and their XML comments, so that it cannot say what is not so.</summary>
public static partial class RecipeReference
{
    /// <summary>All keys in the order of the records, each before those below it.</summary>
    /// <returns>The keys.</returns>
    /// <exception cref="FileNotFoundException">The XML comments do not lie beside the program.</exception>
    public static IReadOnlyList<RecipeKeyReference> Keys()
    {
        var keys = new List<RecipeKeyReference>();
        Add(keys, typeof(Recipe), Activator.CreateInstance<Recipe>(), "", new Dictionary<Assembly, Dictionary<string, XElement>>());
        return keys;
    }

    private static void Add(List<RecipeKeyReference> keys, Type record, object instance, string prefix, Dictionary<Assembly, Dictionary<string, XElement>> comments)
    {
        foreach (RecipeKey key in RecipeShape.Keys(record))
        {
            Type type = Nullable.GetUnderlyingType(key.Property.PropertyType) ?? key.Property.PropertyType;
            object? value = key.Property.GetValue(instance);
            bool holdsKeys = RecipeShape.IsRecord(type) && RecipeShape.ItemOf(type) is null;
            string path = prefix + key.Name;
            string words = (holdsKeys ? "keys" : Words(type)) + (key.Nullable ? " or null" : "");
            string? standard = key.Required || (holdsKeys && value is not null) ? null : RecipeWriter.Text(value);
            Type choice = RecipeShape.ItemOf(type) ?? type;
            (string, string)[] choices = choice.IsEnum
                ? [.. Enum.GetNames(choice).Select(n => (RecipeShape.Kebab(n), Summary(choice.Assembly, $"F:{choice.FullName}.{n}", comments)))]
                : [];
            keys.Add(new RecipeKeyReference(path, words, standard, key.Required, holdsKeys, Summary(record.Assembly, $"P:{record.FullName}.{key.Property.Name}", comments), choices));
            if (holdsKeys)
                Add(keys, type, value ?? Activator.CreateInstance(type)!, path + ".", comments);
        }
    }

    private static string Words(Type type)
    {
        if (RecipeShape.ItemOf(type) is { } item)
            return $"list ({Words(item)})";
        if (type.IsEnum)
            return "choice";
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => "true or false",
            TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt64 => "whole number",
            TypeCode.Single or TypeCode.Double => "number",
            _ => "text",
        };
    }

    private static string Summary(Assembly assembly, string member, Dictionary<Assembly, Dictionary<string, XElement>> comments)
    {
        if (!comments.TryGetValue(assembly, out Dictionary<string, XElement>? members))
        {
            string file = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
            members = XDocument.Load(file).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);
            comments[assembly] = members;
        }
        return members.TryGetValue(member, out XElement? found) && found.Element("summary") is { } summary
            ? Spaces().Replace(Markdown(summary), " ").Trim()
            : throw new InvalidOperationException($"{member} has no XML comment.");
    }

    private static string Markdown(XElement element)
    {
        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
                XElement { Name.LocalName: "see" } see => $"`{Named(see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? "")}`",
                XElement inner => Markdown(inner),
                _ => "",
            });
        }
        return text.ToString();
    }

    // P:Namespace.Record.StepFactor is the key stepFactor; F:Namespace.Choice.OneCycle the choice one-cycle; a type is named by itself.
    private static string Named(string reference)
    {
        string name = reference.Split('(')[0].Split('.')[^1];
        return reference.Length > 2 && reference[1] == ':' ? reference[0] switch
        {
            'P' => char.ToLowerInvariant(name[0]) + name[1..],
            'F' => RecipeShape.Kebab(name),
            _ => name,
        } : reference;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
