using Sightline.Simulation.Casting;

namespace Sightline.Simulation.Rendering;

/// <summary>What stands and what moves, at one moment, as one thing to cast rays at. Moving primitives follow the standing ones.</summary>
/// <param name="standing">What stands.</param>
/// <param name="moving">What moves, as it is at that moment.</param>
internal sealed class FrameScene(RayCaster standing, RayCaster moving) : IRayCaster
{
    /// <summary>The index of the first moving primitive.</summary>
    public int FirstMoving => standing.PrimitiveSpan.Length;

    /// <summary>A primitive by its index.</summary>
    public ref readonly Primitive Primitive(int index) =>
        ref (index < FirstMoving ? ref standing.PrimitiveSpan[index] : ref moving.PrimitiveSpan[index - FirstMoving]);

    /// <summary>The same, packed.</summary>
    public ref readonly PackedPrimitive Packed(int index) =>
        ref (index < FirstMoving ? ref standing.Packed[index] : ref moving.Packed[index - FirstMoving]);

    /// <summary>Shortens each ray to its nearest hit.</summary>
    public void Closest(ref RayPacket p)
    {
        standing.Closest(ref p, 0);
        moving.Closest(ref p, FirstMoving);
    }

    /// <summary>Marks the rays that meet anything before they end.</summary>
    public void Block(ref RayPacket p)
    {
        standing.Block(ref p);
        moving.Block(ref p);
    }

    /// <inheritdoc/>
    public void Cast(ReadOnlySpan<Ray> rays, Span<Hit> hits)
    {
        standing.Cast(rays, hits);
        var others = new Hit[rays.Length];
        moving.Cast(rays, others);
        for (int i = 0; i < others.Length; i++)
        {
            if (others[i].Distance < hits[i].Distance)
                hits[i] = others[i] with { Primitive = others[i].Primitive + FirstMoving };
        }
    }
}
