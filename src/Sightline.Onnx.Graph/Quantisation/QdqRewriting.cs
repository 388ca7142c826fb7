using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Sightline.Onnx.Graph;

/// <summary>
/// Writes a float32 model as QDQ: pairs of QuantizeLinear and DequantizeLinear around its values, weights as int8. Runtimes that know integer
/// kernels take them from these pairs; all others reckon the same in float. Activations are uint8 with a zero point, weights int8 around 0,
/// biases int32 (Jacob et al. 2018, section 2).
/// </summary>
public static class QdqRewriting
{
    /// <summary>Operators with weights.</summary>
    private static readonly HashSet<string> weighted = ["Conv", "Gemm", "MatMul"];

    /// <summary>Operators that have integer kernels of their own, or only move values.</summary>
    private static readonly HashSet<string> others = ["Add", "GlobalAveragePool", "AveragePool", "MaxPool", "Concat"];

    /// <summary>Operators that runtimes fold into the rounding behind them: between them and what they follow no rounding is put.</summary>
    private static readonly HashSet<string> folded = ["Relu", "Clip"];

    /// <summary>The operators of a model that can be brought to integers.</summary>
    /// <param name="file">The model.</param>
    /// <returns>The operators, in their order.</returns>
    public static IReadOnlyList<GraphNode> Quantisable(OnnxFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var constants = file.Initializers.Select(i => i.Name).ToHashSet();
        return [.. file.DataPath().Where(n => weighted.Contains(n.Operator) ? constants.Contains(n.Inputs[1]) : others.Contains(n.Operator) && !n.Inputs.Any(constants.Contains))];
    }

    /// <summary>The values whose ranges a plan needs: what quantisable operators take and give.</summary>
    /// <param name="file">The model.</param>
    /// <returns>Their names.</returns>
    public static IReadOnlyList<string> Values(OnnxFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var constants = file.Initializers.Select(i => i.Name).ToHashSet();
        var values = Quantisable(file).SelectMany(n => n.Inputs.Concat(n.Outputs)).Where(v => v.Length > 0 && !constants.Contains(v)).ToHashSet();
        foreach (GraphNode node in file.Nodes.Where(n => folded.Contains(n.Operator) && values.Contains(n.Inputs[0])))
            values.Add(node.Outputs[0]);
        return [.. values];
    }

    /// <summary>How many channels an operator with weights takes.</summary>
    /// <param name="file">The model.</param>
    /// <param name="node">One of its convolutions or products with weights.</param>
    /// <returns>The number.</returns>
    public static int InputChannels(OnnxFile file, GraphNode node)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(node);
        NodeProto proto = file.Model.Graph.Node.First(n => n.Output[0] == node.Outputs[0]);
        TensorProto weights = file.Model.Graph.Initializer.First(t => t.Name == node.Inputs[1]);
        return (int)(proto.OpType == "Conv" ? weights.Dims[1] * Tensors.Int(proto, "group", 1) : weights.Dims[ChannelAxis(proto, weights) == 0 ? 1 : 0]);
    }

    /// <summary>Rewrites a model.</summary>
    /// <param name="file">The model, BatchNorms folded.</param>
    /// <param name="plan">Ranges, and what stays in float.</param>
    /// <returns>The QDQ model.</returns>
    /// <exception cref="BadInputException">Its operator set is below 13, or weights are no float32.</exception>
    public static OnnxFile Rewrite(OnnxFile file, QuantisationPlan plan)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(plan);
        if (file.Opset < 13)
            throw new BadInputException("quantise-opset", $"The model's operator set is {file.Opset}; steps for each channel came with 13.", fix: "Export it again: sightline export writes 17 or more.");
        ModelProto model = file.Model.Clone();
        new Rewriter(model.Graph, plan, [.. Quantisable(file).Where(n => !plan.InFloat.Contains(n.Name)).Select(n => n.Name)]).Run();
        return OnnxFile.Parse(model.ToByteArray());
    }

    // [O, I, kh, kw] of a convolution; [I, O] of a product unless it transposes.
    private static int ChannelAxis(NodeProto node, TensorProto weights) => node.OpType == "Conv" || (node.OpType == "Gemm" && Tensors.Int(node, "transB", 0) == 1) ? 0 : weights.Dims.Count - 1;

    private sealed class Rewriter(GraphProto graph, QuantisationPlan plan, HashSet<string> chosen)
    {
        private readonly Dictionary<string, TensorProto> weights = graph.Initializer.ToDictionary(t => t.Name);
        private readonly Dictionary<string, string> rounded = [];
        private readonly HashSet<string> named = [];
        private readonly List<NodeProto> nodes = [];

        public void Run()
        {
            HashSet<string> wanted = Wanted();
            foreach (string input in graph.Input.Select(i => i.Name).Where(wanted.Contains))
                Round(input);
            foreach (NodeProto node in graph.Node.ToArray())
            {
                // What is rounded is read rounded by everybody: a runtime then keeps it as integers.
                string? taken = node.Input.Count > 0 ? node.Input[0] : null;
                for (int i = 0; i < node.Input.Count; i++)
                    node.Input[i] = rounded.GetValueOrDefault(node.Input[i], node.Input[i]);
                if (chosen.Contains(node.Name) && weighted.Contains(node.OpType) && taken is not null && plan.Ranges.TryGetValue(taken, out ActivationRange range) && wanted.Contains(taken))
                    Weights(node, taken, range);
                nodes.Add(node);
                foreach (string output in node.Output.Where(wanted.Contains))
                    Round(output);
            }
            graph.Node.Clear();
            graph.Node.AddRange(nodes);
            DropUnused();
        }

        // Inputs and outputs of chosen operators; behind one that is followed by ReLU alone, the ReLU's output.
        private HashSet<string> Wanted()
        {
            ILookup<string, NodeProto> users = graph.Node.SelectMany(n => n.Input.Distinct().Select(i => (i, n))).ToLookup(x => x.i, x => x.n);
            var outputs = graph.Output.Select(o => o.Name).ToHashSet();
            var wanted = new HashSet<string>();
            foreach (NodeProto node in graph.Node.Where(n => chosen.Contains(n.Name)))
            {
                wanted.UnionWith(node.Input.Where(i => !weights.ContainsKey(i)));
                string output = node.Output[0];
                if (!outputs.Contains(output) && users[output].ToArray() is [{ } only] && folded.Contains(only.OpType))
                    output = only.Output[0];
                wanted.Add(output);
            }
            // Logits stay float32: they are few, and nothing is reckoned with them any more.
            wanted.RemoveWhere(v => !plan.Ranges.ContainsKey(v) || outputs.Contains(v));
            return wanted;
        }

        private void Round(string value)
        {
            ActivationRange range = plan.Ranges[value];
            string scale = Add(Tensors.Of<float>($"{value}.scale", DataType.Float, [], [range.Scale])), zero = Add(Tensors.Of<byte>($"{value}.zero", DataType.Uint8, [], [range.ZeroPoint]));
            nodes.Add(Tensors.Node("QuantizeLinear", $"{value}.Quantize", [value, scale, zero], $"{value}.quantized"));
            nodes.Add(Tensors.Node("DequantizeLinear", $"{value}.Dequantize", [$"{value}.quantized", scale, zero], $"{value}.rounded"));
            rounded[value] = $"{value}.rounded";
        }

        private void Weights(NodeProto node, string taken, ActivationRange input)
        {
            TensorProto tensor = weights[node.Input[1]];
            float[] values = Tensors.Floats(tensor);
            int axis = ChannelAxis(node, tensor);
            int channels = plan.PerChannel ? (int)tensor.Dims[axis] : 1;
            long inner = tensor.Dims.Skip(axis + 1).Aggregate(1L, (product, size) => product * size);
            int ChannelOf(int i) => channels == 1 ? 0 : (int)(i / inner % channels);
            float[] scales = new float[channels];
            for (int i = 0; i < values.Length; i++)
                scales[ChannelOf(i)] = Math.Max(scales[ChannelOf(i)], Math.Abs(values[i]));
            int levels = plan.SevenBitWeights ? 63 : 127;
            for (int c = 0; c < channels; c++)
                scales[c] = Math.Max(scales[c] / levels, 1e-12f);
            sbyte[] integers = new sbyte[values.Length];
            for (int i = 0; i < values.Length; i++)
                integers[i] = (sbyte)Math.Clamp(MathF.Round(values[i] / scales[ChannelOf(i)]), -levels, levels);
            // Named after the weights, so that a person finds his layer; layers that share them have steps of their own.
            string name = named.Add(tensor.Name) ? tensor.Name : $"{tensor.Name}.{node.Name}";
            node.Input[1] = Dequantized(name, DataType.Int8, tensor.Dims, integers, scales, axis, new sbyte[channels]);
            if (node.OpType != "MatMul")
                Bias(node, tensor, axis, taken, [.. values.Select((w, i) => integers[i] * scales[ChannelOf(i)] - w)], [.. scales.Select(s => s * input.Scale)]);
        }

        // A bias is added to sums of products: it has their step.
        private void Bias(NodeProto node, TensorProto tensor, int axis, string taken, float[] errors, float[] steps)
        {
            bool has = node.Input.Count > 2 && weights.ContainsKey(node.Input[2]);
            float[]? means = plan.InputMeans?.GetValueOrDefault(taken);
            if (!has && means is null)
                return;
            int outputs = (int)tensor.Dims[axis];
            double[] bias = has ? [.. Tensors.Floats(weights[node.Input[2]]).Select(b => (double)b)] : new double[outputs];
            if (means is not null)
            {
                // Of a convolution in groups each output sees the channels of its own.
                int inner = errors.Length / outputs, groups = (int)Tensors.Int(node, "group", 1), seen = means.Length / groups, kernel = inner / seen;
                for (int i = 0; i < errors.Length; i++)
                {
                    (int output, int within) = axis == 0 ? (i / inner, i % inner) : (i % outputs, i / outputs);
                    bias[output] -= errors[i] * (double)means[output / (outputs / groups) * seen + within / kernel];
                }
            }
            int[] whole = [.. bias.Select((b, i) => (int)Math.Clamp(Math.Round(b / steps[steps.Length == 1 ? 0 : i]), -int.MaxValue, int.MaxValue))];
            while (node.Input.Count > 2)
                node.Input.RemoveAt(2);
            node.Input.Add(Dequantized($"{node.Name}.bias", DataType.Int32, [outputs], whole, steps, 0, new int[steps.Length]));
        }

        private string Dequantized<T>(string name, DataType type, IEnumerable<long> sizes, T[] values, float[] scales, int axis, T[] zeros)
            where T : unmanaged
        {
            long[] steps = scales.Length == 1 ? [] : [scales.Length];
            string integers = Add(Tensors.Of<T>($"{name}.quantized", type, sizes, values)), scale = Add(Tensors.Of<float>($"{name}.scale", DataType.Float, steps, scales)), zero = Add(Tensors.Of<T>($"{name}.zero", type, steps, zeros));
            nodes.Add(Tensors.Node("DequantizeLinear", $"{name}.Dequantize", [integers, scale, zero], $"{name}.rounded", scales.Length == 1 ? null : axis));
            return $"{name}.rounded";
        }

        private string Add(TensorProto tensor)
        {
            graph.Initializer.Add(tensor);
            return tensor.Name;
        }

        private void DropUnused()
        {
            var used = graph.Node.SelectMany(n => n.Input).ToHashSet();
            foreach (TensorProto unused in graph.Initializer.Where(t => !used.Contains(t.Name)).ToArray())
                graph.Initializer.Remove(unused);
        }
    }
}
