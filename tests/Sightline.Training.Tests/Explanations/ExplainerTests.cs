using Sightline.Imaging;
using Sightline.Models;
using Sightline.Training.Explanations;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class ExplainerTests
{
    [Theory]
    [InlineData("cifar_resnet8", "layer3")]
    [InlineData("cifar_mobilenet_v2", "features")]
    [InlineData("cifar_inception", "inception6")]
    [InlineData("starnet_s1", "norm")]
    public void Cam_is_grad_cam_times_the_maps_places(string name, string layer)
    {
        using Classifier network = Networks.Create(name, 3, 4);
        using Tensor image = Image(32, 40);
        var explainer = new Explainer(network);
        for (int c = 0; c < 3; c++)
        {
            Explanation cam = Ask(explainer, image, ExplanationMethod.Cam, o => o with { Class = c }), grad = Ask(explainer, image, ExplanationMethod.GradCam, o => o with { Class = c });
            Assert.Equal((layer, layer, cam.Logit), (cam.Layer, grad.Layer, grad.Logit));
            float largest = cam.Map.Values.Max(Math.Abs);
            Assert.True(largest > 0);
            foreach ((float a, float b) in cam.Map.Values.Zip(grad.Map.Values))
                Assert.Equal(Math.Max(0, a), b * cam.Map.Values.Length, 1e-4f * largest);
            // The mean of the map and the bias are the logit (equation 1).
            using Tensor bias = network.state_dict()[network.HeadName + ".bias"].detach();
            Assert.Equal(cam.Logit, cam.Map.Values.Average() + bias[c].item<float>(), 1e-4);
        }
    }

    /// <summary>The names of all registered networks but the largest, which consist of the same blocks as the others.</summary>
    public static TheoryData<string> Registered => [.. Networks.Cards.Where(c => c.Parameters < 30_000_000).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Registered))]
    public void Every_registered_network_is_explained_or_refuses_in_one_sentence(string name)
    {
        NetworkCard card = Networks.Find(name);
        using Classifier network = Networks.Create(name, 3, 4);
        // Large enough for a map of several places behind a total stride of 32.
        int side = card.OneInputSize ? card.InputSize : Math.Max(card.SmallestInput, card.InputSize > 64 ? 96 : 32);
        using Tensor image = Image(side, side, channels: (int)SpatialLayers.ChannelsOf(network));
        var explainer = new Explainer(network);
        if (explainer.Layers(image).Count == 0)
        {
            Assert.Equal("layer-missing", Assert.Throws<BadInputException>(() => Ask(explainer, image, ExplanationMethod.GradCam)).Code);
            return;
        }
        Explanation grad = Ask(explainer, image, ExplanationMethod.GradCam);
        Assert.All(grad.Map.Values, v => Assert.True(float.IsFinite(v) && v >= 0));
        ReceptiveField field = ReceptiveField.Of(network, side, side);
        Assert.Equal(grad.Layer, field.Layer);
        Assert.InRange(field.Horizontal.Stride, side / (2 * grad.Map.Width), 2 * side / grad.Map.Width);
        try
        {
            Assert.Equal(grad.Layer, Ask(explainer, image, ExplanationMethod.Cam).Layer);
        }
        catch (BadInputException refused) when (refused.Code == "cam-head")
        {
            Assert.Contains("--method grad-cam", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Cam_reads_a_relu_that_is_no_module()
    {
        using var network = new MapClassifier(6, 3, nn.Conv2d(3, 6, 3, padding: 1), nn.ReLU());
        using Tensor image = Image(10, 10);
        Assert.Equal("features", Ask(new Explainer(network), image, ExplanationMethod.Cam).Layer);
    }

    [Theory]
    [InlineData("airbench94", "group3")]              // the largest, not the mean
    [InlineData("mobilenet_v3_small", "features")]    // one more layer behind the mean
    public void Cam_refuses_another_end_and_names_grad_cam(string name, string layer)
    {
        using Classifier network = Networks.Create(name, 3, 4);
        using Tensor image = Image(64, 64);
        BadInputException refused = Assert.Throws<BadInputException>(() => Ask(new Explainer(network), image, ExplanationMethod.Cam));
        Assert.Equal("cam-head", refused.Code);
        Assert.Contains($"'{layer}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--method grad-cam", refused.Message, StringComparison.Ordinal);
        Assert.Equal(layer, Ask(new Explainer(network), image, ExplanationMethod.GradCam).Layer);
    }

    [Fact]
    public void Grad_cam_sees_convolutions_that_run_as_matrix_products()
    {
        // Fresh norms pass their input on, so the maps before and behind one weigh the same.
        using Classifier network = Networks.Create("cifar_mobilenet_v2", 3, 4);
        using Tensor image = Image(32, 32);
        var explainer = new Explainer(network);
        Explanation convolution = Ask(explainer, image, ExplanationMethod.GradCam, o => o with { Layer = "features.4.conv.2" });
        Explanation norm = Ask(explainer, image, ExplanationMethod.GradCam, o => o with { Layer = "features.4.conv.3" });
        Assert.True(norm.Map.Values.Max() > 0);
        foreach ((float a, float b) in convolution.Map.Values.Zip(norm.Map.Values))
            Assert.Equal(a, b, 1e-3f * norm.Map.Values.Max());
    }

    [Fact]
    public void Grad_cam_leaves_the_network_as_it_was()
    {
        using Classifier network = Networks.Create("airbench94", 3, 4);
        using Tensor image = Image(32, 32);
        bool[] trainable = [.. network.parameters().Select(p => p.requires_grad)];
        Assert.Contains(false, trainable);
        Ask(new Explainer(network), image, ExplanationMethod.GradCam);
        Assert.Equal(trainable, network.parameters().Select(p => p.requires_grad));
        Assert.True(network.training);
        Assert.All(network.parameters(), p => Assert.Null(p.grad));
    }

    [Fact]
    public void Occlusion_points_at_the_one_place_that_the_network_looks_at()
    {
        using var network = new PlaceClassifier();
        using Tensor image = ones(1, 3, 16, 20);
        Explanation why = Ask(new Explainer(network), image, ExplanationMethod.Occlusion, o => o with { Patch = 4, Stride = 1 });
        Assert.Equal((20, 16), (why.Map.Width, why.Map.Height));
        (int x, int y) = HeatMap.Peak(why.Map);
        Assert.InRange(x, PlaceClassifier.X, PlaceClassifier.X + PlaceClassifier.Side - 1);
        Assert.InRange(y, PlaceClassifier.Y, PlaceClassifier.Y + PlaceClassifier.Side - 1);
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 20; column++)
            {
                // A patch of 4 that reaches the place begins at most 3 before it and ends at most 3 behind it.
                bool reached = column > PlaceClassifier.X - 4 && column < PlaceClassifier.X + PlaceClassifier.Side + 3 && row > PlaceClassifier.Y - 4 && row < PlaceClassifier.Y + PlaceClassifier.Side + 3;
                Assert.Equal(reached, why.Map[column, row] > 1e-6);
            }
        }
    }

    [Fact]
    public void Patches_cover_every_pixel()
    {
        Assert.Equal([0, 3, 6], Occlusion.Starts(10, 4, 3));
        Assert.Equal([0, 3, 6, 7], Occlusion.Starts(11, 4, 3));
        Assert.Equal([0], Occlusion.Starts(4, 4, 1));
    }

    [Fact]
    public void Integrated_gradients_of_a_linear_network_are_weight_times_difference()
    {
        using var network = new PlaceClassifier();
        using Tensor image = Image(16, 20);
        float[] blank = [-0.5f, 0.25f, 1];
        Explanation why = Ask(new Explainer(network), image, ExplanationMethod.IntegratedGradients, o => o with { Class = 0, Steps = 1, Blank = blank });
        Assert.InRange(why.Completeness!.Gap, 0, 1e-5);
        for (int y = 0; y < 16; y++)
        {
            for (int x = 0; x < 20; x++)
            {
                bool seen = x is >= PlaceClassifier.X and < PlaceClassifier.X + PlaceClassifier.Side && y is >= PlaceClassifier.Y and < PlaceClassifier.Y + PlaceClassifier.Side;
                double expected = seen ? Enumerable.Range(0, 3).Sum(k => 0.1 * (image[0, k, y, x].item<float>() - blank[k])) : 0;
                Assert.Equal(expected, why.Map[x, y], 1e-5);
            }
        }
    }

    [Fact]
    public void Integrated_gradients_come_to_be_complete_with_steps()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 4);
        using Tensor image = Image(16, 16);
        var explainer = new Explainer(network);
        double Gap(int steps) => Ask(explainer, image, ExplanationMethod.IntegratedGradients, o => o with { Class = 1, Steps = steps }).Completeness!.Gap;
        Assert.InRange(Gap(300), 0, 0.01);
        Assert.True(Gap(300) < Gap(2));
    }

    [Fact]
    public void What_cannot_be_explained_is_refused()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 4), flat = Networks.Create("mlp", 3, 4);
        using Tensor image = Image(32, 32);
        BadInputException Refused(Classifier asked, Func<ExplanationOptions, ExplanationOptions> change) =>
            Assert.Throws<BadInputException>(() => Ask(new Explainer(asked), image, ExplanationMethod.GradCam, change));
        Assert.Contains("Did you mean 'layer2.0'?", Refused(network, o => o with { Layer = "layr2.0" }).Message, StringComparison.Ordinal);
        Assert.Contains("conv1, bn1, layer1, layer2, layer3", Refused(network, o => o with { Layer = "something else" }).Message, StringComparison.Ordinal);
        Assert.Equal("class-unknown", Refused(network, o => o with { Class = 3 }).Code);
        Assert.Equal("layer-missing", Refused(flat, o => o).Code);
        Assert.Contains("--method occlusion", Refused(flat, o => o).Message, StringComparison.Ordinal);
        foreach (Func<ExplanationOptions, ExplanationOptions> change in (Func<ExplanationOptions, ExplanationOptions>[])[o => o with { Patch = 0 }, o => o with { Stride = 0 }, o => o with { Steps = 0 }, o => o with { Patch = 33 }, o => o with { Patch = 4, Stride = 5 }, o => o with { Blank = [0, 0] }])
            Assert.Equal("explain-option", Refused(network, o => change(o) with { Method = ExplanationMethod.Occlusion }).Code);
        using (no_grad())
            network.state_dict()["fc.bias"].fill_(float.NaN);
        Assert.Equal("logits-not-finite", Refused(network, o => o).Code);
    }

    [Fact]
    public void Nothing_is_left_behind_over_many_images()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 4);
        using Tensor image = Image(16, 16);
        var explainer = new Explainer(network);
        void All()
        {
            foreach (ExplanationMethod method in Enum.GetValues<ExplanationMethod>())
                Ask(explainer, image, method, o => o with { Steps = 4, Patch = 8 });
        }
        All();
        long tensors = Tensor.TotalCount;
        for (int i = 0; i < 10; i++)
            All();
        Assert.Equal(tensors, Tensor.TotalCount);
    }

    [Fact]
    public void A_picture_shows_the_evidence_beside_the_image()
    {
        var image = new RgbImage(16, 12);
        image.Fill(new Rgb(90, 90, 90));
        var map = new Plane<float>(4, 3);
        map[3, 0] = 2;
        map[0, 2] = -5;
        var why = new Explanation(ExplanationMethod.GradCam, 1, 0, 1.5, 0.25, "layer3", map, 16, 12);
        RgbImage picture = HeatPicture.Draw(image, why, ["cone", "crate"]);
        RgbImage overlay = HeatPicture.Overlay(image, HeatMap.Positive(why.PixelMap()));
        Assert.True(picture.Width > 2 * 340 && picture.Height > 256);
        int Light(int x, int y) => overlay.Row(y)[3 * x] + overlay.Row(y)[3 * x + 1] + overlay.Row(y)[3 * x + 2];
        Assert.True(Light(15, 0) > Light(8, 6) + 200);
        Assert.Equal(Light(8, 6), Light(0, 11));
    }

    internal static Tensor Image(int height, int width, ulong seed = 3, int channels = 3)
    {
        var draw = new SeedStream(seed, "explained");
        float[] values = new float[channels * height * width];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)draw.Normal();
        return tensor(values, [1, channels, height, width]);
    }

    private static Explanation Ask(Explainer explainer, Tensor image, ExplanationMethod method, Func<ExplanationOptions, ExplanationOptions>? change = null)
    {
        var options = new ExplanationOptions { Method = method };
        return explainer.Explain(image, change is null ? options : change(options));
    }
}
