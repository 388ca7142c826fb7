using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>
/// What the Inception networks share: layers one after the other, auxiliary classifiers behind some of them, then global average,
/// dropout and the classifier. Each network's constructor lists its layers under torchvision's names.
/// </summary>
public abstract class InceptionNetwork : Classifier, IAuxiliaryClassifiers
{
    private readonly List<(Module<Tensor, Tensor>? Layer, string Name, AuxiliaryClassifier? Auxiliary)> steps = [];

    /// <summary>Begins a network without layers.</summary>
    /// <param name="card">Its card.</param>
    private protected InceptionNetwork(NetworkCard card)
        : base(card)
    {
    }

    /// <inheritdoc/>
    public abstract double AuxiliaryWeight { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, AuxiliaryClassifier Classifier)> AuxiliaryClassifiers =>
        steps.Where(s => s.Auxiliary is not null).Select(s => (s.Name, s.Auxiliary!));

    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are smaller than the network takes (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images) => Features(images, auxiliary: null);

    /// <inheritdoc/>
    public (Tensor Logits, IReadOnlyList<Tensor> Auxiliary) CallWithAuxiliaries(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        var auxiliary = new List<Tensor>();
        Tensor logits = Classify(Features(images, auxiliary));
        return (logits.MoveToOuterDisposeScope(), [.. auxiliary.Select(a => a.MoveToOuterDisposeScope())]);
    }

    /// <summary>Puts a layer behind those that are there.</summary>
    /// <param name="name">Its name, torchvision's.</param>
    /// <param name="layer">The layer.</param>
    private protected void Add(string name, Module<Tensor, Tensor> layer)
    {
        register_module(name, layer);
        steps.Add((layer, name, null));
    }

    /// <summary>Lets a classifier look at what the layers so far give.</summary>
    /// <param name="name">Its name, torchvision's.</param>
    /// <param name="classifier">The classifier.</param>
    private protected void AddAuxiliary(string name, AuxiliaryClassifier classifier)
    {
        register_module(name, classifier);
        steps.Add((null, name, classifier));
    }

    private Tensor Features(Tensor images, List<Tensor>? auxiliary)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = images;
        foreach ((Module<Tensor, Tensor>? layer, _, AuxiliaryClassifier? classifier) in steps)
        {
            if (layer is not null)
                x = layer.call(x);
            else if (auxiliary is not null && classifier!.training)
                auxiliary.Add(classifier.call(x));
        }
        auxiliary?.ForEach(a => a.MoveToOuterDisposeScope());
        return functional.adaptive_avg_pool2d(x, 1).flatten(1).MoveToOuterDisposeScope();
    }
}
