namespace Sightline.Diagnosis.Rules;

/// <summary>The loss is no number any more, or has left the range in which training could bring it back.</summary>
internal sealed class DivergedRule : Rule
{
    private const double Beyond = 50;

    internal override string Code => "diverged";

    internal override IReadOnlyList<string> Explains => [.. FindingCodes.All.Where(c => c is not ("diverged" or "exploding-gradients" or "not-shuffled" or "leak" or "noisy-validation"))];

    internal override Finding? Look(Curves c)
    {
        if (c.Facts.Diverged is string reason)
            return Told(c, c.LastEpoch, reason);
        EpochPoint? broken = c.Log.Epochs.FirstOrDefault(e => double.IsInfinity(e.TrainLoss) || (double.IsNaN(e.TrainLoss) && c.RawTrainLoss.Count > 0 && e.Epoch > c.RawTrainLoss.X[^1]));
        if (broken is not null)
            return Told(c, broken.Epoch, FormattableString.Invariant($"The training loss is no finite number from epoch {broken.Epoch:0.##} on; the last one was {c.RawTrainLoss.Last:0.###}."));
        double up = c.RawTrainLoss.Last / Math.Max(c.GuessLoss, c.RawTrainLoss.Lowest);
        if (!(up > Beyond))
            return null;
        return Told(c, c.RawTrainLoss.X[c.RawTrainLoss.LowestAt], FormattableString.Invariant($"The training loss is at {c.RawTrainLoss.Last:0.###}, {up:0} times what guessing costs, and was at {c.RawTrainLoss.Lowest:0.###}."));
    }

    private Finding Told(Curves c, double epoch, string evidence)
    {
        return Found(0.99, (epoch, Math.Max(epoch, c.LastEpoch)), ShownBy.Loss, $"{evidence}", "The first steps of a training with a tenth of the rate stay finite.",
            new Remedy("Lower the learning rate tenfold and train anew from the last healthy checkpoint or the start.", Settings.Rate(c, 0.1)),
            new Remedy("Let the rate rise over the first epochs.", "schedule.warmupEpochs=2"),
            new Remedy("Limit the gradient's norm.", "training.clipNorm=1"));
    }
}
