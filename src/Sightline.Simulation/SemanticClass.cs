namespace Sightline.Simulation;

/// <summary>What a pixel shows; the numbers are those in the semantic images. 1–7 are objects and equal the category ids in <c>annotations.json</c>.</summary>
public enum SemanticClass : byte
{
    /// <summary>Sky.</summary>
    Sky = 0,

    /// <summary>A traffic cone.</summary>
    Cone = 1,

    /// <summary>A barrel or drum.</summary>
    Barrel = 2,

    /// <summary>A crate or box.</summary>
    Crate = 3,

    /// <summary>A pallet or a stack of them.</summary>
    Pallet = 4,

    /// <summary>A person.</summary>
    Person = 5,

    /// <summary>A forklift, van, car or cart.</summary>
    Vehicle = 6,

    /// <summary>A sign on a post or on the floor.</summary>
    Sign = 7,

    /// <summary>The ground.</summary>
    Ground = 8,

    /// <summary>Walls, buildings and containers.</summary>
    Wall = 9,

    /// <summary>Shelves and racks.</summary>
    Shelf = 10,
}

/// <summary>The names of the classes, as the files spell them.</summary>
public static class SemanticClasses
{
    /// <summary>How many classes there are.</summary>
    public const int Count = 11;

    /// <summary>The seven classes of objects, in the order of their ids from 1.</summary>
    public static IReadOnlyList<SemanticClass> Objects { get; } =
    [
        SemanticClass.Cone, SemanticClass.Barrel, SemanticClass.Crate, SemanticClass.Pallet, SemanticClass.Person,
        SemanticClass.Vehicle, SemanticClass.Sign,
    ];

    /// <summary>The name of a class in the files.</summary>
    /// <param name="semantic">The class.</param>
    /// <returns>A lower-case word.</returns>
    public static string Name(SemanticClass semantic) => semantic switch
    {
        SemanticClass.Sky => "sky",
        SemanticClass.Cone => "cone",
        SemanticClass.Barrel => "barrel",
        SemanticClass.Crate => "crate",
        SemanticClass.Pallet => "pallet",
        SemanticClass.Person => "person",
        SemanticClass.Vehicle => "vehicle",
        SemanticClass.Sign => "sign",
        SemanticClass.Ground => "ground",
        SemanticClass.Wall => "wall",
        SemanticClass.Shelf => "shelf",
        _ => throw new ArgumentOutOfRangeException(nameof(semantic), semantic, null),
    };
}
