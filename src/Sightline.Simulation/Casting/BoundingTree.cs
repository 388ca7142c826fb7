using System.Numerics;
using System.Runtime.InteropServices;

namespace Sightline.Simulation.Casting;

/// <summary>A binary tree of boxes over things with bounds, cut where the surface-area heuristic is least (Wald 2007, binned).</summary>
internal sealed class BoundingTree
{
    private const int Bins = 12;
    private const int LeafSize = 2;

    private readonly Bounds[] bounds;
    private readonly Vector3[] centres;
    private readonly List<Node> nodes = [];

    /// <summary>Builds the tree.</summary>
    /// <param name="bounds">The box of each thing.</param>
    public BoundingTree(Bounds[] bounds)
    {
        this.bounds = bounds;
        centres = [.. bounds.Select(b => b.Centre)];
        Order = [.. Enumerable.Range(0, bounds.Length)];
        if (bounds.Length > 0)
        {
            nodes.Add(default);
            Build(0, 0, bounds.Length, 0);
        }
        Nodes = [.. nodes];
    }

    /// <summary>The nodes; the first is the root. No nodes when there are no things.</summary>
    public Node[] Nodes { get; }

    /// <summary>The things in the order of the leaves.</summary>
    public int[] Order { get; }

    /// <summary>The deepest that a tree may grow: traversal keeps a stack of this size.</summary>
    public const int MaxDepth = 48;

    /// <summary>A box with two boxes in it, or with things in it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Node
    {
        /// <summary>The least corner.</summary>
        public Vector3 Min;

        /// <summary>Inner node: index of the first child, the second follows it. Leaf: first place in <see cref="Order"/>.</summary>
        public int First;

        /// <summary>The greatest corner.</summary>
        public Vector3 Max;

        /// <summary>Leaf: how many things, at least 1. Inner node: −1 − the axis along which the children lie one after the other.</summary>
        public int Count;
    }

    private void Build(int node, int first, int count, int depth)
    {
        Bounds box = Bounds.Empty, middles = Bounds.Empty;
        for (int i = first; i < first + count; i++)
        {
            box = box.With(bounds[Order[i]]);
            middles = middles.With(new(centres[Order[i]], centres[Order[i]]));
        }
        // A hair wider, so that rounding in the box test never loses a hit on the surface.
        var margin = Vector3.Max(Vector3.Abs(box.Min), Vector3.Abs(box.Max)) * 1e-5f + new Vector3(1e-4f);
        var made = new Node { Min = box.Min - margin, Max = box.Max + margin, First = first, Count = count };
        (int axis, float cut) = count > LeafSize && depth < MaxDepth - 2 ? BestCut(first, count, box, middles) : (-1, 0);
        int left = 0;
        if (axis >= 0)
        {
            Span<int> range = Order.AsSpan(first, count);
            for (int i = 0; i < range.Length; i++)
            {
                if (centres[range[i]][axis] >= cut)
                    continue;
                (range[left], range[i]) = (range[i], range[left]);
                left++;
            }
        }
        if (left == 0 || left == count)
        {
            nodes[node] = made;
            return;
        }
        int child = nodes.Count;
        nodes.Add(default);
        nodes.Add(default);
        nodes[node] = made with { First = child, Count = -1 - axis };
        Build(child, first, left, depth + 1);
        Build(child + 1, first + left, count - left, depth + 1);
    }

    private (int Axis, float Cut) BestCut(int first, int count, in Bounds box, in Bounds middles)
    {
        float best = count * box.HalfArea;
        (int Axis, float Cut) choice = (-1, 0);
        Span<Bounds> boxes = stackalloc Bounds[Bins];
        Span<int> counts = stackalloc int[Bins];
        Span<float> leftCost = stackalloc float[Bins];
        for (int axis = 0; axis < 3; axis++)
        {
            float low = middles.Min[axis], width = middles.Max[axis] - low;
            if (width <= 1e-6f)
                continue;
            boxes.Fill(Bounds.Empty);
            counts.Clear();
            for (int i = first; i < first + count; i++)
            {
                int bin = Math.Min(Bins - 1, (int)((centres[Order[i]][axis] - low) / width * Bins));
                boxes[bin] = boxes[bin].With(bounds[Order[i]]);
                counts[bin]++;
            }
            Bounds sum = Bounds.Empty;
            int n = 0;
            for (int i = 0; i < Bins - 1; i++)
            {
                sum = sum.With(boxes[i]);
                n += counts[i];
                leftCost[i] = n == 0 ? float.PositiveInfinity : n * sum.HalfArea;
            }
            sum = Bounds.Empty;
            n = 0;
            for (int i = Bins - 1; i > 0; i--)
            {
                sum = sum.With(boxes[i]);
                n += counts[i];
                float cost = n == 0 ? float.PositiveInfinity : leftCost[i - 1] + n * sum.HalfArea + 0.5f * box.HalfArea;
                if (cost < best)
                    (best, choice) = (cost, (axis, low + width * i / Bins));
            }
        }
        return choice;
    }
}
