using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>A classifier that is linear in one square of the image and sees nothing else; it has no maps.</summary>
internal sealed class PlaceClassifier : Classifier
{
    public const int X = 9, Y = 3, Side = 4, Values = 3 * Side * Side;

    public PlaceClassifier()
        : base("place")
    {
        Linear fc = nn.Linear(Values, 2);
        AddHead("fc", fc);
        using (no_grad())
        {
            fc.weight.copy_(stack([ones(Values), zeros(Values)]) * 0.1);
            fc.bias!.copy_(tensor([0.5f, -0.25f]));
        }
    }

    public override Tensor Features(Tensor images) => images.narrow(2, Y, Side).narrow(3, X, Side).flatten(1);
}

/// <summary>Layers, the mean over the map, one linear layer.</summary>
internal sealed class MapClassifier : Classifier
{
    private readonly Sequential features;

    public MapClassifier(int channels, int classes, params nn.Module<Tensor, Tensor>[] layers)
        : base("map")
    {
        features = nn.Sequential(layers);
        RegisterComponents();
        AddHead("fc", nn.Linear(channels, classes));
        WeightInitialisation.Apply(this, 5);
    }

    public override Tensor Features(Tensor images) => features.call(images).mean([2, 3]);
}
