using Sightline.Models;

namespace Sightline.Training.Recipes;

/// <summary>Published weights that a training can start from, handed in from outside since they come in a package of their own.</summary>
/// <param name="Network">The registered network that they are for.</param>
/// <param name="Mean">Mean of R, G, B on the scale 0–1 that they expect.</param>
/// <param name="Std">Deviation of R, G, B on the scale 0–1 that they expect.</param>
/// <param name="SideMultiple">What the input's sides must be multiples of.</param>
/// <param name="Load">Sets everything but the classifier layer; returns how many tensors were set.</param>
public sealed record PretrainedSource(string Network, IReadOnlyList<float> Mean, IReadOnlyList<float> Std, int SideMultiple, Func<Classifier, int> Load);
