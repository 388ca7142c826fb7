using Sightline.Imaging;
using Sightline.Models;
using Sightline.Training.Explanations;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class LayerPictureTests
{
    [Fact]
    public void Filters_are_drawn_in_the_colours_that_they_look_for()
    {
        using var network = new MapClassifier(2, 2, nn.Conv2d(3, 2, 2, bias: false));
        using (no_grad())
        {
            Tensor weight = network.state_dict()["features.0.weight"];
            weight.zero_();
            // The first looks for red less blue at its first place; the second is zero.
            weight[0, 0, 0, 0] = 4;
            weight[0, 2, 0, 0] = -2;
        }
        (string layer, RgbImage sheet) = LayerPicture.Filters(network);
        Assert.Equal("features.0", layer);
        Rgb[] colours = [.. Enumerable.Range(0, sheet.Width * sheet.Height).Select(i => new Rgb(sheet.Pixels[3 * i], sheet.Pixels[3 * i + 1], sheet.Pixels[3 * i + 2]))];
        const int quarter = 32 * 32;
        Assert.Equal(quarter, colours.Count(c => c == new Rgb(255, 128, 64)));
        Assert.InRange(colours.Count(c => c == new Rgb(128, 128, 128)), 7 * quarter, 7 * quarter + 200); // and some of the letters' edges
    }

    [Fact]
    public void Convolutions_without_form_or_place_are_refused()
    {
        using Classifier network = Networks.Create("cifar_mobilenet_v2", 3, 4), flat = Networks.Create("mlp", 3, 4);
        Assert.Equal("filter-form", Assert.Throws<BadInputException>(() => LayerPicture.Filters(network, "features.4.conv.2")).Code);
        Assert.Contains("Did you mean 'features.0.0'?", Assert.Throws<BadInputException>(() => LayerPicture.Filters(network, "features.0")).Message, StringComparison.Ordinal);
        Assert.Equal("layer-missing", Assert.Throws<BadInputException>(() => LayerPicture.Filters(flat)).Code);
        Assert.Equal("features.4.conv.1.0", LayerPicture.Filters(network, "features.4.conv.1.0").Layer);
    }

    [Fact]
    public void Features_come_the_strongest_first_and_as_many_as_asked()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 4);
        using Tensor image = ExplainerTests.Image(32, 32);
        var picture = new RgbImage(32, 32);
        RgbImage few = LayerPicture.Features(network, image, picture, "layer1", most: 3).Sheet, all = LayerPicture.Features(network, image, picture, "layer1").Sheet;
        Assert.True(few.Width * few.Height < all.Width * all.Height);
        Assert.Equal("layer3", LayerPicture.Features(network, image, picture).Layer);
        Assert.True(network.training);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 4), fresh = Networks.Create("cifar_resnet8", 3, 5);
        using Tensor image = ExplainerTests.Image(32, 32);
        void All()
        {
            LayerPicture.Filters(network);
            LayerPicture.Features(network, image, new RgbImage(32, 32));
            WeightSanity.Run(network, fresh, [image], new ExplanationOptions());
        }
        All();
        long tensors = Tensor.TotalCount;
        All();
        All();
        Assert.Equal(tensors, Tensor.TotalCount);
    }
}
