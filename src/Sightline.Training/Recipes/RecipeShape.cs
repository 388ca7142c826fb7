using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Training.Recipes;

/// <summary>How a record's type maps to YAML: keys, required keys, choices.</summary>
internal static class RecipeShape
{
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The keys of a record in the order of its declaration.</summary>
    public static IReadOnlyList<RecipeKey> Keys(Type record)
    {
        lock (Nullability)
        {
            return [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanWrite && p.GetIndexParameters().Length == 0)
                .OrderBy(p => p.MetadataToken)
                .Select(p => new RecipeKey(Camel(p.Name), p, p.IsDefined(typeof(RequiredMemberAttribute)),
                    Nullable.GetUnderlyingType(p.PropertyType) is not null
                        || (!p.PropertyType.IsValueType && Nullability.Create(p).WriteState == NullabilityState.Nullable)))];
        }
    }

    /// <summary>Whether a type is written as a mapping of its own keys.</summary>
    public static bool IsRecord(Type type) => type.IsClass && type != typeof(string) && type.GetMethod("<Clone>$") is not null;

    /// <summary>The item type of a list, or null when <paramref name="type"/> is no list.</summary>
    public static Type? ItemOf(Type type) => type == typeof(string)
        ? null
        : new[] { type }.Concat(type.GetInterfaces())
            .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))?.GetGenericArguments()[0];

    /// <summary>A choice's name in a recipe: <c>OneCycle</c> is <c>one-cycle</c>, <c>AdamW</c> is <c>adamw</c>.</summary>
    public static string Kebab(string name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool startsWord = i > 0 && char.IsUpper(name[i]) && i + 1 < name.Length && char.IsLower(name[i + 1]);
            text.Append(startsWord ? "-" : "").Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

/// <summary>One key of a record in a recipe.</summary>
/// <param name="Name">The key as written.</param>
/// <param name="Property">The property behind it.</param>
/// <param name="Required">Whether it must be given.</param>
/// <param name="Nullable">Whether <c>null</c> may be given.</param>
internal sealed record RecipeKey(string Name, PropertyInfo Property, bool Required, bool Nullable);
