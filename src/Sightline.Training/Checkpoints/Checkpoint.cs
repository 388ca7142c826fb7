using System.Text.Json;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Checkpoints;

/// <summary>
/// One safetensors file, whole or not there: the network's weights under their own names (so that any reader of safetensors can use
/// them), their average under <c>ema/</c> or <c>swa/</c>, the optimiser under <c>optimiser/</c>, torch's generator under <c>random/torch</c>, and
/// a <see cref="CheckpointState"/> in its metadata.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>What marks a file as a checkpoint of ours, in its metadata.</summary>
    internal const string StateKey = "sightline.checkpoint";

    private static readonly string[] AverageKinds = ["EMA", "SWA"];

    private const string OptimiserPrefix = "optimiser/", GeneratorName = "random/torch";
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
    private readonly StoredWeights stored;
    private readonly IReadOnlyDictionary<string, Tensor> tensors;

    private Checkpoint(string path, CheckpointState state, StoredWeights stored)
    {
        Path = path;
        State = state;
        this.stored = stored;
        tensors = stored.Tensors;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is no tensor.</summary>
    public CheckpointState State { get; }

    /// <summary>Which averaged weights it holds: <c>EMA</c>, <c>SWA</c>, or null.</summary>
    public string? AverageKind => AverageKindOf(tensors.Keys);

    /// <summary>Which averaged weights a checkpoint with these tensors holds; null without any.</summary>
    internal static string? AverageKindOf(IEnumerable<string> names) =>
        AverageKinds.FirstOrDefault(kind => names.Any(n => n.StartsWith(PrefixOf(kind), StringComparison.Ordinal)));

    /// <summary>What the names of averaged weights of a kind begin with.</summary>
    internal static string PrefixOf(string averageKind) => averageKind.ToLowerInvariant() + "/";

    /// <summary>Saves a training.</summary>
    /// <param name="path">The file to write or replace, atomically.</param>
    /// <param name="state">What is no tensor.</param>
    /// <param name="trainer">The training, between two steps.</param>
    /// <param name="withOptimiser">Whether a training can go on from it; without, it holds weights only.</param>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; the old file is untouched.</exception>
    public static void Write(string path, CheckpointState state, Trainer trainer, bool withOptimiser)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> all = trainer.Network.state_dict();
        if (trainer.Average is { InUse: true } average)
        {
            foreach ((string name, Tensor value) in average.Average)
                all[PrefixOf(average.Kind) + name] = value;
        }
        if (withOptimiser)
        {
            foreach ((string name, Tensor value) in trainer.Optimiser.State)
                all[OptimiserPrefix + name] = value;
            all[GeneratorName] = tensor(GuardedCalls.GetGeneratorState(), dtype: uint8);
        }
        try
        {
            Safetensors.Write(path, all, new Dictionary<string, string> { [StateKey] = JsonSerializer.Serialize(state, Json) });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: the checkpoint could not be written: {exception.Message.TrimEnd('.')}. An earlier checkpoint, if any, is untouched. Make room or the folder writable, then resume.", exception);
        }
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its state and tensors.</returns>
    /// <exception cref="BadInputException">There is no such file, or it is no checkpoint of Sightline.</exception>
    public static Checkpoint Read(string path)
    {
        if (!File.Exists(path))
            throw new BadInputException("checkpoint-missing", "There is no such checkpoint.", path);
        string? format = WeightFile.FormatOf(path);
        if (format is null)
            throw new BadInputException("checkpoint-foreign", "This is not a checkpoint that Sightline wrote.", path, fix: "Name a run folder, or a file in its folder checkpoints.");
        if (format != "safetensors")
            throw NoCheckpoint(path);
        StoredWeights stored = Safetensors.Read(path);
        try
        {
            if (!stored.Metadata.TryGetValue(StateKey, out string? json))
                throw NoCheckpoint(path);
            return new Checkpoint(path, JsonSerializer.Deserialize<CheckpointState>(json, Json)!, stored);
        }
        catch (JsonException exception)
        {
            stored.Dispose();
            throw new BadInputException("checkpoint-damaged", "The checkpoint's state cannot be read.", path, inner: exception);
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>Puts weights into a network.</summary>
    /// <param name="network">A network of the checkpoint's name and classes.</param>
    /// <param name="averageKind">Which averaged weights to take (<see cref="AverageKind"/>); null takes the latest.</param>
    /// <exception cref="BadInputException">A tensor is missing or has another shape: the checkpoint is of another network.</exception>
    public void RestoreWeights(nn.Module network, string? averageKind = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        string prefix = averageKind is null ? "" : PrefixOf(averageKind);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> own = network.state_dict();
        foreach ((string name, Tensor target) in own)
        {
            if (!tensors.TryGetValue(prefix + name, out Tensor? value) || !value.shape.AsSpan().SequenceEqual(target.shape))
            {
                throw new BadInputException("checkpoint-network", value is null
                    ? $"The checkpoint has no '{name}': it is of another network ({State.Network}, {State.Classes.Count} classes)."
                    : $"The checkpoint's '{name}' is [{string.Join(", ", value.shape)}], expected [{string.Join(", ", target.shape)}]: it is of another network ({State.Network}, {State.Classes.Count} classes).", Path);
            }
        }
        foreach ((string name, Tensor target) in own)
            target.copy_(tensors[prefix + name]);
    }

    /// <summary>Puts the whole state into a training, torch's generator included.</summary>
    /// <param name="trainer">A training of the same recipe.</param>
    /// <exception cref="BadInputException">It is of another network or recipe, or holds weights only.</exception>
    public void Restore(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (!tensors.TryGetValue(GeneratorName, out Tensor? generator))
            throw new BadInputException("checkpoint-weights-only", "This checkpoint holds weights only; a training goes on from 'last'.", Path);
        RestoreWeights(trainer.Network);
        trainer.Optimiser.Restore(Under(OptimiserPrefix));
        if (trainer.Average is { } average && (average.InUse || State.AverageUpdates > 0))
            average.Restore(Under(PrefixOf(average.Kind)), State.AverageUpdates);
        trainer.Steps = State.Steps;
        GuardedCalls.SetGeneratorState(generator.data<byte>().ToArray());
    }

    /// <inheritdoc/>
    public void Dispose() => stored.Dispose();

    private static BadInputException NoCheckpoint(string path) => new(
        "checkpoint-foreign", "These are weights, but no checkpoint that Sightline wrote: recipe and classes are missing.", path,
        fix: "To train from such weights, set network.weights in a recipe.");

    private Dictionary<string, Tensor> Under(string prefix) =>
        tensors.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value);
}
