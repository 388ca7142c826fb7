namespace Sightline.Diagnosis;

/// <summary>What a column's name says it is.</summary>
internal enum ColumnKind
{
    Other,
    Epoch,
    Step,
    LearningRate,
    Loss,
    Accuracy,
    ErrorRate,
}

/// <summary>On which images a column was measured, as its name says. Of several for validation the first in this order is taken.</summary>
internal enum ColumnImages
{
    Unsaid,
    Train,
    Validation,
    Evaluation,
    Test,
}

/// <summary>Over what a column's values are means, as its name says.</summary>
internal enum ColumnSpan
{
    Unsaid,
    Epoch,
    Step,
}

/// <summary>A column's name, understood: the words of <c>train_loss</c>, <c>val/accuracy</c>, <c>epoch_sparse_categorical_accuracy</c>, <c>Acc@1 test</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Images">On which images.</param>
/// <param name="Span">Over what.</param>
/// <param name="IsPart">Whether further words are in it, as in <c>train/box_loss</c>.</param>
internal readonly record struct ColumnName(ColumnKind Kind, ColumnImages Images, ColumnSpan Span, bool IsPart)
{
    /// <summary>Understands a name.</summary>
    internal static ColumnName Of(string name)
    {
        ColumnImages images = ColumnImages.Unsaid;
        ColumnSpan span = ColumnSpan.Unsaid;
        bool loss = false, accuracy = false, error = false, rate = false, learning = false, part = false, spoilt = false, counts = false, cross = false;
        int epochs = 0, steps = 0;
        foreach (string word in ColumnWords.Of(name))
        {
            switch (word)
            {
                case "train" or "training" or "tr" or "trn":
                    images = ColumnImages.Train;
                    break;
                case "val" or "valid" or "validation" or "dev":
                    images = ColumnImages.Validation;
                    break;
                case "eval" or "evaluation" or "metrics":
                    images = images == ColumnImages.Unsaid ? ColumnImages.Evaluation : images;
                    break;
                case "test" or "testing":
                    images = ColumnImages.Test;
                    break;
                case "loss" or "losses" or "nll" or "xent" or "ce" or "crossentropy" or "cost":
                    loss = true;
                    break;
                case "acc" or "accuracy" or "top1" or "acc1" or "prec1":
                    accuracy = true;
                    break;
                case "err" or "error" or "err1":
                    error = true;
                    break;
                case "epoch" or "epochs" or "ep":
                    epochs++;
                    span = ColumnSpan.Epoch;
                    break;
                case "step" or "steps" or "iter" or "iters" or "iteration" or "iterations" or "batch" or "batches" or "update" or "updates":
                    steps++;
                    span = ColumnSpan.Step;
                    break;
                case "lr" or "lr0" or "learningrate":
                    (rate, learning) = (true, true);
                    break;
                case "rate":
                    rate = true;
                    break;
                case "learning":
                    learning = true;
                    break;
                case "global" or "trainer" or "num" or "number" or "no" or "nr" or "idx" or "current" or "count":
                    counts = true;
                    break;
                case "avg" or "mean" or "average" or "running" or "total" or "sparse" or "categorical" or "binary" or "multiclass"
                    or "history" or "logs" or "percent" or "pct":
                    break;
                case "cross":
                    cross = true;
                    break;
                case "entropy" when cross:
                    loss = true;
                    break;
                case "best" or "min" or "max" or "std" or "ema" or "smooth" or "smoothed" or "scale" or "grad" or "norm" or "time" or "weight" or "vs" or "top5" or "top" or "k" or "squared" or "absolute":
                    spoilt = true;
                    break;
                default:
                    part = true;
                    break;
            }
        }
        bool metric = loss || accuracy || error;
        ColumnKind kind = spoilt ? ColumnKind.Other
            : rate && learning && !metric ? ColumnKind.LearningRate
            : error ? ColumnKind.ErrorRate
            : accuracy ? ColumnKind.Accuracy
            : loss ? ColumnKind.Loss
            : part || rate || learning ? ColumnKind.Other
            : epochs > 0 && steps == 0 ? ColumnKind.Epoch
            : steps > 0 && epochs == 0 ? ColumnKind.Step : ColumnKind.Other;
        return new ColumnName(kind, images, span, part || (metric && counts));
    }
}
