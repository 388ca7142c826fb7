using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>An image classifier: <c>[N, 3, H, W] float32</c> in (one channel where its card says so), logits <c>[N, classes] float32</c> out.</summary>
/// <remarks>
/// Blocks are called through <c>call</c>, so that forward hooks fire. Parameter names are torchvision's. The classifier layer is
/// named by <see cref="HeadName"/> and can be replaced by <see cref="ReplaceHead"/>.
/// </remarks>
public abstract class Classifier : Module<Tensor, Tensor>
{
    // Together in one field, since TorchSharp registers modules under the names of fields that hold one.
    private (NamedLayers? Part, string Name, Linear? Layer, double Drop) last;

    private readonly NetworkCard? card;

    /// <summary>Creates a registered network.</summary>
    /// <param name="card">Its card.</param>
    private protected Classifier(NetworkCard card)
        : this(card.Name) => this.card = card;

    /// <summary>Creates the module under torchvision's name for it.</summary>
    /// <param name="name">The network's name.</param>
    protected Classifier(string name)
        : base(name)
    {
    }

    /// <summary>The parameter prefix of the classifier layer, e.g. <c>fc</c>.</summary>
    public string HeadName => last.Part is null ? last.Name : $"{last.Part.GetName()}.{last.Name}";

    /// <summary>How many classes the classifier layer tells apart.</summary>
    public int Classes => (int)Head.weight.shape[0];

    /// <summary>The classifier layer, from features to logits.</summary>
    protected Linear Head
    {
        get => last.Layer!;
        private set => last.Layer = value;
    }

    /// <summary>The features, dropout on them where the network has some, and the classifier layer.</summary>
    /// <param name="images"><c>[N, 3, H, W] float32</c>.</param>
    /// <returns>Logits, <c>[N, classes] float32</c>.</returns>
    public override Tensor forward(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Classify(Features(images)).MoveToOuterDisposeScope();
    }

    /// <summary>From features to logits: dropout in training, and the classifier layer.</summary>
    /// <param name="features"><c>[N, features] float32</c>.</param>
    /// <returns>Logits, <c>[N, classes] float32</c>.</returns>
    private protected Tensor Classify(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor kept = last.Drop > 0 ? functional.dropout(features, last.Drop, training) : features;
        return Head.call(kept).MoveToOuterDisposeScope();
    }

    /// <summary>The pooled features before the classifier.</summary>
    /// <param name="images"><c>[N, 3, H, W] float32</c>.</param>
    /// <returns><c>[N, features] float32</c>.</returns>
    public abstract Tensor Features(Tensor images);

    /// <summary>Whether a parameter belongs to a layer that has an output for each class: the classifier layer, or that of an auxiliary
    /// classifier. Such layers depend on the classes; everything else is the backbone.</summary>
    /// <param name="parameter">The parameter's name, e.g. <c>fc.weight</c>.</param>
    /// <returns>Whether it does.</returns>
    public bool IsHead(string parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.StartsWith(HeadName + ".", StringComparison.Ordinal)
            || AuxiliaryClassifiers.Any(a => parameter.StartsWith($"{a.Name}.{a.Classifier.HeadName}.", StringComparison.Ordinal));
    }

    /// <summary>The auxiliary classifiers by name; none but in networks that have some.</summary>
    protected virtual IEnumerable<(string Name, AuxiliaryClassifier Classifier)> AuxiliaryClassifiers => [];

    /// <summary>Puts a freshly initialised classifier layer in the place of the present one, in auxiliary classifiers too; everything
    /// before it stays.</summary>
    /// <param name="classes">How many classes to tell apart, at least 1.</param>
    /// <param name="seed">The run's seed; the new layer gets the weights that a network built with it would have there.</param>
    public void ReplaceHead(int classes, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Linear old = Head;
        Head = ClassifierLayer.Fresh(old, classes, seed, HeadName, (this as INormallyInitialised)?.Deviation);
        RegisterHead(Head);
        old.Dispose();
        foreach ((string name, AuxiliaryClassifier auxiliary) in AuxiliaryClassifiers)
            auxiliary.ReplaceHead(classes, seed, name + ".");
    }

    /// <summary>Adds a constant to each class's logit, for good: in the bias of the classifier layer, and one without a bias gets one.</summary>
    /// <param name="by">One number for each class.</param>
    public void ShiftLogits(IReadOnlyList<double> by)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (by.Count != Classes)
            throw new ArgumentException($"There are {by.Count} numbers for {Classes} classes.", nameof(by));
        using IDisposable noGrad = no_grad();
        if (Head.bias is null)
        {
            Linear old = Head;
            Head = ClassifierLayer.WithBias(old);
            RegisterHead(Head);
            old.Dispose();
        }
        using DisposeScope scope = NewDisposeScope();
        Head.bias!.add_(tensor([.. by.Select(b => (float)(b / LogitScale))]).to(Head.bias.device));
    }

    /// <summary>What the outputs of the classifier layer are multiplied by to give logits.</summary>
    private protected virtual double LogitScale => 1;

    /// <summary>Refuses images that the network is not made for: too small, or of another number of channels.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <exception cref="BadInputException">They are (<c>network-input</c>).</exception>
    private protected void RequireInput(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (card is not null)
            InputSize.Require(card, images);
    }

    /// <summary>Ends the network with its classifier layer.</summary>
    /// <param name="name">The layer's name, torchvision's where it has the network.</param>
    /// <param name="layer">The layer, from features to logits.</param>
    /// <param name="drop">The probability of dropping a feature before it in training, in [0, 1).</param>
    protected void AddHead(string name, Linear layer, double drop = 0)
    {
        last = (null, name, layer, drop);
        register_module(name, layer);
    }

    /// <summary>The same for a layer that stands within a part, such as <c>classifier.1</c>.</summary>
    /// <param name="part">The part, already registered.</param>
    /// <param name="name">The layer's name in it.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="drop">The probability of dropping a feature before it in training, in [0, 1).</param>
    private protected void AddHead(NamedLayers part, string name, Linear layer, double drop = 0)
    {
        last = (part, name, layer, drop);
        part[name] = layer;
    }

    /// <summary>Registers the classifier layer under <see cref="HeadName"/>, in the place of the present one.</summary>
    /// <param name="head">The layer.</param>
    private void RegisterHead(Linear head)
    {
        if (last.Part is not null)
        {
            last.Part[last.Name] = head;
            return;
        }
        register_module(HeadName, null!);
        register_module(HeadName, head);
    }
}
