using Sightline.Injuries;

namespace Sightline.Labs.Injured;

/// <summary>What the first remedy of a diagnosis changes in a small training.</summary>
internal static class Cure
{
    /// <summary>Applies it.</summary>
    /// <param name="fault">What was named.</param>
    /// <param name="t">The injured training.</param>
    /// <param name="healthy">The same without the fault: what "usual" means.</param>
    /// <returns>The training with the remedy.</returns>
    public static InjuredTraining Apply(Fault fault, InjuredTraining t, InjuredTraining healthy) => fault switch
    {
        Fault.Overfitting => t with { Augment = true },
        Fault.Underfitting => t with { Network = t.Network with { Width = healthy.Network.Width } },
        Fault.LearningRateTooHigh => t with { Rate = 0.2 * t.Rate },
        Fault.LearningRateTooLow => t with { Rate = 20 * t.Rate },
        Fault.DropTooEarly => t with { DropAt = healthy.DropAt, DropFactor = healthy.DropFactor },
        Fault.MissingWarmup => t with { Warmup = true },
        Fault.Diverged => t with { Rate = 0.1 * t.Rate },
        Fault.Plateau => t with { Shape = RateShape.Cosine },
        Fault.ValidationAboveTraining => t with { EasyValidation = 0 },
        Fault.NoisyValidation => t with { ValidationImages = healthy.ValidationImages },
        Fault.Leak => t with { Leaked = 0 },
        Fault.ClassCollapse => t with { Balanced = true },
        Fault.LabelNoise => t with { WrongLabels = 0 },
        Fault.DeadUnits => t with { Network = t.Network with { BiasShift = 0 } },
        Fault.VanishingGradients => t with { Network = t.Network with { Sigmoid = false } },
        Fault.ExplodingGradients => t with { Network = t.Network with { Gain = 1 } },
        Fault.BatchTooSmall => t with { Batch = healthy.Batch },
        Fault.BatchnormGap => t with { Network = t.Network with { Momentum = healthy.Network.Momentum } },
        Fault.NotShuffled => t with { SortedBlock = 0 },
        Fault.OverRegularised => t with { WeightDecay = 0.1 * t.WeightDecay },
        Fault.StoppedTooEarly => t with { StopAfter = 0 },
        _ => throw new NotSupportedException($"{fault}"),
    };
}
