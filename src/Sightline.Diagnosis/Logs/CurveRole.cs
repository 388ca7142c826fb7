namespace Sightline.Diagnosis;

/// <summary>What a column of a log can be to a diagnosis.</summary>
internal enum CurveRole
{
    Epoch,
    Step,
    LearningRate,
    TrainLoss,
    TrainAccuracy,
    ValLoss,
    ValAccuracy,
}

/// <summary>How roles are called.</summary>
internal static class CurveRoles
{
    /// <summary>The four curves proper, of which a log needs two.</summary>
    internal static IReadOnlyList<CurveRole> Curves { get; } = [CurveRole.TrainLoss, CurveRole.TrainAccuracy, CurveRole.ValLoss, CurveRole.ValAccuracy];

    /// <summary>All that a row gives beside its place.</summary>
    internal static IReadOnlyList<CurveRole> Values { get; } = [.. Curves, CurveRole.LearningRate];

    /// <summary>The key of a mapping.</summary>
    internal static string Key(this CurveRole role) => role switch
    {
        CurveRole.Epoch => "epoch",
        CurveRole.Step => "step",
        CurveRole.LearningRate => "lr",
        CurveRole.TrainLoss => "train_loss",
        CurveRole.TrainAccuracy => "train_accuracy",
        CurveRole.ValLoss => "val_loss",
        _ => "val_accuracy",
    };

    /// <summary>The words for it in a sentence.</summary>
    internal static string Words(this CurveRole role) => role switch
    {
        CurveRole.Epoch => "epoch",
        CurveRole.Step => "step",
        CurveRole.LearningRate => "learning rate",
        CurveRole.TrainLoss => "training loss",
        CurveRole.TrainAccuracy => "training accuracy",
        CurveRole.ValLoss => "validation loss",
        _ => "validation accuracy",
    };

    /// <summary>Whether it was measured on validation images.</summary>
    internal static bool IsValidation(this CurveRole role) => role is CurveRole.ValLoss or CurveRole.ValAccuracy;

    /// <summary>Whether it is an accuracy.</summary>
    internal static bool IsAccuracy(this CurveRole role) => role is CurveRole.TrainAccuracy or CurveRole.ValAccuracy;
}
