using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Tests;

/// <summary>A network of every kind of layer that a fault is planted in: convolution, BatchNorm, ReLU, resize, convolution, mean, linear.</summary>
internal sealed record PlantedNetwork
{
    public const int Width = 20, Height = 16, Channels = 6;

    public float[] Stem { get; init; } = Draw("stem", Channels * 27, 0.3);

    public float[] Deep { get; init; } = Draw("deep", Channels * Channels * 9, 0.3);

    public float[] Head { get; init; } = Draw("head", 5 * Channels, 2);

    public float[] RunningMean { get; init; } = Draw("mean", Channels, 0.3);

    public float[] RunningVariance { get; init; } = [.. Draw("variance", Channels, 0.3).Select(v => 0.5f + Math.Abs(v))];

    public string ResizeCoordinates { get; init; } = "half_pixel";

    public IReadOnlyList<string> Classes { get; init; } = ["cone", "crate", "pallet", "person", "sign"];

    public Preprocessing Preprocessing { get; init; } = new(Width, Height, ResizeRule.Letterbox, 0, [0.5f, 0.4f, 0.3f], [0.2f, 0.25f, 0.3f]);

    public byte[] ToOnnx()
    {
        var graph = new GraphProto { Name = "planted" };
        graph.Node.Add(Node("Conv", ["images", "stem.conv.weight"], "stem", Ints("pads", 1, 1, 1, 1)));
        graph.Node.Add(Node("BatchNormalization", ["stem", "stem.bn.weight", "stem.bn.bias", "stem.bn.running_mean", "stem.bn.running_var"], "normalised"));
        graph.Node.Add(Node("Relu", ["normalised"], "active"));
        graph.Node.Add(Node("Resize", ["active", "", "scales"], "larger", Text("mode", "linear"), Text("coordinate_transformation_mode", ResizeCoordinates)));
        graph.Node.Add(Node("Conv", ["larger", "deep.conv.weight"], "deep", Ints("pads", 1, 1, 1, 1)));
        graph.Node.Add(Node("Relu", ["deep"], "deepActive"));
        graph.Node.Add(Node("GlobalAveragePool", ["deepActive"], "pooled"));
        graph.Node.Add(Node("Flatten", ["pooled"], "flat"));
        graph.Node.Add(Node("Gemm", ["flat", "head.weight"], "logits", new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 }));
        graph.Initializer.Add(Tensor("stem.conv.weight", Stem, Channels, 3, 3, 3));
        graph.Initializer.Add(Tensor("stem.bn.weight", [.. Enumerable.Repeat(1f, Channels)], Channels));
        graph.Initializer.Add(Tensor("stem.bn.bias", [.. Enumerable.Repeat(0.1f, Channels)], Channels));
        graph.Initializer.Add(Tensor("stem.bn.running_mean", RunningMean, Channels));
        graph.Initializer.Add(Tensor("stem.bn.running_var", RunningVariance, Channels));
        graph.Initializer.Add(Tensor("scales", [1, 1, 2, 2], 4));
        graph.Initializer.Add(Tensor("deep.conv.weight", Deep, Channels, Channels, 3, 3));
        graph.Initializer.Add(Tensor("head.weight", Head, Classes.Count, Channels));
        graph.Input.Add(Value("images", 3, Height, Width));
        graph.Output.Add(Value("logits", Classes.Count));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        model.MetadataProps.Add(new StringStringEntryProto { Key = ModelContract.MetadataKey, Value = Contract.ToJson() });
        return model.ToByteArray();
    }

    public ModelContract Contract => new(1, "classification", "planted", Classes, Preprocessing, "images", "logits", "f00d", "best, epoch 3");

    /// <summary>Logits of one image, by the file itself.</summary>
    public float[] Logits(byte[] image)
    {
        using ImageClassifier classifier = ImageClassifier.Open(ToOnnx(), "planted");
        return [.. classifier.Classify(image).Logits];
    }

    private static float[] Draw(string name, int count, double deviation)
    {
        var stream = new SeedStream(7, name);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)stream.Normal(0, deviation);
        return values;
    }

    private static NodeProto Node(string type, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        return node;
    }

    private static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    private static AttributeProto Text(string name, string value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    private static TensorProto Tensor(string name, float[] values, params long[] sizes)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) };
        tensor.Dims.AddRange(sizes);
        return tensor;
    }

    private static ValueInfoProto Value(string name, params long[] sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        shape.Dim.AddRange(sizes.Select(s => new TensorShapeProto.Types.Dimension { DimValue = s }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } } };
    }
}
