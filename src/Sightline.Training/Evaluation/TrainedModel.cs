using Sightline.Imaging;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Checkpoints;
using Sightline.Training.Recipes;

namespace Sightline.Training.Evaluation;

/// <summary>A trained network with all that is needed to use it.</summary>
public sealed class TrainedModel : IDisposable
{
    private TrainedModel(Classifier network, CheckpointState state, Recipe recipe, string path, string checkpointName, string fingerprint)
    {
        Network = network;
        State = state;
        Recipe = recipe;
        Path = path;
        CheckpointName = checkpointName;
        Fingerprint = fingerprint;
        Preprocessing = recipe.Preprocessing.ToPreprocessing();
    }

    /// <summary>The network in evaluation mode, float32, with the averaged weights if the training kept them.</summary>
    public Classifier Network { get; }

    /// <summary>The registered name.</summary>
    public string NetworkName => State.Network;

    /// <summary>Class names by index of the logits.</summary>
    public IReadOnlyList<string> Classes => State.Classes;

    /// <summary>What turns an image into the input.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>SHA-256 over recipe, data, split and the weights as trained (before <see cref="Decide"/>), hex.</summary>
    public string Fingerprint { get; }

    /// <summary>The checkpoint in words, e.g. <c>best (EMA), epoch 12</c> or <c>last (SWA of 5), step 960</c>.</summary>
    public string CheckpointName { get; }

    /// <summary>The resolved recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The checkpoint file.</summary>
    public string Path { get; }

    /// <summary>What else the checkpoint remembers.</summary>
    public CheckpointState State { get; }

    /// <summary>What was added to the logits for the place of service; null when they are as trained.</summary>
    public DecisionRule? Decision { get; private set; }

    /// <summary>Loads the network of a run (its best checkpoint, else its last) or of one checkpoint file.</summary>
    /// <param name="runOrCheckpoint">A run folder or a checkpoint file.</param>
    /// <returns>The model.</returns>
    /// <exception cref="BadInputException">There is no such run or checkpoint, or the weights are of another network.</exception>
    public static TrainedModel Load(string runOrCheckpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(runOrCheckpoint);
        string path = CheckpointOf(runOrCheckpoint);
        using Checkpoint checkpoint = Checkpoint.Read(path);
        CheckpointState state = checkpoint.State;
        Recipe recipe = RecipeFile.Parse(state.Recipe, path);
        Classifier network = Networks.Create(recipe.Network.Name, state.Classes.Count, recipe.Seed, recipe.Network.Options);
        try
        {
            checkpoint.RestoreWeights(network, checkpoint.AverageKind);
            if (recipe.Training.ChannelsLast)
                ChannelsLast.Apply(network);
            network.eval();
            string kind = System.IO.Path.GetFileNameWithoutExtension(path);
            string epoch = kind == "best" && state.BestEpoch is int best ? $", epoch {best}" : $", step {state.Steps}";
            string fingerprint = RunFingerprint.Of(state, WeightsHash.Of(network.state_dict()));
            return new TrainedModel(network, state, recipe, path, kind + AverageIn(checkpoint) + epoch, fingerprint);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Moves the network; loaded, it is on the processor.</summary>
    /// <param name="device">Where to.</param>
    /// <exception cref="BadInputException">There is no such device (<c>device-missing</c>).</exception>
    public void MoveTo(DeviceChoice device) => ComputeDevice.Move(Network, device.Type());

    /// <summary>Adds a rule's offsets to the logits, in the bias of the classifier layer: evaluation and export go by it from then on.</summary>
    /// <param name="rule">The rule, made for this model.</param>
    /// <exception cref="InvalidOperationException">A rule is in force already.</exception>
    public void Decide(DecisionRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (Decision is not null)
            throw new InvalidOperationException("The logits hold the offsets of a rule already.");
        Network.ShiftLogits(rule.Offsets);
        Decision = rule;
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private static string AverageIn(Checkpoint checkpoint) => checkpoint.AverageKind switch
    {
        null => "",
        "SWA" => $" (SWA of {checkpoint.State.AverageUpdates})",
        string kind => $" ({kind})",
    };

    private static string CheckpointOf(string path)
    {
        if (File.Exists(path))
            return System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(path))
            throw new BadInputException("run-missing", "There is no such run folder or checkpoint.", path, fix: "Name a folder that sightline train made, e.g. runs/first, or a file in its folder checkpoints.");
        string folder = System.IO.Path.GetFullPath(path);
        string[] candidates = [.. new[] { System.IO.Path.Combine(folder, "checkpoints"), folder }.SelectMany(f => new[] { "best", "last" }.Select(n => System.IO.Path.Combine(f, n + ".safetensors")))];
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new BadInputException("run-without-checkpoint", "This folder holds no checkpoint.", path, fix: "Train first: sightline train RECIPE.");
    }
}
