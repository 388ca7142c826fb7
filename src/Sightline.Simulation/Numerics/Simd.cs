using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sightline.Simulation.Numerics;

/// <summary>Short names for the lane operations that formulas are written in.</summary>
internal static class Simd
{
    /// <summary>The same number in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes All(float value) => Vector512.Create(value);

    /// <summary>a · b + c, in one step where the processor has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes MulAdd(Lanes a, Lanes b, Lanes c) => Vector512.MultiplyAddEstimate(a, b, c);

    /// <summary>The smaller; the second argument when one is not a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Min(Lanes a, Lanes b) => Vector512.MinNative(a, b);

    /// <summary>The larger; the second argument when one is not a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Max(Lanes a, Lanes b) => Vector512.MaxNative(a, b);

    /// <summary>Where <paramref name="mask"/> is set, <paramref name="yes"/>, else <paramref name="no"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Pick(Lanes mask, Lanes yes, Lanes no) => Vector512.ConditionalSelect(mask, yes, no);

    /// <summary>Kept within 0 and 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Saturate(Lanes x) => Min(Max(x, Lanes.Zero), Lanes.One);

    /// <summary>From <paramref name="a"/> to <paramref name="b"/> as <paramref name="t"/> goes from 0 to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Mix(Lanes a, Lanes b, Lanes t) => MulAdd(b - a, t, a);

    /// <summary>The part after the point, 0 ≤ · &lt; 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Fraction(Lanes x) => x - Vector512.Floor(x);

    /// <summary>The sum of products of two triples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Dot(Lanes ax, Lanes ay, Lanes az, Lanes bx, Lanes by, Lanes bz) => MulAdd(ax, bx, MulAdd(ay, by, az * bz));
}
