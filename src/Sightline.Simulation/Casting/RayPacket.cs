using System.Runtime.Intrinsics;

namespace Sightline.Simulation.Casting;

/// <summary>Sixteen rays side by side, with the nearest hit of each so far.</summary>
internal struct RayPacket
{
    /// <summary>How many rays travel together.</summary>
    public const int Size = 16;

    /// <summary>Origins.</summary>
    public Lanes Ox, Oy, Oz;

    /// <summary>Directions.</summary>
    public Lanes Dx, Dy, Dz;

    /// <summary>Distance of the nearest hit so far, or the distance at which the ray ends; negative for a lane that is not in use.</summary>
    public Lanes T;

    /// <summary>The primitive hit there, −1 for none.</summary>
    public IntLanes Primitive;

    /// <summary>One over the directions, with zeros nudged so that no product with them is undefined.</summary>
    public Lanes Ix, Iy, Iz;

    /// <summary>Prepares the packet for casting: forgets hits and computes <see cref="Ix"/> and its neighbours.</summary>
    public void Prepare()
    {
        Primitive = Vector512.Create(-1);
        Ix = SafeReciprocal(Dx);
        Iy = SafeReciprocal(Dy);
        Iz = SafeReciprocal(Dz);
    }

    private static Lanes SafeReciprocal(Lanes d)
    {
        var tiny = Vector512.Create(1e-9f);
        return Lanes.One / Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(d), tiny), tiny, d);
    }
}
