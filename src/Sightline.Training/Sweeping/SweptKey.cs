using Sightline.Training.Recipes;

namespace Sightline.Training.Sweeping;

/// <summary>A key of a recipe that a sweep varies.</summary>
/// <param name="Path">The dotted key, e.g. <c>optimiser.learningRate</c>.</param>
/// <param name="Holds">What a value of it is.</param>
public sealed record SweptKey(string Path, SweptKind Holds)
{
    /// <summary>Short names, for the keys that are swept most.</summary>
    public static IReadOnlyDictionary<string, string> ShortNames { get; } = new Dictionary<string, string>
    {
        ["lr"] = "optimiser.learningRate",
        ["wd"] = "optimiser.weightDecay",
        ["momentum"] = "optimiser.momentum",
        ["epochs"] = "training.epochs",
        ["batch"] = "training.batchSize",
        ["dropout"] = "network.options.dropout",
    };

    /// <summary>The key that holds the learning rate.</summary>
    public static string LearningRate => ShortNames["lr"];

    /// <summary>Finds a key by its dotted or its short name.</summary>
    /// <param name="name">What was typed.</param>
    /// <returns>The key.</returns>
    /// <exception cref="BadInputException">A recipe has no such key (<c>sweep-key</c>); the message names the nearest.</exception>
    public static SweptKey Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string path = ShortNames.GetValueOrDefault(name, name);
        SweptKey[] keys = [.. Of(typeof(Recipe), "")];
        if (Array.Find(keys, k => k.Path == path) is { } found)
            return found;
        // Someone who writes the last part alone means the whole key.
        string? meant = keys.FirstOrDefault(k => k.Path.EndsWith("." + name, StringComparison.Ordinal))?.Path ?? NearestName.Find(name, [.. keys.Select(k => k.Path), .. ShortNames.Keys]);
        throw new BadInputException("sweep-key", $"'{name}' is no key of a recipe.{(meant is null ? "" : $" Did you mean '{meant}'?")}",
            fix: $"docs/recipes.md lists every key; short names are {string.Join(", ", ShortNames.Keys)}.");
    }

    private static IEnumerable<SweptKey> Of(Type record, string prefix)
    {
        foreach (RecipeKey key in RecipeShape.Keys(record))
        {
            Type type = Nullable.GetUnderlyingType(key.Property.PropertyType) ?? key.Property.PropertyType;
            SweptKind kind = Type.GetTypeCode(type) switch
            {
                _ when type.IsEnum => SweptKind.Other,
                TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt64 => SweptKind.WholeNumber,
                TypeCode.Single or TypeCode.Double => SweptKind.Number,
                _ => SweptKind.Other,
            };
            yield return new SweptKey(prefix + key.Name, kind);
            if (!RecipeShape.IsRecord(type) || RecipeShape.ItemOf(type) is not null)
                continue;
            foreach (SweptKey inner in Of(type, $"{prefix}{key.Name}."))
                yield return inner;
        }
    }
}

/// <summary>What a value of a key is, as far as a range can run over it.</summary>
public enum SweptKind
{
    /// <summary>Text, a choice, a list, or further keys: no range runs over it.</summary>
    Other,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A whole number: values of a range are rounded.</summary>
    WholeNumber,
}
