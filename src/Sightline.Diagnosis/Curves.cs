namespace Sightline.Diagnosis;

/// <summary>A log as rules look at it: its curves without their jumps, what guessing would cost, and its signals.</summary>
internal sealed class Curves
{
    internal Curves(TrainingLog log)
    {
        Log = log;
        (Rate, RawTrainLoss, RawTrainAccuracy, RawValLoss, RawValAccuracy) =
            (Raw(e => e.LearningRate), Raw(e => e.TrainLoss), Raw(e => e.TrainAccuracy), Raw(e => e.ValLoss), Raw(e => e.ValAccuracy));
        (TrainLoss, TrainAccuracy, ValLoss, ValAccuracy) = (RawTrainLoss.Smooth(), RawTrainAccuracy.Smooth(), RawValLoss.Smooth(), RawValAccuracy.Smooth());
        Classes = Facts.Classes ?? Facts.ValidationImages?.Count;
        ValidationImages = Facts.ValidationImages?.Sum() ?? Granularity.Images(RawValAccuracy.Y);
        GuessLoss = Guess();
    }

    internal TrainingLog Log { get; }

    internal TrainingFacts Facts => Log.Facts;

    internal IReadOnlyList<EpochSignals> Signals => Log.Signals;

    /// <summary>How many epochs the log holds.</summary>
    internal int Epochs => Log.Epochs.Count;

    internal double FirstEpoch => Epochs > 0 ? Log.Epochs[0].Epoch : 0;

    internal double LastEpoch => Epochs > 0 ? Log.Epochs[^1].Epoch : 0;

    internal (double First, double Last) AllEpochs => (FirstEpoch, LastEpoch);

    internal Series Rate { get; }

    internal Series RawTrainLoss { get; }

    internal Series RawTrainAccuracy { get; }

    internal Series RawValLoss { get; }

    internal Series RawValAccuracy { get; }

    internal Series TrainLoss { get; }

    internal Series TrainAccuracy { get; }

    internal Series ValLoss { get; }

    internal Series ValAccuracy { get; }

    internal int? Classes { get; }

    /// <summary>How many validation images there are: known, or told by the steps in which their accuracy moves.</summary>
    internal int? ValidationImages { get; }

    /// <summary>The loss of a network that has learnt nothing but how common the classes are: what all losses are measured by.</summary>
    internal double GuessLoss { get; }

    /// <summary>Whether <see cref="GuessLoss"/> follows from the classes; else it is the first training loss.</summary>
    internal bool GuessIsKnown => Classes is > 1;

    /// <summary>The accuracy of always saying the commonest class; NaN when nothing tells it.</summary>
    internal double GuessAccuracy => Facts.ValidationImages is { } images && images.Sum() > 0 ? (double)images.Max() / images.Sum() : Classes is int n ? 1.0 / n : double.NaN;

    /// <summary>Which part of the guess's loss training took away: 0 nothing, 1 all.</summary>
    internal double Learned => Epochs == 0 ? double.NaN : 1 - Honest(TrainLoss.Last) / GuessLoss;

    /// <summary>The same on the validation images, at their best.</summary>
    internal double LearnedOnValidation => 1 - ValLoss.Lowest / GuessLoss;

    /// <summary>What training and validation learnt, the better of the two: hard augmentation and mixed images keep the training loss up.</summary>
    internal double LearnedAtBest => Math.Max(double.IsNaN(Learned) ? 0 : Learned, double.IsNaN(LearnedOnValidation) ? 0 : LearnedOnValidation);

    /// <summary>Training accuracy less validation accuracy, at the end.</summary>
    internal double AccuracyGap => TrainAccuracy.Last - ValAccuracy.Last;

    /// <summary>Validation loss less training loss at the end, by the guess's loss.</summary>
    internal double LossGap => (ValLoss.Last - Honest(TrainLoss.Last)) / GuessLoss;

    /// <summary>A training loss without what smoothed labels add to it: with a share s spread over n classes it cannot fall below their entropy.</summary>
    internal double Honest(double trainLoss)
    {
        if (Facts.LabelSmoothing is not > 0 || Facts.LabelSmoothing >= 1 || Classes is not int n || n < 2)
            return trainLoss;
        double spread = Facts.LabelSmoothing.Value / n, kept = 1 - spread * (n - 1), floor = Math.Min(0.9 * GuessLoss, -kept * Math.Log(kept) - (n - 1) * spread * Math.Log(spread));
        return GuessLoss * (trainLoss - floor) / (GuessLoss - floor);
    }

    /// <summary>How much more a loss is than what an accuracy costs a network that learnt from honest labels, by the loss of guessing evenly. Small networks
    /// on honest labels lie within 0.03 of the line 1 - 0.9 a, a the accuracy counted from a guess.</summary>
    internal double Excess(double loss, double accuracy)
    {
        if (Classes is not int n || n < 2)
            return double.NaN;
        double guess = 1.0 / n;
        return loss / Math.Log(n) - (1 - 0.9 * (accuracy - guess) / (1 - guess));
    }

    /// <summary>How far the validation loss ends above its lowest, as a share of it.</summary>
    internal double Rise => ValLoss.Last / ValLoss.Lowest - 1;

    /// <summary>What chance alone moves the validation accuracy by; NaN when nothing tells how many images there are.</summary>
    internal double ValidationDeviation
    {
        get
        {
            double p = ValAccuracy.Count > 0 ? Math.Clamp(ValAccuracy.Last, 0.05, 0.95) : 0.5;
            return ValidationImages is int n and > 0 ? Math.Sqrt(p * (1 - p) / n) : double.NaN;
        }
    }

    /// <summary>The planned epochs that are over, a share; NaN when nothing tells the plan.</summary>
    internal double Done => Facts.PlannedEpochs is int planned and > 0 ? LastEpoch / planned : double.NaN;

    /// <summary>Whether a training still runs and is not over a share of its planned epochs: what its end would tell isn't there yet.</summary>
    internal bool IsBefore(double share) => Facts.Running && !(Done >= share);

    /// <summary>How far the rate has fallen from its highest: 1 not at all.</summary>
    internal double RateLeft => Rate.Count > 0 && Rate.Highest > 0 ? Rate.Last / Rate.Highest : double.NaN;

    /// <summary>By how much the training loss falls in an epoch at the end, by the guess's loss; negative where it rises.</summary>
    internal double FallAtEnd => -TrainLoss.End(0.2).Slope / GuessLoss;

    /// <summary>A signal as a curve.</summary>
    internal Series Signal(Func<EpochSignals, double> value) => Series.Of(Signals.Select(s => s.Epoch), Signals.Select(value));

    /// <summary>The norm of updates by that of the weights.</summary>
    internal Series UpdateRatio => Signal(s => s.Steps.UpdateNorm / s.Steps.WeightNorm);

    /// <summary>The norm of the weights by that of the first epoch.</summary>
    internal double WeightGrowth => Signal(s => s.Steps.WeightNorm) is { Count: > 0 } norm ? norm.Last / norm.First : double.NaN;

    /// <summary>Share of the validation images that get the class that is said most often at the end; NaN when it isn't known.</summary>
    internal double CommonestPrediction => Signals.LastOrDefault(s => s.ValPredictions.Count > 0) is { } s && s.ValPredictions.Sum() > 0 ? (double)s.ValPredictions.Max() / s.ValPredictions.Sum() : double.NaN;

    /// <summary>The mean over the last epochs, a tenth of them but three at least.</summary>
    internal static double AtEnd(Series series) => series.End(0.1).Mean;

    /// <summary>What is missing for a verdict, one sentence; null where nothing is.</summary>
    internal string? Missing(int epochs) => Epochs < epochs
        ? $"The log holds {Epochs} {(Epochs == 1 ? "epoch" : "epochs")}; curves say something from {epochs} on."
        : RawTrainLoss.Count + RawTrainAccuracy.Count == 0 ? "The log holds no training curve: what the network learnt can't be told from what it kept."
        : RawValLoss.Count + RawValAccuracy.Count == 0 ? "The log holds no validation curve: nothing tells how the network does on new images."
        : null;

    private double Guess()
    {
        if (Facts.ValidationImages is { Count: > 1 } images && images.Sum() > 0)
        {
            // The entropy of few images is too low by about half a degree of freedom an image (Miller 1955).
            double all = images.Sum(), entropy = images.Where(n => n > 0).Sum(n => -n / all * Math.Log(n / all));
            return Math.Min(Math.Log(images.Count), entropy + (images.Count - 1) / (2 * all));
        }
        return Classes is int n and > 1 ? Math.Log(n) : RawTrainLoss.Count > 0 ? RawTrainLoss.First : RawValLoss.First;
    }

    private Series Raw(Func<EpochPoint, double> value) => Series.Of(Log.Epochs.Select(e => e.Epoch), Log.Epochs.Select(value));
}
