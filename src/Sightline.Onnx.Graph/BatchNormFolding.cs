using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Sightline.Onnx.Graph;

/// <summary>
/// BatchNorm in evaluation mode is one straight line for each channel; behind a convolution it becomes part of its weights (Jacob et al.
/// 2018, section 3.2). Quantisation needs it: the folded weights are what is rounded.
/// </summary>
public static class BatchNormFolding
{
    /// <summary>Folds every BatchNorm that directly follows a convolution of its own.</summary>
    /// <param name="file">The model.</param>
    /// <returns>The model without them, and how many there were.</returns>
    /// <exception cref="BadInputException">Weights are no float32, or stand in another file.</exception>
    public static (OnnxFile File, int Folded) Fold(OnnxFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        ModelProto model = file.Model.Clone();
        GraphProto graph = model.Graph;
        Dictionary<string, TensorProto> weights = graph.Initializer.ToDictionary(t => t.Name);
        ILookup<string, NodeProto> users = graph.Node.SelectMany(n => n.Input.Where(i => i.Length > 0).Distinct().Select(i => (i, n))).ToLookup(x => x.i, x => x.n);
        Dictionary<string, NodeProto> convolutions = graph.Node.Where(n => n.OpType == "Conv").ToDictionary(n => n.Output[0]);
        var outputs = graph.Output.Select(o => o.Name).ToHashSet();
        int folded = 0;
        foreach (NodeProto norm in graph.Node.Where(n => n.OpType == "BatchNormalization").ToArray())
        {
            if (!convolutions.TryGetValue(norm.Input[0], out NodeProto? conv) || users[norm.Input[0]].Count() != 1 || outputs.Contains(norm.Input[0])
                || norm.Input.Skip(1).Concat(conv.Input.Skip(1)).Any(i => !weights.ContainsKey(i)) || users[conv.Input[1]].Count() != 1)
                continue;
            float[] Of(int input) => Tensors.Floats(weights[norm.Input[input]]);
            (float[] gain, float[] bias, float[] mean, float[] variance) = (Of(1), Of(2), Of(3), Of(4));
            float epsilon = norm.Attribute.FirstOrDefault(a => a.Name == "epsilon")?.F ?? 1e-5f;
            TensorProto kernel = weights[conv.Input[1]];
            float[] w = Tensors.Floats(kernel), own = conv.Input.Count > 2 ? Tensors.Floats(weights[conv.Input[2]]) : new float[gain.Length], shift = new float[gain.Length];
            int length = w.Length / gain.Length;
            for (int c = 0; c < gain.Length; c++)
            {
                double scale = gain[c] / Math.Sqrt((double)variance[c] + epsilon);
                for (int i = c * length; i < (c + 1) * length; i++)
                    w[i] = (float)(w[i] * scale);
                shift[c] = (float)((own[c] - (double)mean[c]) * scale + bias[c]);
            }
            kernel.FloatData.Clear();
            kernel.RawData = Tensors.Of<float>("", DataType.Float, [], w).RawData;
            string name = $"{conv.Input[1]}.folded_bias";
            graph.Initializer.Add(weights[name] = Tensors.Of<float>(name, DataType.Float, [gain.Length], shift));
            while (conv.Input.Count > 2)
                conv.Input.RemoveAt(2);
            conv.Input.Add(name);
            conv.Output[0] = norm.Output[0];
            graph.Node.Remove(norm);
            folded++;
        }
        var used = graph.Node.SelectMany(n => n.Input).ToHashSet();
        foreach (TensorProto unused in graph.Initializer.Where(t => !used.Contains(t.Name)).ToArray())
            graph.Initializer.Remove(unused);
        return (OnnxFile.Parse(model.ToByteArray()), folded);
    }
}
