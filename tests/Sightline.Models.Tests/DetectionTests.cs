using System.Text.Json;
using CsCheck;
using Sightline.Models;
using Sightline.Models.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Boxes against torchvision (<c>Golden/make_boxes.py</c>), and each locating head: its target, its loss, and back to boxes.</summary>
public sealed class DetectionTests : IDisposable
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "boxes.json"))).RootElement;

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Overlaps_are_torchvisions() => Near(Boxes("iou", 60), BoxRows.IoU(Boxes("truth"), Boxes("found")), 1e-6);

    [Fact]
    public void Suppression_keeps_torchvisions_boxes()
    {
        Tensor rows = cat([Boxes("found"), Boxes("scores", 1)], 1);
        foreach (JsonProperty limit in Golden.GetProperty("kept").EnumerateObject())
        {
            long[] kept = [.. limit.Value.EnumerateArray().Select(e => e.GetInt64())];
            Near(rows[tensor(kept)], BoxRows.Suppress(rows, double.Parse(limit.Name, System.Globalization.CultureInfo.InvariantCulture)), 0);
        }
        Assert.Equal([0, 5], BoxRows.Suppress(zeros(0, 5), 0.5).shape);
    }

    [Fact]
    public void Anchors_are_matched_and_coded_as_torchvisions()
    {
        long[] expected = [.. Golden.GetProperty("matched").EnumerateArray().Select(e => e.GetInt64())];
        Tensor matched = AnchorHead.Match(Boxes("anchors"), Boxes("truth"));
        Assert.Equal(expected, matched.data<long>().ToArray());
        Assert.Contains(-2, expected);
        Tensor code = AnchorHead.Encode(Boxes("truth")[matched.clamp_min(0)], Boxes("anchors"));
        Near(Boxes("encoded"), code, 1e-5);
        Near(Boxes("truth")[matched.clamp_min(0)], AnchorHead.Decode(code, Boxes("anchors")), 1e-4);
        Assert.All(AnchorHead.Match(Boxes("anchors"), zeros(0, 4)).data<long>().ToArray(), m => Assert.Equal(-1, m));
    }

    [Fact]
    public void Focal_loss_is_torchvisions() =>
        Assert.Equal(Golden.GetProperty("focal").GetDouble(), AnchorHead.FocalLoss(Boxes("logits", 1).flatten(), Boxes("labels", 1).flatten()).item<float>(), 1e-4);

    [Fact]
    public void Within_the_radius_both_corners_may_move_and_the_boxes_overlap_by_seven_tenths()
    {
        Gen.Select(Gen.Double[0.5, 40], Gen.Double[0.5, 40], Gen.Double[0.3, 0.9]).Sample((w, h, overlap) =>
        {
            double r = CentreHead.Radius(w, h, overlap), area = w * h;
            Assert.True(r > 0);
            double inside = (w - 2 * r) * (h - 2 * r) / area, outside = area / ((w + 2 * r) * (h + 2 * r)), shared = (w - r) * (h - r), same = shared / (2 * area - shared);
            // The worst of the three is just allowed.
            Assert.Equal(overlap, Math.Min(inside, Math.Min(outside, same)), 1e-6);
        });
    }

    [Fact]
    public void A_heat_map_peaks_at_every_middle_and_takes_the_higher_of_two_gaussians()
    {
        var head = new CentreHead(8, stride: 4);
        // Middles at (10, 22) and (18, 22) pixels: cells (2, 5) and (4, 5).
        (Tensor heat, Tensor boxes, Tensor middles) = head.Targets([tensor(new float[] { 2, 8, 18, 36, 10, 8, 26, 36 }, [2, 4]), zeros(0, 4)], 16, 16);
        Assert.Equal(1, heat[0, 0, 5, 2].item<float>());
        Assert.Equal(1, heat[0, 0, 5, 4].item<float>());
        Assert.Equal(2, middles.sum().item<float>());
        Assert.Equal(0, heat[1].sum().item<float>());
        Assert.Equal([0.5f, 0.5f, 16, 28], boxes[0][.., 5, 2].contiguous().data<float>().ToArray());
        // The boxes are 4 × 7 cells: radius 0.63 rounds down to none, so one larger object shows the slope.
        (heat, _, _) = head.Targets([tensor(new float[] { 0, 0, 64, 64, 0, 0, 62, 62 }, [2, 4])], 16, 16);
        double radius = Math.Floor(CentreHead.Radius(16, 16)), sigma = (2 * radius + 1) / 6;
        Assert.Equal(1, radius);
        // Middles in cells 8 and 7: between them neither adds to the other.
        Assert.Equal(1, heat.max().item<float>());
        Assert.Equal(Math.Exp(-1 / (2 * sigma * sigma)), heat[0, 0, 8, 9].item<float>(), 1e-6);
        Assert.Equal(0, heat[0, 0, 8, 8 + (int)radius + 1].item<float>());
    }

    [Fact]
    public void Points_come_back_from_their_target()
    {
        var head = new CentreHead(8, stride: 4);
        Tensor truth = tensor(new float[] { 3, 5, 14, 30, 30, 10, 41, 33, 50, 2, 61, 20 }, [3, 4]);
        (Tensor heat, Tensor boxes, _) = head.Targets([truth, zeros(0, 4)], 16, 16);
        Tensor output = cat([heat.clamp(0.001, 0.999).logit(), boxes], 1);
        IReadOnlyList<Tensor> found = head.Decode(output);
        Tensor sure = found[0][found[0][.., 4] > 0.5];
        Assert.Equal(3, sure.shape[0]);
        Near(truth, sure[sure[.., 0].argsort()][.., ..4], 1e-4);
        Assert.True(found[1][.., 4].max().item<float>() < 0.01);
        // Right and sure costs next to nothing; the same output for the other image's truth costs much.
        Assert.True(head.Loss(output, [truth, zeros(0, 4)]).item<float>() < 0.02);
        Assert.True(head.Loss(output, [zeros(0, 4), truth]).item<float>() > 10);
    }

    [Fact]
    public void Anchors_come_back_from_their_target()
    {
        var head = new AnchorHead(8, stride: 4, [(8, 18), (13, 29)]);
        Tensor truth = tensor(new float[] { 3, 5, 14, 30, 30, 10, 41, 33 }, [2, 4]), anchors = head.Anchors(16, 16), match = AnchorHead.Match(anchors, truth);
        Assert.Equal([512, 4], anchors.shape);
        // The first cell's anchors lie about the middle of the first 4 × 4 pixels.
        Assert.Equal([-2, -7, 6, 11], anchors[0].data<float>().ToArray());
        Assert.Equal([6 - 6.5f, 2 - 14.5f, 6 + 6.5f, 2 + 14.5f], anchors[3].data<float>().ToArray());
        Tensor logits = match.ge(0).to(float32) * 20 - 10, code = AnchorHead.Encode(truth[match.clamp_min(0)], anchors) * match.ge(0).unsqueeze(1);
        Tensor output = cat([logits.unsqueeze(1), code], 1).reshape(1, 16, 16, 10).permute(0, 3, 1, 2);
        Tensor found = head.Decode(output)[0], sure = found[found[.., 4] > 0.5];
        Near(truth, sure[sure[.., 0].argsort()][.., ..4], 1e-3);
        Assert.True(head.Loss(output, [truth]).item<float>() < 0.02);
        Assert.True(head.Loss(output, [zeros(0, 4)]).item<float>() > 1);
    }

    [Fact]
    public void A_class_activation_maps_mean_is_the_classifiers_logit_and_its_box_is_where_it_looks()
    {
        var head = new ClassActivationHead(8, stride: 4);
        Dictionary<string, Tensor> state = head.state_dict();
        Tensor features = rand(2, 8, 16, 16), logits = functional_linear(features.mean([2, 3]), state["fc.weight"].flatten(1), state["fc.bias"]);
        Near(logits.flatten(), head.call(features).mean([1, 2, 3]), 1e-5);
        // Two bright parts: cells 2–4 and cell 12 of row 6, the second half as bright.
        Tensor map = zeros(1, 1, 16, 16);
        map[0, 0, 5..8, 2..5] = 1;
        map[0, 0, 5..8, 11..14] = 0.5f;
        float[][] boxes = [.. BoxRows.Read(head.Decode(map + state["fc.bias"])[0])];
        Assert.Equal(2, boxes.Length);
        Assert.InRange(boxes[0][0], 4, 8);
        Assert.InRange(boxes[0][2], 20, 24);
        Assert.Equal(boxes[0][4] / 2, boxes[1][4], 1e-5);
        Assert.Empty(BoxRows.Read(head.Decode(state["fc.bias"] - ones(1, 1, 16, 16))[0]));

        static Tensor functional_linear(Tensor x, Tensor weight, Tensor bias) => x.matmul(weight.t()) + bias;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_regressed_box_learns_the_largest_object(bool pooled)
    {
        var head = new BoxRegressionHead(8, stride: 4, height: 64, width: 32, pooled);
        Assert.Equal([3, 5], head.call(rand(3, 8, 16, 8)).shape);
        Tensor truth = tensor(new float[] { 1, 1, 3, 3, 4, 8, 12, 40 }, [2, 4]);
        // Middle (8, 24), sides 8 × 32, of 32 × 64.
        Tensor output = tensor(new float[] { 0.25f, 0.375f, 0.25f, 0.5f, 9, 0, 0, 0, 0, -9 }, [2, 5]);
        Near(tensor(new float[] { 4, 8, 12, 40 }, [1, 4]), head.Decode(output)[0][.., ..4], 1e-4);
        Assert.Equal(0, head.Loss(output, [truth, zeros(0, 4)]).item<float>(), 1e-3);
        Assert.Equal(9, head.Loss(output, [zeros(0, 4), truth[..1]]).item<float>(), 0.5);
        Assert.Equal(1 / (1 + Math.Exp(9)), head.Decode(output)[1][0, 4].item<float>(), 1e-6);
    }

    [Fact]
    public void Every_head_trains_on_a_backbone_and_leaves_no_tensors()
    {
        Func<IBackbone, LocatingHead>[] heads =
        [
            b => new ClassActivationHead(b.FeatureChannels, b.FeatureStride),
            b => new BoxRegressionHead(b.FeatureChannels, b.FeatureStride, 32, 32, pooled: false),
            b => new CentreHead(b.FeatureChannels, b.FeatureStride),
            b => new AnchorHead(b.FeatureChannels, b.FeatureStride, [(8, 16)]),
        ];
        foreach (Func<IBackbone, LocatingHead> make in heads)
        {
            Classifier backbone = Networks.Create("cifar_resnet8", 2, seed: 1);
            using var network = new Locator(backbone, make((IBackbone)backbone));
            WeightInitialisation.Apply(network, seed: 1);
            using var sgd = optim.SGD(network.parameters(), learningRate: 0.01);
            double first = 0, last = 0;
            long live = 0;
            for (int step = 0; step < 12; step++)
            {
                using DisposeScope inner = NewDisposeScope();
                manual_seed(5);
                sgd.zero_grad();
                Tensor loss = network.Head.Loss(network.call(rand(4, 3, 32, 32)), [tensor(new float[] { 4, 4, 14, 22 }, [1, 4]), zeros(0, 4), tensor(new float[] { 10, 6, 18, 22, 1, 1, 9, 17 }, [2, 4]), zeros(0, 4)]);
                loss.backward();
                sgd.step();
                (first, last) = (step == 0 ? loss.item<float>() : first, loss.item<float>());
                using (no_grad())
                    network.Head.Decode(network.call(rand(1, 3, 32, 32)));
                inner.Dispose();
                if (step == 3)
                    live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            }
            Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            Assert.True(last < first, $"{network.Head.GetName()}: {first} → {last}");
        }
    }

    [Fact]
    public void A_backbone_gives_the_map_whose_mean_it_classifies()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, seed: 1);
        network.eval();
        var backbone = (IBackbone)network;
        Tensor images = rand(1, 3, 64, 48), map = backbone.FeatureMap(images);
        Assert.Equal([1, backbone.FeatureChannels, 64 / backbone.FeatureStride, 48 / backbone.FeatureStride], map.shape);
        Near(network.Features(images), map.mean([2, 3]), 1e-5);
        using Classifier large = Networks.Create("resnet18", 3, seed: 1);
        Assert.Equal((512, 32), (((IBackbone)large).FeatureChannels, ((IBackbone)large).FeatureStride));
    }

    private static Tensor Boxes(string name, int columns = 4)
    {
        float[] values = [.. Golden.GetProperty(name).EnumerateArray().Select(e => e.GetSingle())];
        return tensor(values, [values.Length / columns, columns]);
    }

    private static void Near(Tensor expected, Tensor actual, double by)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<float>() <= by, $"{(expected - actual).abs().max().item<float>()}");
    }
}
