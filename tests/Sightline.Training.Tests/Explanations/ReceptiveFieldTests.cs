using Sightline.Imaging;
using Sightline.Models;
using Sightline.Training.Explanations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class ReceptiveFieldTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Threes_on_threes_see_two_pixels_more_each(int layers)
    {
        using var network = new MapClassifier(2, 2, [.. Enumerable.Range(0, layers).Select(i => nn.Conv2d(i == 0 ? 3 : 2, 2, 3, padding: 1))]);
        ReceptiveField field = ReceptiveField.Of(network, 16, 16);
        var expected = new FieldSpan(1 + 2 * layers, 1, -layers);
        Assert.Equal((expected, expected, false), (field.Horizontal, field.Vertical, field.SeesAll));
        Assert.Equal(0.5, field.Horizontal.FirstCentre);
    }

    [Fact]
    public void Thirteen_threes_and_five_pools_see_212_pixels()
    {
        // VGG-16: 2, 2, 3, 3, 3 convolutions, a pool of 2 behind each group.
        var layers = new List<nn.Module<Tensor, Tensor>>();
        foreach (int group in (int[])[2, 2, 3, 3, 3])
        {
            for (int i = 0; i < group; i++)
                layers.Add(nn.Conv2d(layers.Count == 0 ? 3 : 2, 2, 3, padding: 1));
            layers.Add(nn.MaxPool2d(2, 2));
        }
        using var network = new MapClassifier(2, 2, [.. layers]);
        ReceptiveField field = ReceptiveField.Of(network, 64, 64);
        Assert.Equal(new FieldSpan(212, 32, -90), field.Horizontal);
        Assert.Equal(16, field.Horizontal.FirstCentre);
    }

    [Fact]
    public void Windows_of_any_form_are_followed_side_by_side()
    {
        // Height: 5 with dilation 2 → 9 pixels, stride 2; then a pool of 3/2 → 9 + 2·2, stride 4. Width: 3, stride 1; then 3 + 2, stride 2.
        using var network = new MapClassifier(4, 2, nn.Conv2d(3, 4, (5L, 3L), (2L, 1L), (4L, 0L), (2L, 1L)), nn.MaxPool2d(3, 2, 1));
        ReceptiveField field = ReceptiveField.Of(network, 24, 24);
        Assert.Equal(new FieldSpan(13, 4, -6), field.Vertical);
        Assert.Equal(new FieldSpan(5, 2, -1), field.Horizontal);
    }

    [Theory]
    [InlineData("resnet18", "layer4", 435, 32, 224)]
    [InlineData("resnet50", "layer4", 427, 32, 64)]
    [InlineData("mobilenet_v1", null, 315, 32, 64)]
    [InlineData("inception_v3", null, 1311, 32, 139)]
    public void Published_networks_see_as_far_as_is_published(string name, string? layer, int size, int stride, int side)
    {
        using Classifier network = Networks.Create(name, 2, 1);
        ReceptiveField field = ReceptiveField.Of(network, side, side, layer);
        Assert.Equal((size, stride), ((int)field.Horizontal.Size, (int)field.Horizontal.Stride));
        Assert.Equal(field.Horizontal, field.Vertical);
        Assert.False(field.SeesAll);
    }

    [Fact]
    public void What_looks_at_the_whole_map_is_said()
    {
        using Classifier network = Networks.Create("mobilenet_v3_small", 2, 1);
        ReceptiveField all = ReceptiveField.Of(network, 64, 64), before = ReceptiveField.Of(network, 64, 64, "features.0");
        Assert.True(all.SeesAll);
        Assert.False(before.SeesAll);
        Assert.Equal(new FieldSpan(3, 2, -1), before.Horizontal);
    }

    [Fact]
    public void The_gradient_reaches_exactly_as_far()
    {
        // Weights above 0 and pictures above 0: nothing cancels, nothing is cut off below; small enough, nothing is at ReLU6 above.
        (Classifier Network, string? Layer, double Scale)[] cases =
        [
            (new MapClassifier(4, 2, nn.Conv2d(3, 4, 3, stride: 2, padding: 1), nn.Conv2d(4, 4, 5, padding: 2), nn.AvgPool2d(2, 2)), null, 1),
            (Networks.Create("cifar_resnet8", 2, 1), "layer2", 1),
            (Networks.Create("cifar_resnet8", 2, 1), "layer3.0.conv1", 1),
            (Networks.Create("cifar_mobilenet_v2", 2, 1), "features.3.conv.2", 0.05),
        ];
        foreach ((Classifier network, string? layer, double scale) in cases)
        {
            using Classifier own = network;
            using (no_grad())
            {
                foreach (Parameter parameter in own.parameters())
                    parameter.abs_().mul_((float)scale).add_(0.001f);
            }
            const int side = 128;
            ReceptiveField field = ReceptiveField.Of(own, side, side, layer);
            using Tensor picture = rand(1, 3, side, side) * 0.01f + 0.01f;
            EffectiveField measured = EffectiveField.Of(own, picture, layer);
            (int left, int right) = Extent(measured.Share, (x, _) => x);
            (int top, int bottom) = Extent(measured.Share, (_, y) => y);
            Assert.Equal((field.Horizontal.Start + measured.CellX * field.Horizontal.Stride, field.Horizontal.Size), (left, right - left + 1));
            Assert.Equal((field.Vertical.Start + measured.CellY * field.Vertical.Stride, field.Vertical.Size), (top, bottom - top + 1));
        }
    }

    [Fact]
    public void The_effective_field_of_equal_weights_is_that_of_a_random_walk()
    {
        // n layers of equal 3×3 weights: the gradient is the n-fold convolution of a box, of variance n · 2/3 (section 2.1).
        const int layers = 6;
        using var network = new MapClassifier(1, 2, [.. Enumerable.Range(0, layers).Select(i => nn.Conv2d(i == 0 ? 3 : 1, 1, 3, padding: 1))]);
        using (no_grad())
        {
            foreach (Parameter parameter in network.parameters())
                parameter.fill_(0.1f);
        }
        using Tensor noise = EffectiveField.Noise(2, 33, 33, seed: 1);
        EffectiveField field = EffectiveField.Of(network, noise, batchSize: 1);
        Assert.Equal(Math.Sqrt(layers * 2 / 3.0), field.DeviationX, 1e-4);
        Assert.Equal(Math.Sqrt(layers * 2 / 3.0), field.DeviationY, 1e-4);
        Assert.Equal(1, field.Share.Values.Sum(), 1e-5);
        // The border of the theoretical field of 13 pixels hardly counts.
        Assert.InRange(field.Side, 6, 11);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 2, 1);
        using Tensor noise = EffectiveField.Noise(4, 32, 32, seed: 1);
        void Both()
        {
            EffectiveField.Of(network, noise);
            ReceptiveField.Of(network, 32, 32);
        }
        Both();
        long tensors = Tensor.TotalCount;
        Both();
        Both();
        // Fewer where tensors of other tests were collected meanwhile.
        Assert.True(Tensor.TotalCount <= tensors, $"{Tensor.TotalCount - tensors} tensors more than before");
        Assert.True(network.training);
    }

    private static (int First, int Last) Extent(Plane<float> share, Func<int, int, int> along)
    {
        int[] places = [.. share.Values.Index().Where(v => v.Item > 0).Select(v => along(v.Index % share.Width, v.Index / share.Width))];
        return (places.Min(), places.Max());
    }
}
