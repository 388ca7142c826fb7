using System.Collections;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sightline.Training.Recipes;

/// <summary>
/// Binds YAML nodes to recipe records. Every key must be known and every value of its key's type; an error names line, column, what
/// was found and what is valid.
/// </summary>
internal sealed class RecipeBinder(string file)
{
    private readonly Dictionary<YamlNode, string> overrides = new(ReferenceEqualityComparer.Instance);

    /// <summary>Where each bound key stands, by its dotted path.</summary>
    public Dictionary<string, YamlNode> Places { get; } = [];

    /// <summary>Marks a node as typed on the command line, so that errors name the option and not a line.</summary>
    public void MarkOverride(YamlNode node, string option)
    {
        foreach (YamlNode part in node.AllNodes)
            overrides[part] = option;
    }

    /// <summary>Binds a mapping to a record.</summary>
    public object Bind(YamlNode node, Type type, string path)
    {
        if (node is not YamlMappingNode mapping)
            throw Error(node, "recipe-type", $"'{Display(path)}' holds {Describe(node)}; expected keys: {Names(type)}.");
        IReadOnlyList<RecipeKey> keys = RecipeShape.Keys(type);
        object record = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        if (type.GetConstructor(Type.EmptyTypes) is { } make)
            record = make.Invoke(null);
        var given = new HashSet<string>();
        foreach ((YamlNode keyNode, YamlNode valueNode) in mapping.Children)
        {
            string name = keyNode is YamlScalarNode scalar ? scalar.Value ?? "" : "";
            RecipeKey key = keys.FirstOrDefault(k => k.Name == name)
                ?? throw Error(keyNode, "recipe-key", $"'{name}' is not a key of {(path.Length == 0 ? "a recipe" : $"'{path}'")}.{Suggest(name, keys.Select(k => k.Name))}");
            string keyPath = path.Length == 0 ? name : $"{path}.{name}";
            Places[keyPath] = valueNode;
            given.Add(name);
            key.Property.SetValue(record, BindValue(valueNode, key.Property.PropertyType, keyPath, key.Nullable));
        }
        foreach (RecipeKey key in keys)
        {
            if (key.Required && !given.Contains(key.Name))
                throw Error(mapping, "recipe-key-missing", $"'{(path.Length == 0 ? key.Name : $"{path}.{key.Name}")}' is missing; it has no default.");
        }
        return record;
    }

    /// <summary>An error at a node: file and line, or the option it was typed in.</summary>
    public BadInputException Error(YamlNode node, string code, string message) => overrides.TryGetValue(node, out string? option)
        ? new BadInputException(code, $"{option}: {message}")
        : new BadInputException(code, $"column {node.Start.Column}: {message}", file, (int)node.Start.Line);

    /// <summary>An error where YAML itself is broken.</summary>
    public BadInputException Error(YamlException exception) =>
        new("recipe-yaml", $"column {exception.Start.Column}: this is not valid YAML: {exception.Message.TrimEnd('.')}.", file, (int)exception.Start.Line, inner: exception);

    private object? BindValue(YamlNode node, Type type, string path, bool nullable)
    {
        if (node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: "" or "null" or "~" or null })
        {
            return nullable ? null : throw Error(node, "recipe-type", $"'{path}' holds nothing; expected {Expected(type)}.");
        }
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        if (RecipeShape.IsRecord(target))
            return Bind(node, target, path);
        if (RecipeShape.ItemOf(target) is { } item)
        {
            if (node is not YamlSequenceNode sequence)
                throw Error(node, "recipe-type", $"'{path}' holds {Describe(node)}; expected a list, e.g. [{ExampleOf(item)}].");
            Array items = Array.CreateInstance(item, sequence.Children.Count);
            for (int i = 0; i < items.Length; i++)
                items.SetValue(BindValue(sequence.Children[i], item, $"{path}[{i}]", false), i);
            return target.IsGenericType && target.GetGenericTypeDefinition() == typeof(ValueList<>)
                ? Activator.CreateInstance(target, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance, null, [items], null)
                : items;
        }
        if (node is not YamlScalarNode scalar)
            throw Error(node, "recipe-type", $"'{path}' holds {Describe(node)}; expected {Expected(target)}.");
        return Scalar(scalar, target, path);
    }

    private object Scalar(YamlScalarNode node, Type type, string path)
    {
        string text = node.Value!;
        if (type == typeof(string))
            return text;
        if (type.IsEnum)
        {
            string[] names = Enum.GetNames(type);
            int found = Array.FindIndex(names, n => RecipeShape.Kebab(n) == text);
            return found >= 0
                ? Enum.Parse(type, names[found])
                : throw Error(node, "recipe-choice", $"'{text}' is not a choice for '{path}' ({string.Join(", ", names.Select(RecipeShape.Kebab))}).{Suggest(text, names.Select(RecipeShape.Kebab))}");
        }
        CultureInfo invariant = CultureInfo.InvariantCulture;
        const NumberStyles Real = NumberStyles.Float;
        object? value = Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => text switch { "true" => true, "false" => false, _ => null },
            TypeCode.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out int i) ? i : null,
            TypeCode.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out long l) ? l : null,
            TypeCode.UInt64 => ulong.TryParse(text, NumberStyles.None, invariant, out ulong u) ? u : null,
            TypeCode.Single => float.TryParse(text, Real, invariant, out float f) && float.IsFinite(f) ? f : null,
            TypeCode.Double => double.TryParse(text, Real, invariant, out double d) && double.IsFinite(d) ? d : null,
            _ => throw new NotSupportedException($"A recipe cannot hold {type}."),
        };
        return value ?? throw Error(node, "recipe-type", $"'{path}' holds '{text}'; expected {Expected(type)}.");
    }

    private static string Expected(Type type)
    {
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        if (target.IsEnum)
            return "one of " + string.Join(", ", Enum.GetNames(target).Select(RecipeShape.Kebab));
        if (RecipeShape.IsRecord(target))
            return "the keys " + Names(target);
        return Type.GetTypeCode(target) switch
        {
            TypeCode.Boolean => "true or false",
            TypeCode.Int32 or TypeCode.Int64 => "a whole number",
            TypeCode.UInt64 => "a whole number, 0 or more",
            TypeCode.Single or TypeCode.Double => "a number",
            _ => "text",
        };
    }

    private static string ExampleOf(Type item) => item == typeof(string) ? "a, b" : "1, 2";

    private static string Names(Type type) => string.Join(", ", RecipeShape.Keys(type).Select(k => k.Name));

    private static string Display(string path) => path.Length == 0 ? "recipe" : path;

    private static string Describe(YamlNode node) => node switch
    {
        YamlMappingNode => "keys of its own",
        YamlSequenceNode => "a list",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "something else",
    };

    private static string Suggest(string word, IEnumerable<string> valid)
    {
        string[] names = [.. valid];
        return NearestName.Find(word, names) is { } nearest ? $" Did you mean '{nearest}'?" : $" Valid: {string.Join(", ", names)}.";
    }
}
