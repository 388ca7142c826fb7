using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>A training as a formula: ten classes, thirty epochs, a rise and a cosine; each test plants one fault in it.</summary>
internal sealed record PlantedLog
{
    private const int Classes = 10;
    private static readonly double Guess = Math.Log(Classes);

    public int Epochs { get; init; } = 30;

    /// <summary>Which part of the guess's loss training takes away by epoch e, 1 to the last.</summary>
    public Func<double, double> Learned { get; init; } = e => 0.45 * (1 - Math.Exp(-e / 7));

    /// <summary>Validation loss less training loss, by the guess's loss.</summary>
    public Func<double, double> LossGap { get; init; } = e => 0.09 * e / 30;

    /// <summary>What training accuracy has beyond the loss's line.</summary>
    public Func<double, double> TrainAbove { get; init; } = _ => 0;

    /// <summary>What validation accuracy has beyond its loss's line.</summary>
    public Func<double, double> ValAbove { get; init; } = _ => 0;

    public Func<double, double> Rate { get; init; } = e => e < 3 ? e / 3 : 0.5 * (1 + Math.Cos(Math.PI * (e - 3) / 27));

    public Func<double, double> UpdateRatio { get; init; } = e => 0.009 * (e < 3 ? e / 3 : 0.5 * (1 + Math.Cos(Math.PI * (e - 3) / 27)));

    public Func<double, double> WeightNorm { get; init; } = e => 10 * (1 + 0.4 * e / 30);

    public double Cosine { get; init; } = -0.05;

    public double FirstLoss { get; init; } = Guess;

    public double GradientNorm { get; init; } = 0.8;

    public double FirstBlockGradient { get; init; } = 0.5;

    public double DeadShare { get; init; } = 0.05;

    public double TopLabelShare { get; init; } = 0.19;

    public double ProbeGap { get; init; } = 0.01;

    public double CommonestPrediction { get; init; } = 0.14;

    public (double Median, double P90)? ValLosses { get; init; }

    public (double Median, double P90) TrainLosses { get; init; } = (1.1, 2.6);

    public TrainingFacts Facts { get; init; } = new() { Classes = Classes, TrainImages = 1500, ValidationImages = [.. Enumerable.Repeat(40, Classes)], BatchSize = 32, PlannedEpochs = 30, Augments = true, Dropout = 0, WeightDecay = 5e-4 };

    public TrainingLog Build()
    {
        var epochs = new List<EpochPoint>();
        var signals = new List<EpochSignals>();
        for (int e = 1; e <= Epochs; e++)
        {
            double train = Guess * (1 - Learned(e)), val = train + Guess * LossGap(e);
            epochs.Add(new EpochPoint(e, 0.1 * Rate(e), train, Math.Clamp(Accuracy(train) + TrainAbove(e), 0, 1), val, Rounded(Accuracy(val) + ValAbove(e))));
            signals.Add(new EpochSignals
            {
                Epoch = e,
                Steps = new SignalSummary(e == 1 ? FirstLoss : train, train, 0.08 * train, 1.2 * train, GradientNorm, 1.3 * GradientNorm, WeightNorm(e), UpdateRatio(e) * WeightNorm(e), Cosine, 0,
                    TrainLosses.Median, TrainLosses.P90, TopLabelShare),
                ProbeLoss = train,
                ProbeBatchLoss = train - ProbeGap * Guess,
                ValLossMedian = ValLosses?.Median ?? 0.8 * val,
                ValLossP90 = ValLosses?.P90 ?? 2 * val,
                ValPredictions = [(int)(400 * CommonestPrediction), .. Enumerable.Repeat((int)(400 * (1 - CommonestPrediction) / 9), 9)],
                Blocks = [new("conv1", FirstBlockGradient, 0.01, 1, DeadShare), new("layer1", 0.6, 0.01, 1, 0.05), new("fc", 0.7, 0.01, 1, double.NaN)],
            });
        }
        return new TrainingLog { Source = "planted", Epochs = epochs, Signals = signals, Facts = Facts };
    }

    // What small networks on honest labels have at a loss.
    private static double Accuracy(double loss) => Math.Clamp(1.0 / Classes + (1 - 1.0 / Classes) * (1 - loss / Guess) / 0.9, 0, 1);

    private double Rounded(double accuracy)
    {
        int images = Facts.ValidationImages!.Sum();
        return Math.Clamp(Math.Round(accuracy * images) / images, 0, 1);
    }
}
