namespace Sightline.Imaging;

/// <summary>A single-channel image, row-major: class ids (<see cref="byte"/>), instance ids or depth (<see cref="ushort"/>).</summary>
/// <typeparam name="T">The value of a pixel.</typeparam>
public sealed class Plane<T>
    where T : unmanaged
{
    /// <summary>Wraps <paramref name="values"/> without copying.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="values">Exactly width · height values, row by row.</param>
    /// <exception cref="ArgumentException">The buffer's length does not fit the size.</exception>
    public Plane(int width, int height, T[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != checked(width * height))
            throw new ArgumentException($"A plane of {width}×{height} has {(long)width * height} values, not {values.Length}.", nameof(values));
        Width = width;
        Height = height;
        Values = values;
    }

    /// <summary>Creates a plane of zeros.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    public Plane(int width, int height)
        : this(width, height, new T[checked(width * height)])
    {
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The values, row by row.</summary>
    public T[] Values { get; }

    /// <summary>The value at column <paramref name="x"/>, row <paramref name="y"/>.</summary>
    /// <param name="x">The column, from 0 at the left.</param>
    /// <param name="y">The row, from 0 at the top.</param>
    public T this[int x, int y]
    {
        get => Values[y * Width + x];
        set => Values[y * Width + x] = value;
    }

    /// <summary>The values of row <paramref name="y"/>.</summary>
    /// <param name="y">The row, from 0 at the top.</param>
    /// <returns>Width values.</returns>
    public Span<T> Row(int y) => Values.AsSpan(y * Width, Width);
}
