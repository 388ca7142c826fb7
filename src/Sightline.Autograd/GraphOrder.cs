namespace Sightline.Autograd;

/// <summary>The order in which a computation's nodes were needed.</summary>
internal static class GraphOrder
{
    /// <summary>Everything that a node was computed from, and itself, each after its own parents.</summary>
    public static IReadOnlyList<T> Of<T>(T last, Func<T, IReadOnlyList<T>> parents)
        where T : class
    {
        var order = new List<T>();
        var seen = new HashSet<T>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(T Node, bool ParentsDone)>([(last, false)]);
        while (open.TryPop(out (T Node, bool ParentsDone) next)) // a stack of its own: graphs are deeper than a call stack
        {
            if (next.ParentsDone)
            {
                order.Add(next.Node);
            }
            else if (seen.Add(next.Node))
            {
                open.Push((next.Node, true));
                foreach (T parent in parents(next.Node).Reverse())
                    open.Push((parent, false));
            }
        }
        return order;
    }
}
