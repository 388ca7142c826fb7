using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sightline.Models;
using Sightline.Pretrained;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Sightline.Tests;

public sealed class PretrainedTests
{
    [Fact]
    public void Features_are_those_of_the_packages_own_model_in_ONNX_Runtime()
    {
        using Classifier network = Networks.Create(ImageNetResNet18.NetworkName, 10, seed: 1);
        // Every parameter and statistic but the classifier's two; counters are not weights.
        Assert.Equal(network.state_dict().Count(t => t.Value.is_floating_point()) - 2, ImageNetResNet18.Load(network));
        network.eval();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var session = new InferenceSession(ImageNetPackage.Network,
            new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = 1 });
        for (int i = 0; i < 2; i++)
        {
            Tensor bgr = (FormulaWeights.Images(1, 3, 224, 224) * (i == 0 ? 60 : -25)).contiguous();
            float[] expected = [.. session.Run([NamedOnnxValue.CreateFromTensor("Input247", new DenseTensor<float>(bgr.data<float>().ToArray(), [1, 3, 224, 224]))])[0].AsEnumerable<float>()];
            float[] actual = network.Features(bgr.flip(1).contiguous()).data<float>().ToArray();
            Assert.Equal(512, expected.Length);
            float largest = expected.Max(Math.Abs), difference = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
            Assert.True(largest > 0 && difference < 1e-3f * largest, $"differs by {difference / largest} of the largest feature");
        }
    }

    [Fact]
    public void Another_network_and_another_size_are_refused()
    {
        using Classifier other = Networks.Create("resnet18", 10, seed: 1);
        Assert.Equal("pretrained-network", Assert.Throws<BadInputException>(() => ImageNetResNet18.Load(other)).Code);
        using Classifier network = Networks.Create(ImageNetResNet18.NetworkName, 10, seed: 1);
        Assert.Equal("network-input", Assert.Throws<BadInputException>(() => network.call(zeros(1, 3, 224, 200))).Code);
    }

    [Fact]
    public void Mean_is_ImageNets()
    {
        float[] mean = ImageNetResNet18.Mean();
        // Published for ImageNet: 0.485, 0.456, 0.406.
        Assert.All(mean.Zip([0.485f, 0.456f, 0.406f]), m => Assert.True(Math.Abs(m.First - m.Second) < 0.02f, $"{m.First} {m.Second}"));
    }
}
