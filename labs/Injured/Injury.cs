using Sightline.Injuries;

namespace Sightline.Labs.Injured;

/// <summary>What is wrong with a training on purpose. The names are those that <c>sightline diagnose</c> should say.</summary>
internal enum Fault
{
    /// <summary>So few images that the network learns them by heart, and nothing against it.</summary>
    Overfitting,

    /// <summary>A network too small for the task.</summary>
    Underfitting,

    /// <summary>Steps so large that they hinder, yet end finite.</summary>
    LearningRateTooHigh,

    /// <summary>Steps so small that the epochs don't suffice.</summary>
    LearningRateTooLow,

    /// <summary>The rate falls while the loss still does.</summary>
    DropTooEarly,

    /// <summary>The full rate from the first step, where the network needs a rise.</summary>
    MissingWarmup,

    /// <summary>Steps so large that the loss is no number any more.</summary>
    Diverged,

    /// <summary>A rate that never falls: the loss stays where the noise of the steps holds it.</summary>
    Plateau,

    /// <summary>Validation images that are easier than those of service.</summary>
    ValidationAboveTraining,

    /// <summary>A handful of validation images.</summary>
    NoisyValidation,

    /// <summary>Training images among the validation images.</summary>
    Leak,

    /// <summary>Nearly all images of one class.</summary>
    ClassCollapse,

    /// <summary>Wrong labels, in training and validation.</summary>
    LabelNoise,

    /// <summary>Units that never wake.</summary>
    DeadUnits,

    /// <summary>Sigmoids one behind the other.</summary>
    VanishingGradients,

    /// <summary>First weights so large that gradients grow from layer to layer.</summary>
    ExplodingGradients,

    /// <summary>A few images a step.</summary>
    BatchTooSmall,

    /// <summary>BatchNorm statistics that lag behind the weights.</summary>
    BatchnormGap,

    /// <summary>Images in the order of their classes.</summary>
    NotShuffled,

    /// <summary>Decay and dropout beyond measure.</summary>
    OverRegularised,

    /// <summary>An end while everything still gets better.</summary>
    StoppedTooEarly,
}

/// <summary>One fault at one strength.</summary>
/// <param name="Fault">What.</param>
/// <param name="Severity">How much: 1, 2 or 3.</param>
internal readonly record struct Injury(Fault Fault, int Severity)
{
    /// <summary>The code that a diagnosis says.</summary>
    public string Code => string.Concat(Fault.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : $"{c}"));

    /// <summary>Whether a training can have it: some need a kind of layer.</summary>
    /// <param name="training">The healthy training.</param>
    public bool Fits(InjuredTraining training) => Fault switch
    {
        Fault.BatchnormGap => training.Network.Norm == SmallNorm.Batch,
        Fault.VanishingGradients or Fault.ExplodingGradients or Fault.DeadUnits => training.Network.Norm == SmallNorm.None,
        _ => true,
    };

    /// <summary>The training with it.</summary>
    /// <param name="t">A training.</param>
    /// <returns>The same, injured.</returns>
    public InjuredTraining Apply(InjuredTraining t)
    {
        int s = Severity - 1;
        return Fault switch
        {
            Fault.Overfitting => t with { TrainImages = ((int[])[400, 200, 100])[s], Augment = false, WeightDecay = 0, Network = t.Network with { Dropout = 0 }, Epochs = 40 },
            Fault.Underfitting => t with { Network = t.Network with { Width = ((int[])[4, 2, 1])[s] } },
            Fault.LearningRateTooHigh => t with { Rate = t.Rate * ((double[])[6, 15, 40])[s], Clip = 5 },
            Fault.LearningRateTooLow => t with { Rate = t.Rate / ((double[])[30, 100, 300])[s] },
            Fault.DropTooEarly => t with { Shape = RateShape.Step, DropAt = ((double[])[0.2, 0.1, 0.05])[s], DropFactor = 0.01 },
            Fault.MissingWarmup => t with { Warmup = false, Rate = t.Rate * ((double[])[1, 2, 4])[s] },
            Fault.Diverged => t with { Rate = t.Rate * ((double[])[1e3, 1e4, 1e5])[s] },
            Fault.Plateau => t with { Shape = RateShape.Constant, Rate = t.Rate * ((double[])[1.5, 2.5, 4])[s] },
            Fault.ValidationAboveTraining => t with { EasyValidation = ((double[])[0.6, 0.8, 1])[s] },
            Fault.NoisyValidation => t with { ValidationImages = ((int[])[40, 24, 12])[s] },
            Fault.Leak => t with { Leaked = ((double[])[0.4, 0.7, 1])[s], Augment = false, WeightDecay = 0 },
            Fault.ClassCollapse => t with { Thinning = ((double[])[0.04, 0.015, 0])[s] },
            Fault.LabelNoise => t with { WrongLabels = ((double[])[0.2, 0.35, 0.5])[s] },
            Fault.DeadUnits => t with { Network = t.Network with { BiasShift = ((double[])[-0.3, -0.6, -1])[s] } },
            Fault.VanishingGradients => t with { Network = t.Network with { Sigmoid = true, Depth = ((int[])[4, 6, 9])[s] } },
            Fault.ExplodingGradients => t with { Network = t.Network with { Gain = ((double[])[2.5, 4, 8])[s] } },
            Fault.BatchTooSmall => t with { Batch = ((int[])[4, 2, 1])[s] == 1 && t.Network.Norm == SmallNorm.Batch ? 2 : ((int[])[4, 2, 1])[s], TrainImages = 500 },
            Fault.BatchnormGap => t with { Network = t.Network with { Momentum = ((double[])[3e-3, 1e-3, 3e-4])[s] } },
            Fault.NotShuffled => t with { SortedBlock = ((int[])[64, 256, int.MaxValue])[s] },
            Fault.OverRegularised => t with { WeightDecay = ((double[])[0.03, 0.1, 0.3])[s], Network = t.Network with { Dropout = ((double[])[0.4, 0.6, 0.75])[s] } },
            Fault.StoppedTooEarly => t with { Shape = RateShape.Constant, StopAfter = ((int[])[6, 4, 3])[s], Rate = t.Rate / 3 },
            _ => throw new NotSupportedException($"{Fault}"),
        };
    }
}
