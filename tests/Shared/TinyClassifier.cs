using System.Text;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Tests;

/// <summary>
/// A classifier small enough to be written by hand: convolution 3×3, ReLU, global mean, linear. <see cref="Forward"/> is its plain form
/// in C#, <see cref="ToOnnx"/> its ONNX file, encoded field by field (onnx.proto3), so that tests need neither torch nor an exporter.
/// </summary>
internal sealed record TinyClassifier(int Width, int Height, int Channels, int Classes, float[] Kernel, float[] KernelBias, float[] Linear, float[] LinearBias)
{
    public static TinyClassifier Random(ulong seed, int width = 12, int height = 10, int channels = 6, int classes = 5)
    {
        var stream = new SeedStream(seed, "tiny");
        return new TinyClassifier(width, height, channels, classes, Draw(ref stream, channels * 27, 0.3), Draw(ref stream, channels, 0.1), Draw(ref stream, classes * channels, 2), Draw(ref stream, classes, 0.2));
    }

    private static float[] Draw(ref SeedStream stream, int count, double deviation)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)stream.Normal(0, deviation);
        return values;
    }

    public ModelContract Contract(string fingerprint = "f00d") => new(
        1, "classification", "tiny", [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")],
        new Preprocessing(Width, Height, ResizeRule.Stretch, 0, [0.5f, 0.4f, 0.3f], [0.2f, 0.25f, 0.3f]), "images", "logits", fingerprint, "best, epoch 3");

    /// <summary>The logits of one input.</summary>
    public float[] Forward(ReadOnlySpan<float> input)
    {
        double[] means = new double[Channels];
        for (int c = 0; c < Channels; c++)
        {
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    double sum = KernelBias[c];
                    for (int k = 0; k < 27; k++)
                    {
                        int iy = y + k / 3 % 3 - 1, ix = x + k % 3 - 1;
                        if (iy >= 0 && iy < Height && ix >= 0 && ix < Width)
                            sum += Kernel[27 * c + k] * (double)input[(k / 9 * Height + iy) * Width + ix];
                    }
                    means[c] += Math.Max(0, sum) / (Width * Height);
                }
            }
        }
        return [.. Enumerable.Range(0, Classes).Select(j => (float)(LinearBias[j] + Enumerable.Range(0, Channels).Sum(c => Linear[j * Channels + c] * means[c])))];
    }

    /// <summary>The file, with a contract unless <paramref name="contract"/> is empty.</summary>
    public byte[] ToOnnx(string? contract = null)
    {
        var graph = new Proto();
        graph.Message(1, Node("Conv", ["images", "kernel", "kernel_bias"], "features", p => p.Message(5, Ints("pads", 1, 1, 1, 1))));
        graph.Message(1, Node("Relu", ["features"], "active"));
        graph.Message(1, Node("GlobalAveragePool", ["active"], "pooled"));
        graph.Message(1, Node("Flatten", ["pooled"], "flat"));
        graph.Message(1, Node("Gemm", ["flat", "linear", "linear_bias"], "logits", p => p.Message(5, Int("transB", 1))));
        graph.Text(2, "tiny");
        graph.Message(5, Tensor("kernel", Kernel, Channels, 3, 3, 3));
        graph.Message(5, Tensor("kernel_bias", KernelBias, Channels));
        graph.Message(5, Tensor("linear", Linear, Classes, Channels));
        graph.Message(5, Tensor("linear_bias", LinearBias, Classes));
        graph.Message(11, Value("images", 0, 3, Height, Width));
        graph.Message(12, Value("logits", 0, Classes));
        var model = new Proto().Varint(1, 8).Message(7, graph).Message(8, new Proto().Text(1, "").Varint(2, 17));
        contract ??= Contract().ToJson();
        if (contract.Length > 0)
            model.Message(14, new Proto().Text(1, ModelContract.MetadataKey).Text(2, contract));
        return model.ToArray();
    }

    private static Proto Node(string type, string[] inputs, string output, Func<Proto, Proto>? attributes = null)
    {
        var node = new Proto();
        foreach (string input in inputs)
            node.Text(1, input);
        node.Text(2, output).Text(3, type.ToLowerInvariant()).Text(4, type);
        return attributes is null ? node : attributes(node);
    }

    private static Proto Int(string name, int value) => new Proto().Text(1, name).Varint(3, value).Varint(20, 2);

    private static Proto Ints(string name, params int[] values)
    {
        var attribute = new Proto().Text(1, name);
        foreach (int value in values)
            attribute.Varint(8, value);
        return attribute.Varint(20, 7);
    }

    private static Proto Tensor(string name, float[] values, params int[] shape)
    {
        var tensor = new Proto();
        foreach (int side in shape)
            tensor.Varint(1, side);
        return tensor.Varint(2, 1).Text(8, name).Bytes(9, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    /// <summary>A float32 value; a side of 0 is the free batch.</summary>
    private static Proto Value(string name, params int[] shape)
    {
        var sides = new Proto();
        foreach (int side in shape)
            sides.Message(1, side == 0 ? new Proto().Text(2, "N") : new Proto().Varint(1, side));
        return new Proto().Text(1, name).Message(2, new Proto().Message(1, new Proto().Varint(1, 1).Message(2, sides)));
    }

    /// <summary>The protobuf wire format: tag, then varint or length and bytes.</summary>
    private sealed class Proto
    {
        private readonly MemoryStream bytes = new();

        public Proto Varint(int field, long value)
        {
            Raw((ulong)field << 3);
            Raw((ulong)value);
            return this;
        }

        public Proto Bytes(int field, byte[] value)
        {
            Raw(((ulong)field << 3) | 2);
            Raw((ulong)value.Length);
            bytes.Write(value);
            return this;
        }

        public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public Proto Message(int field, Proto value) => Bytes(field, value.ToArray());

        public byte[] ToArray() => bytes.ToArray();

        private void Raw(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                bytes.WriteByte((byte)(value | 0x80));
            bytes.WriteByte((byte)value);
        }
    }
}

/// <summary>A file in the temporary folder that goes when it is disposed.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(byte[] content, string extension = ".onnx")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"sightline-{Guid.NewGuid():N}{extension}");
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
