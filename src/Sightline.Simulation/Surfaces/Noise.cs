using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Surfaces;

/// <summary>Value noise on the plane: random numbers on a grid, smoothly joined.</summary>
internal static class Noise
{
    /// <summary>A number in [0, 1) for each pair of whole numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Cell(IntLanes x, IntLanes y, int seed) => ToUnit(Hash(x, y, seed));

    /// <summary>32 random bits for each pair of whole numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IntLanes Hash(IntLanes x, IntLanes y, int seed)
    {
        IntLanes h = (x * Vector512.Create(0x27d4eb2d)) ^ (y * Vector512.Create(0x165667b1)) ^ Vector512.Create(seed);
        h = (h ^ Vector512.ShiftRightLogical(h, 15)) * Vector512.Create(unchecked((int)0x85ebca6b));
        h = (h ^ Vector512.ShiftRightLogical(h, 13)) * Vector512.Create(unchecked((int)0xc2b2ae35));
        return h ^ Vector512.ShiftRightLogical(h, 16);
    }

    /// <summary>The low 23 bits as a number in [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes ToUnit(IntLanes h) =>
        ((h & Vector512.Create(0x7fffff)) | Vector512.Create(0x3f800000)).AsSingle() - Lanes.One;

    /// <summary>Noise with features about 1 apart, in [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Value(Lanes x, Lanes y, int seed)
    {
        Lanes fx = Vector512.Floor(x), fy = Vector512.Floor(y);
        IntLanes ix = Vector512.ConvertToInt32Native(fx), iy = Vector512.ConvertToInt32Native(fy);
        Lanes u = x - fx, v = y - fy;
        u = u * u * MulAdd(u, All(-2), All(3));
        v = v * v * MulAdd(v, All(-2), All(3));
        IntLanes one = IntLanes.One;
        Lanes a = Mix(Cell(ix, iy, seed), Cell(ix + one, iy, seed), u);
        Lanes b = Mix(Cell(ix, iy + one, seed), Cell(ix + one, iy + one, seed), u);
        return Mix(a, b, v);
    }
}
