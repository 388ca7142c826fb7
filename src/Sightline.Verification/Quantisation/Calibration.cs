using Microsoft.ML.OnnxRuntime;
using Sightline.Onnx.Graph;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>Runs a float32 model on calibration images and watches its inner values.</summary>
internal static class Calibration
{
    /// <summary>Finds the ranges that quantisation needs.</summary>
    /// <param name="file">The model, BatchNorms folded.</param>
    /// <param name="contract">Its contract.</param>
    /// <param name="inputs">The calibration inputs, each <c>[3, H, W] float32</c>.</param>
    /// <param name="method">How ranges are chosen.</param>
    /// <param name="progress">Told after each input.</param>
    /// <param name="cancellationToken">Stops between inputs.</param>
    /// <returns>A range for each value.</returns>
    /// <exception cref="BadInputException">The model doesn't run, or gives a value that is no finite number (<c>calibration-value</c>).</exception>
    public static IReadOnlyDictionary<string, ActivationRange> Ranges(OnnxFile file, ModelContract contract, IReadOnlyList<float[]> inputs, RangeMethod method, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        string[] values = [.. QdqRewriting.Values(file)];
        Dictionary<string, ActivationHistogram> histograms = values.ToDictionary(v => v, _ => new ActivationHistogram());
        int passes = method == RangeMethod.MinMax ? 1 : 2;
        for (int pass = 0; pass < passes; pass++)
        {
            int at = pass;
            Watch(file, contract, values, inputs, (value, numbers) =>
            {
                if (at > 0)
                {
                    histograms[value].Count(numbers);
                    return;
                }
                try
                {
                    histograms[value].Extend(numbers);
                }
                catch (InvalidDataException broken)
                {
                    throw new BadInputException("calibration-value", $"On a calibration image {broken.Message} in '{value}': no range holds that.", fix: "Look at the weights: sightline verify tells whether the float32 model works at all.", inner: broken);
                }
            }, done => progress?.Report(new WorkProgress("calibrate", at * inputs.Count + done, passes * inputs.Count, "images")), cancellationToken);
        }
        return histograms.ToDictionary(h => h.Key, h => h.Value.Range(method));
    }

    /// <summary>The mean of each channel of what operators with weights take.</summary>
    /// <param name="file">The model, BatchNorms folded.</param>
    /// <param name="contract">Its contract.</param>
    /// <param name="inputs">The calibration inputs.</param>
    /// <param name="progress">Told after each input.</param>
    /// <param name="cancellationToken">Stops between inputs.</param>
    /// <returns>The means, by the value's name.</returns>
    public static IReadOnlyDictionary<string, float[]> InputMeans(OnnxFile file, ModelContract contract, IReadOnlyList<float[]> inputs, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        Dictionary<string, double[]> sums = QdqRewriting.Quantisable(file).Where(n => n.Operator is "Conv" or "Gemm").GroupBy(n => n.Inputs[0]).ToDictionary(g => g.Key, g => new double[QdqRewriting.InputChannels(file, g.First())]);
        Watch(file, contract, [.. sums.Keys], inputs, (value, numbers) =>
        {
            double[] sum = sums[value];
            int plane = numbers.Length / sum.Length;
            for (int c = 0; c < sum.Length; c++)
            {
                double total = 0;
                foreach (float number in numbers.Slice(c * plane, plane))
                    total += number;
                sum[c] += total / plane / inputs.Count;
            }
        }, done => progress?.Report(new WorkProgress("means", done, inputs.Count, "images")), cancellationToken);
        return sums.ToDictionary(s => s.Key, s => s.Value.Select(v => (float)v).ToArray());
    }

    /// <summary>Shows inner values for inputs, one at a time.</summary>
    /// <param name="file">A model.</param>
    /// <param name="contract">Its contract.</param>
    /// <param name="values">The values' names.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="see">Given a value's name and its numbers.</param>
    /// <param name="done">Given how many inputs are through.</param>
    /// <param name="cancellationToken">Stops between inputs.</param>
    public static void Watch(OnnxFile file, ModelContract contract, IReadOnlyList<string> values, IReadOnlyList<float[]> inputs, Seen see, Action<int>? done, CancellationToken cancellationToken)
    {
        using InferenceSession session = OnnxSession.Open(file.WithOutputs(values), "the model to calibrate", new ClassifierOptions());
        using var run = new RunOptions();
        string[] inner = [.. values.Where(v => v != contract.Input)];
        for (int i = 0; i < inputs.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (values.Contains(contract.Input))
                see(contract.Input, inputs[i]);
            using OrtValue given = OrtValue.CreateTensorValueFromMemory(inputs[i], [1, 3, contract.Preprocessing.Height, contract.Preprocessing.Width]);
            using IDisposableReadOnlyCollection<OrtValue> seen = session.Run(run, [contract.Input], [given], inner);
            for (int v = 0; v < inner.Length; v++)
                see(inner[v], seen[v].GetTensorDataAsSpan<float>());
            done?.Invoke(i + 1);
        }
    }

    /// <summary>Takes a value's numbers.</summary>
    public delegate void Seen(string value, ReadOnlySpan<float> numbers);
}
