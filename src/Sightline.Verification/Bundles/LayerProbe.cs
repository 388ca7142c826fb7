using Microsoft.ML.OnnxRuntime;
using Sightline.Onnx.Graph;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>A model with all its inner values among its outputs: what each operator on the way from image to logits gives.</summary>
internal sealed class LayerProbe : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly (string Value, string Operator, string? Module)[] layers;
    private readonly ModelContract contract;

    private LayerProbe(InferenceSession session, ModelContract contract, (string Value, string Operator, string? Module)[] layers) => (this.session, this.contract, this.layers) = (session, contract, layers);

    /// <summary>Opens a model.</summary>
    /// <param name="model">The ONNX file's bytes.</param>
    /// <param name="contract">Its contract.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="threads">Threads of ONNX Runtime; 0 takes all cores.</param>
    /// <returns>The probe; dispose it.</returns>
    /// <exception cref="BadInputException">It is no model that runs.</exception>
    public static LayerProbe Open(byte[] model, ModelContract contract, string name, int threads)
    {
        OnnxFile file = OnnxFile.Parse(model, name);
        var layers = file.DataPath().SelectMany(node => node.Outputs.Where(o => o.Length > 0).Select(o => (Value: o, node.Operator, Module: file.ModuleOf(node)))).ToArray();
        InferenceSession session = OnnxSession.Open(file.WithOutputs(layers.Select(l => l.Value)), name, new ClassifierOptions { Threads = threads });
        // Shapes and masks are no layers.
        return new LayerProbe(session, contract, [.. layers.Where(l => session.OutputMetadata.TryGetValue(l.Value, out NodeMetadata? kind) && kind.IsTensor && kind.ElementType == typeof(float))]);
    }

    /// <summary>Runs one input.</summary>
    /// <param name="input"><c>[3, H, W] float32</c>.</param>
    /// <returns>The layers in their order of execution.</returns>
    public IReadOnlyList<LayerSummary> Run(float[] input)
    {
        using OrtValue given = OrtValue.CreateTensorValueFromMemory(input, [1, 3, contract.Preprocessing.Height, contract.Preprocessing.Width]);
        using IDisposableReadOnlyCollection<OrtValue> values = session.Run(run, [contract.Input], [given], [.. layers.Select(l => l.Value)]);
        return [.. layers.Select((l, i) => new LayerSummary(l.Value, l.Operator, l.Module, TensorSummary.Of(values[i].GetTensorDataAsSpan<float>())))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        run.Dispose();
        session.Dispose();
    }
}
