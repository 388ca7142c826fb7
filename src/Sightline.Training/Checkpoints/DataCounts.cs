namespace Sightline.Training.Checkpoints;

/// <summary>How many images of each class a training was given, by index of the class. A fingerprint says that data changed; this says how.</summary>
/// <param name="All">Of the whole set.</param>
/// <param name="Train">Of the training images.</param>
/// <param name="Validation">Of the validation images.</param>
/// <param name="Test">Of the test images.</param>
public sealed record DataCounts(IReadOnlyList<int> All, IReadOnlyList<int> Train, IReadOnlyList<int> Validation, IReadOnlyList<int> Test);
