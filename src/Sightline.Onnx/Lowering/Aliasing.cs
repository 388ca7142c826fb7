namespace Sightline.Onnx.Lowering;

/// <summary>
/// Writes in place, on values that can't be written: a write to a view is carried up to the tensor that owns the storage, whose
/// version it raises; a view of an older version is read anew at its next use.
/// </summary>
internal static class Aliasing
{
    /// <summary>Brings a tensor's name up to date with the writes since it was made.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="nameOf">Gives a tensor's present name, adding constants to the graph.</param>
    /// <returns>The same tensor.</returns>
    public static TensorOperand Refresh(TensorOperand tensor, Func<TensorOperand, string> nameOf)
    {
        if (tensor.View is not { } view || tensor.Root.Version == tensor.SeenVersion) return tensor;
        tensor.Name = view.Read(nameOf(Refresh(view.Parent, nameOf)));
        tensor.SeenVersion = tensor.Root.Version;
        return tensor;
    }

    /// <summary>Gives a tensor a new value, and with it all that shares its storage.</summary>
    /// <param name="tensor">The written tensor, up to date.</param>
    /// <param name="value">The new value's name.</param>
    /// <param name="nameOf">Gives a tensor's present name.</param>
    /// <exception cref="InvalidOperationException">A view on the way can't be written through, or the storage is a constant's; the message says so.</exception>
    public static void Write(TensorOperand tensor, string value, Func<TensorOperand, string> nameOf)
    {
        if (tensor.Root.Constant is { } constant)
        {
            throw new InvalidOperationException($"forward writes into {constant.Kind}. "
                + "An exported graph keeps nothing between calls: work on a copy (clone()).");
        }

        string written = value;
        var chain = new List<TensorOperand> { tensor };
        tensor.Name = value;
        for (TensorOperand child = tensor; child.View is { } view; child = view.Parent)
        {
            if (view.Write is null) throw new InvalidOperationException("forward writes through a view that can't be written back (expand or the like).");
            written = view.Write(nameOf(view.Parent), written);
            view.Parent.Name = written;
            chain.Add(view.Parent);
        }

        int version = ++tensor.Root.Version;
        foreach (TensorOperand touched in chain) touched.SeenVersion = version;
    }
}
