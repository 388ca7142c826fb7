namespace Sightline.Training.Signals;

/// <summary>What a network did with the probe at the end of an epoch: the same few training images each time, without augmentation.</summary>
/// <param name="Loss">Mean cross-entropy in evaluation mode.</param>
/// <param name="Top1">Accuracy in evaluation mode, a fraction.</param>
/// <param name="BatchLoss">
/// Mean cross-entropy with BatchNorms on the statistics of the probe itself, all else in evaluation mode; NaN without BatchNorm. Far below
/// <paramref name="Loss"/> when the running statistics don't fit the weights.
/// </param>
/// <param name="BatchTop1">Accuracy likewise.</param>
/// <param name="Blocks">The activations of each block.</param>
public sealed record ProbeReading(double Loss, double Top1, double BatchLoss, double BatchTop1, IReadOnlyList<BlockActivations> Blocks);

/// <summary>The activations of one block on the probe, in evaluation mode.</summary>
/// <param name="Block">The block's name.</param>
/// <param name="Deviation">Standard deviation of the outputs of its last layer; NaN when none of its layers ran.</param>
/// <param name="DeadShare">
/// Share of the units (channels) of its layers, each with its normalisation, that were below 0 for every image and place: what a ReLU
/// makes of them is 0, and so is their gradient. NaN for the classifier layer, whose logits may be.
/// </param>
public readonly record struct BlockActivations(string Block, double Deviation, double DeadShare);
