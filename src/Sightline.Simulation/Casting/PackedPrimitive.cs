using System.Runtime.InteropServices;

namespace Sightline.Simulation.Casting;

/// <summary>What an intersection needs of a primitive, in one cache line: its own coordinates from the world's, and its form.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PackedPrimitive
{
    /// <summary>The first row of the map from the world to the form: x = Xx·wx + Xy·wy + Xz·wz + Xo.</summary>
    public float Xx, Xy, Xz, Xo;

    /// <summary>The second row.</summary>
    public float Yx, Yy, Yz, Yo;

    /// <summary>The third row.</summary>
    public float Zx, Zy, Zz, Zo;

    /// <summary>The form's parameters.</summary>
    public float A, B, C;

    /// <summary>The form.</summary>
    public PrimitiveKind Kind;

    /// <summary>Packs a primitive.</summary>
    /// <param name="p">The primitive.</param>
    public PackedPrimitive(in Primitive p)
    {
        Affine inverse = p.Frame.Inverse();
        (Xx, Xy, Xz, Xo) = (inverse.X.X, inverse.Y.X, inverse.Z.X, inverse.Origin.X);
        (Yx, Yy, Yz, Yo) = (inverse.X.Y, inverse.Y.Y, inverse.Z.Y, inverse.Origin.Y);
        (Zx, Zy, Zz, Zo) = (inverse.X.Z, inverse.Y.Z, inverse.Z.Z, inverse.Origin.Z);
        (A, B, C, Kind) = (p.A, p.B, p.C, p.Kind);
    }
}
