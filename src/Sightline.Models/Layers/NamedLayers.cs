using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Holds layers under names that no field can have, such as the numbers of torchvision's <c>Sequential</c>.</summary>
internal sealed class NamedLayers : Module
{
    private readonly Dictionary<string, Module> layers = [];

    /// <summary>Creates it, empty.</summary>
    /// <param name="name">Its own name.</param>
    public NamedLayers(string name)
        : base(name)
    {
    }

    /// <summary>The layer of a name; setting one puts it in the place of another.</summary>
    /// <param name="name">E.g. <c>1</c>.</param>
    public Module this[string name]
    {
        get => layers[name];
        set
        {
            if (layers.ContainsKey(name))
                register_module(name, null!);
            layers[name] = value;
            register_module(name, value);
        }
    }
}
