// Reverse-mode automatic differentiation. Rumelhart, Hinton, Williams: "Learning representations by back-propagating errors", Nature
// 323, 1986; Linnainmaa 1970; survey: Baydin, Pearlmutter, Radul, Siskind, JMLR 18, 2018.
//
// A variable that was computed knows what from, and how to pass a gradient on. The loss is one number L; the gradient of a variable x
// is ∂L/∂x, of x's shape. By the chain rule, where y was computed from x,
//
//     ∂L/∂x  =  Σ over all y computed from x   ∂L/∂y · ∂y/∂x
//
// so the gradients are worked out from the loss backwards, each variable after everything that was computed from it. No ∂y/∂x is ever
// written down as a matrix: each operation only knows its product with a given ∂L/∂y, which costs about as much as the operation.

namespace Sightline.Autograd;

/// <summary>An array in a computation that can be differentiated. Each operation stands in its own file, forward beside backward.</summary>
public sealed partial class Variable
{
    private readonly Func<NdArray, IReadOnlyList<NdArray?>>? backward;

    private Variable(string operation, IReadOnlyList<Variable> parents, NdArray data, Func<NdArray, IReadOnlyList<NdArray?>>? backward)
    {
        (Operation, Parents, Data, this.backward) = (operation, parents, data, backward);
        RequiresGradient = parents.Any(p => p.RequiresGradient);
    }

    /// <summary>Its numbers.</summary>
    public NdArray Data { get; private set; }

    /// <summary>∂L/∂x after <see cref="Backward"/>; null before, and where none is wanted.</summary>
    public NdArray? Gradient { get; private set; }

    /// <summary>What computed it; empty for one that was given.</summary>
    public string Operation { get; }

    /// <summary>What it was computed from.</summary>
    public IReadOnlyList<Variable> Parents { get; }

    /// <summary>Whether a gradient is wanted here or further back.</summary>
    public bool RequiresGradient { get; }

    /// <summary>How many numbers lie along each dimension.</summary>
    public IReadOnlyList<int> Shape => Data.Shape;

    /// <summary>Something to learn: its gradient is wanted.</summary>
    /// <param name="data">Its first numbers.</param>
    /// <returns>The variable.</returns>
    public static Variable Parameter(NdArray data) => new(data, requiresGradient: true);

    /// <summary>Something given, such as images: no gradient is worked out for it.</summary>
    /// <param name="data">Its numbers.</param>
    /// <returns>The variable.</returns>
    public static Variable Constant(NdArray data) => new(data, requiresGradient: false);

    /// <summary>Works out the gradient of this variable, one number, by every parameter that it was computed from.</summary>
    /// <exception cref="InvalidOperationException">It is more than one number.</exception>
    public void Backward()
    {
        IReadOnlyList<Variable> order = InOrder();
        foreach (Variable variable in order)
            variable.Gradient = null;
        _ = Data.Item;
        Gradient = NdArray.Full(1, Shape); // ∂L/∂L
        for (int i = order.Count - 1; i >= 0; i--)
        {
            Variable y = order[i];
            if (y.backward is null || !y.RequiresGradient)
                continue;
            IReadOnlyList<NdArray?> shares = y.backward(y.Gradient!);
            for (int p = 0; p < y.Parents.Count; p++)
            {
                // Used in several places, it gets the sum of what comes back from each.
                if (y.Parents[p].RequiresGradient && shares[p] is { } share)
                    y.Parents[p].Gradient = y.Parents[p].Gradient is { } other ? NdArray.Zip(other, share, (a, b) => a + b) : share;
            }
        }
    }

    /// <summary>Replaces the numbers of a parameter, as an optimiser does between two passes.</summary>
    /// <param name="data">Numbers of the same shape.</param>
    /// <exception cref="ArgumentException">The shape is another.</exception>
    public void Assign(NdArray data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!data.Shape.SequenceEqual(Shape))
            throw new ArgumentException($"[{string.Join(", ", data.Shape)}] is not [{string.Join(", ", Shape)}].", nameof(data));
        Data = data;
    }

    /// <summary>Everything that this was computed from, and itself, each after its own parents.</summary>
    /// <returns>The variables, this one last.</returns>
    public IReadOnlyList<Variable> InOrder() => GraphOrder.Of(this, node => node.Parents);

    private Variable(NdArray data, bool requiresGradient)
    {
        ArgumentNullException.ThrowIfNull(data);
        (Operation, Parents, Data, RequiresGradient) = ("", [], data, requiresGradient);
    }

    private static Variable Computed(string operation, IReadOnlyList<Variable> parents, NdArray forward, Func<NdArray, IReadOnlyList<NdArray?>> backward) =>
        new(operation, parents, forward, backward);
}
