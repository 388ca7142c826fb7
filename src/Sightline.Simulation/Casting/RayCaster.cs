using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sightline.Simulation.Casting;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation;

/// <summary>Casts rays at a fixed set of primitives, sixteen at a time, through a tree of bounding boxes. Safe for many threads.</summary>
public sealed class RayCaster : IRayCaster
{
    private readonly Primitive[] primitives;
    private readonly PackedPrimitive[] packed;
    private readonly BoundingTree.Node[] nodes;
    private readonly int[] order;

    /// <summary>Builds the tree.</summary>
    /// <param name="primitives">What the rays can meet; hits refer to it by index.</param>
    public RayCaster(IReadOnlyList<Primitive> primitives)
    {
        ArgumentNullException.ThrowIfNull(primitives);
        this.primitives = [.. primitives];
        packed = new PackedPrimitive[this.primitives.Length];
        var bounds = new Bounds[packed.Length];
        for (int i = 0; i < packed.Length; i++)
        {
            packed[i] = new PackedPrimitive(this.primitives[i]);
            bounds[i] = this.primitives[i].Bounds();
        }
        var tree = new BoundingTree(bounds);
        (nodes, order) = (tree.Nodes, tree.Order);
    }

    /// <summary>What the rays can meet.</summary>
    public IReadOnlyList<Primitive> Primitives => primitives;

    internal ReadOnlySpan<PackedPrimitive> Packed => packed;

    internal ReadOnlySpan<Primitive> PrimitiveSpan => primitives;

    /// <inheritdoc/>
    public void Cast(ReadOnlySpan<Ray> rays, Span<Hit> hits)
    {
        if (hits.Length < rays.Length)
            throw new ArgumentException($"There are {rays.Length} rays and room for {hits.Length} hits.", nameof(hits));
        for (int first = 0; first < rays.Length; first += RayPacket.Size)
        {
            int count = Math.Min(RayPacket.Size, rays.Length - first);
            RayPacket packet = RayPackets.Load(rays.Slice(first, count));
            Closest(ref packet, 0);
            for (int lane = 0; lane < count; lane++)
            {
                int index = packet.Primitive[lane];
                float t = packet.T[lane];
                Ray ray = rays[first + lane];
                hits[first + lane] = index < 0
                    ? Hit.None
                    : new Hit(t, index, primitives[index].Object, SurfaceNormal.At(primitives[index], packed[index], ray, t));
            }
        }
    }

    /// <summary>Shortens each ray to its nearest hit among these primitives and notes which.</summary>
    /// <param name="p">A prepared packet.</param>
    /// <param name="offset">Added to the index of a primitive that is hit.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal unsafe void Closest(ref RayPacket p, int offset)
    {
        if (nodes.Length == 0)
            return;
        Lanes ix = p.Ix, iy = p.Iy, iz = p.Iz;
        Lanes bx = -p.Ox * ix, by = -p.Oy * iy, bz = -p.Oz * iz;
        // Children are visited nearest first by the direction of the first lane; any order is right, this one is fast.
        int signs = (p.Dx.ToScalar() < 0 ? 1 : 0) | (p.Dy.ToScalar() < 0 ? 2 : 0) | (p.Dz.ToScalar() < 0 ? 4 : 0);
        int* stack = stackalloc int[BoundingTree.MaxDepth + 2];
        int depth = 0;
        stack[depth++] = 0;
        ref BoundingTree.Node root = ref MemoryMarshal.GetArrayDataReference(nodes);
        ref PackedPrimitive forms = ref MemoryMarshal.GetArrayDataReference(packed);
        ref int places = ref MemoryMarshal.GetArrayDataReference(order);
        while (depth > 0)
        {
            ref BoundingTree.Node node = ref Unsafe.Add(ref root, stack[--depth]);
            if (!Enters(ref node, ix, iy, iz, bx, by, bz, p.T))
                continue;
            if (node.Count < 0)
            {
                int swap = (signs >> (-1 - node.Count)) & 1;
                stack[depth++] = node.First + 1 - swap;
                stack[depth++] = node.First + swap;
                continue;
            }
            for (int i = 0; i < node.Count; i++)
            {
                int index = Unsafe.Add(ref places, node.First + i);
                Lanes t = PrimitiveIntersection.Distance(Unsafe.Add(ref forms, index), p);
                Lanes closer = Vector512.LessThan(t, p.T);
                p.T = Pick(closer, t, p.T);
                p.Primitive = Vector512.ConditionalSelect(closer.AsInt32(), Vector512.Create(index + offset), p.Primitive);
            }
        }
    }

    /// <summary>Sets <see cref="RayPacket.T"/> to −1 in every lane whose ray meets anything before it ends.</summary>
    /// <param name="p">A prepared packet.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal unsafe void Block(ref RayPacket p)
    {
        if (nodes.Length == 0)
            return;
        Lanes ix = p.Ix, iy = p.Iy, iz = p.Iz;
        Lanes bx = -p.Ox * ix, by = -p.Oy * iy, bz = -p.Oz * iz;
        int* stack = stackalloc int[BoundingTree.MaxDepth + 2];
        int depth = 0;
        stack[depth++] = 0;
        ref BoundingTree.Node root = ref MemoryMarshal.GetArrayDataReference(nodes);
        ref PackedPrimitive forms = ref MemoryMarshal.GetArrayDataReference(packed);
        ref int places = ref MemoryMarshal.GetArrayDataReference(order);
        while (depth > 0)
        {
            ref BoundingTree.Node node = ref Unsafe.Add(ref root, stack[--depth]);
            if (!Enters(ref node, ix, iy, iz, bx, by, bz, p.T))
                continue;
            if (node.Count < 0)
            {
                stack[depth++] = node.First;
                stack[depth++] = node.First + 1;
                continue;
            }
            for (int i = 0; i < node.Count; i++)
            {
                int index = Unsafe.Add(ref places, node.First + i);
                Lanes t = PrimitiveIntersection.Distance(Unsafe.Add(ref forms, index), p);
                p.T = Pick(Vector512.LessThan(t, p.T), All(-1), p.T);
            }
            if (Vector512.LessThanAll(p.T, Lanes.Zero))
                return;
        }
    }

    /// <summary>Whether any lane's ray enters the box before it ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Enters(ref BoundingTree.Node node, Lanes ix, Lanes iy, Lanes iz, Lanes bx, Lanes by, Lanes bz, Lanes t)
    {
        Lanes x0 = MulAdd(All(node.Min.X), ix, bx), x1 = MulAdd(All(node.Max.X), ix, bx);
        Lanes y0 = MulAdd(All(node.Min.Y), iy, by), y1 = MulAdd(All(node.Max.Y), iy, by);
        Lanes z0 = MulAdd(All(node.Min.Z), iz, bz), z1 = MulAdd(All(node.Max.Z), iz, bz);
        Lanes near = Max(Max(Min(x0, x1), Min(y0, y1)), Max(Min(z0, z1), Lanes.Zero));
        Lanes far = Min(Min(Max(x0, x1), Max(y0, y1)), Min(Max(z0, z1), t));
        return Vector512.LessThanOrEqualAny(near, far);
    }
}
