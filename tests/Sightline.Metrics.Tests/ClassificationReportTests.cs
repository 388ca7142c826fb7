using CsCheck;
using Sightline.Metrics;

namespace Sightline.Tests;

public sealed class ClassificationReportTests
{
    private static ClassificationReport OfDecisions(int[] labels, int[] decided, int classes, ulong seed = 1)
    {
        var p = new float[labels.Length * classes];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int c = 0; c < classes; c++)
                p[i * classes + c] = c == decided[i] ? 0.7f : 0.3f / (classes - 1);
        }
        return ClassificationReport.From(p, labels, [.. Enumerable.Range(0, classes).Select(c => $"c{c}")], seed, replicates: 200);
    }

    /// <summary>The example in scikit-learn's documentation of classification_report.</summary>
    [Fact]
    public void Reproduces_the_documented_example_of_scikit_learn()
    {
        ClassificationReport report = OfDecisions([0, 1, 2, 2, 2], [0, 0, 2, 2, 1], 3);
        Assert.Equal([0.5, 0, 1], report.PerClass.Select(c => c.Precision!.Value));
        Assert.Equal([1, 0, 2.0 / 3], report.PerClass.Select(c => c.Recall!.Value));
        Assert.Equal([2.0 / 3, 0, 0.8], report.PerClass.Select(c => Math.Round(c.F1!.Value, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal([1, 1, 3], report.PerClass.Select(c => c.Support));
        Assert.Equal(0.6, report.Top1, 12);
        Assert.Equal(0.49, report.MacroF1, 2);
        Assert.Equal(0.61, report.Weighted.F1, 2);
    }

    [Fact]
    public void A_class_without_images_has_no_recall_and_stays_out_of_the_averages()
    {
        ClassificationReport report = OfDecisions([0, 0, 1, 1], [0, 1, 1, 1], 4);
        Assert.Null(report.PerClass[2].Recall);
        Assert.Null(report.PerClass[2].Precision);
        Assert.Null(report.PerClass[2].F1);
        Assert.Equal(0.75, report.Macro.Recall, 12);
        Assert.Equal(report.Top1, report.Weighted.Recall, 12);
    }

    [Fact]
    public void A_class_that_is_only_decided_has_precision_zero_and_no_recall()
    {
        ClassificationReport report = OfDecisions([0, 0], [0, 1], 2);
        Assert.Equal(0, report.PerClass[1].Precision);
        Assert.Null(report.PerClass[1].Recall);
        Assert.Equal(0, report.PerClass[1].F1);
    }

    [Fact]
    public void Ties_go_to_the_first_class_in_decision_and_in_rank()
    {
        float[] flat = Enumerable.Repeat(1f / 7, 7 * 7).ToArray();
        ClassificationReport report = ClassificationReport.From(flat, [0, 1, 2, 3, 4, 5, 6], ["a", "b", "c", "d", "e", "f", "g"], 1, replicates: 10);
        Assert.Equal(1.0 / 7, report.Top1, 12);
        Assert.Equal(5.0 / 7, report.Top5, 12);
        Assert.Equal(Math.Log(7), report.NegativeLogLikelihood, 6);
        Assert.Equal(6.0 / 7, report.Brier, 6);
    }

    [Fact]
    public void Perfectly_calibrated_confidence_has_no_error_and_boundaries_fall_as_in_the_paper()
    {
        float[] confidences = [.. Enumerable.Repeat(0.8f, 10)];
        bool[] right = [true, true, true, true, false, true, true, true, true, false];
        Assert.Equal(0, ReliabilityDiagram.Of(confidences, right).ExpectedCalibrationError, 6);
        ReliabilityDiagram tenths = ReliabilityDiagram.Of([0f, 0.5f, 0.50001f, 1f], [false, true, true, true], 2);
        Assert.Equal([2, 2], tenths.Bins.Select(b => b.Count));
    }

    [Fact]
    public void Certain_and_always_wrong_is_the_worst_calibration_and_the_loss_stays_finite()
    {
        ClassificationReport report = ClassificationReport.From([1, 0, 1, 0], [1, 1], ["a", "b"], 1, replicates: 10);
        Assert.Equal(1, report.Ece, 12);
        Assert.Equal(2, report.Brier, 12);
        Assert.Equal(-Math.Log(ClassificationReport.SmallestProbability), report.NegativeLogLikelihood, 9);
    }

    [Fact]
    public void Refuses_what_cannot_be_evaluated_and_says_why()
    {
        Assert.Contains("softmax", Assert.Throws<ArgumentException>(() => ClassificationReport.From([3f, -1f], [0], ["a", "b"], 1)).Message);
        Assert.Contains("diverged", Assert.Throws<InvalidDataException>(() => ClassificationReport.From([float.NaN, 1f], [0], ["a", "b"], 1)).Message);
        Assert.Contains("label 2", Assert.Throws<ArgumentException>(() => ClassificationReport.From([0.5f, 0.5f], [2], ["a", "b"], 1)).Message);
        Assert.Throws<ArgumentException>(() => ClassificationReport.From([], [], ["a"], 1));
        Assert.Throws<ArgumentException>(() => ClassificationReport.From([1f], [0], ["a", "b"], 1));
    }

    [Fact]
    public void The_worst_mistakes_come_most_confident_first()
    {
        float[] p = [0.6f, 0.4f, 0.9f, 0.1f, 0.2f, 0.8f, 0.9f, 0.1f];
        ClassificationReport report = ClassificationReport.From(p, [1, 1, 1, 1], ["a", "b"], 1, replicates: 10);
        Assert.Equal([1, 3, 0], report.WorstMistakes(5).Select(d => d.Index));
        Assert.Equal([1], report.WorstMistakes(1).Select(d => d.Index));
    }

    [Fact]
    public void Equal_seeds_give_equal_intervals_and_other_seeds_give_others()
    {
        int[] labels = [.. Enumerable.Range(0, 200).Select(i => i % 4)];
        int[] decided = [.. labels.Select((l, i) => i % 5 == 0 ? (l + 1) % 4 : l)];
        Assert.Equal(OfDecisions(labels, decided, 4).Intervals, OfDecisions(labels, decided, 4).Intervals);
        Assert.NotEqual(OfDecisions(labels, decided, 4).Intervals.Top1, OfDecisions(labels, decided, 4, seed: 2).Intervals.Top1);
    }

    /// <summary>For a proportion the bootstrap's distribution is binomial: its middle 95 % is p ± 1.96 √(p(1 − p)/n) but for steps of 1/n.</summary>
    [Fact]
    public void The_bootstrap_interval_of_top1_has_the_binomial_width()
    {
        int[] labels = [.. Enumerable.Range(0, 1000).Select(i => i % 2)];
        int[] decided = [.. labels.Select((l, i) => i < 200 ? 1 - l : l)];
        Interval interval = OfDecisions(labels, decided, 2).Intervals.Top1;
        double half = 1.96 * Math.Sqrt(0.8 * 0.2 / 1000);
        Assert.InRange(interval.Low, 0.8 - half - 0.006, 0.8 - half + 0.006);
        Assert.InRange(interval.High, 0.8 + half - 0.006, 0.8 + half + 0.006);
    }

    /// <summary>Resampling what is all right says [1, 1], which 24 images cannot prove.</summary>
    [Fact]
    public void Few_images_or_hardly_a_mistake_prove_no_certainty()
    {
        int[] labels = [.. Enumerable.Range(0, 24).Select(i => i % 3)];
        ClassificationIntervals all = OfDecisions(labels, labels, 3).Intervals;
        Assert.Equal(Interval.Wilson(24, 24), all.Top1);
        Assert.InRange(all.Top1.Low, 0.85, 0.87);
        Assert.InRange(all.MacroF1.Low, 0.85, 0.87);
        Assert.InRange(all.BalancedAccuracy.Low, 0.85, 0.87);

        int[] many = [.. Enumerable.Range(0, 2000).Select(i => i % 3)];
        int[] nine = [.. many.Select((l, i) => i < 9 ? (l + 1) % 3 : l)], ten = [.. many.Select((l, i) => i < 10 ? (l + 1) % 3 : l)];
        Assert.Equal(Interval.Wilson(1991, 2000), OfDecisions(many, nine, 3).Intervals.Top1);
        Assert.NotEqual(Interval.Wilson(1990, 2000), OfDecisions(many, ten, 3).Intervals.Top1);
        Assert.True(OfDecisions(many, many, 3).Intervals.Top1.Low is < 1 and > 0.998);
    }

    /// <summary>Bonett and Price: with n images and no disagreement, ± z √(2) / (n + 2).</summary>
    [Fact]
    public void No_disagreement_is_no_proof_of_equality()
    {
        bool[] right = [.. Enumerable.Repeat(true, 500)];
        Interval none = PairedComparison.Of(right, right, seed: 1).DifferenceInterval;
        Assert.Equal(1.959964 * Math.Sqrt(2) / 502, none.High, 6);
        Assert.Equal(-none.High, none.Low, 12);
        bool[] worse = [.. right.Select((_, i) => i >= 3)];
        Interval three = PairedComparison.Of(right, worse, seed: 1).DifferenceInterval;
        Assert.Equal(-3 / 502.0 - 1.959964 * Math.Sqrt((5 / 502.0 - 9 / 502.0 / 502.0) / 502.0), three.Low, 6);
        Assert.True(three.High > 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => Interval.OfPairedDifference(3, 3, 5));
    }

    [Fact]
    public void Figures_obey_their_identities() =>
        Gen.Select(Gen.Int[2, 9], Gen.Int[1, 60], Gen.ULong).Sample((k, n, seed) =>
        {
            var stream = new SeedStream(seed, "test");
            int[] labels = new int[n];
            float[] p = new float[n * k];
            for (int i = 0; i < n; i++)
            {
                labels[i] = stream.NextInt(k);
                double[] row = new double[k];
                for (int c = 0; c < k; c++)
                    row[c] = -Math.Log(1 - stream.NextDouble());
                for (int c = 0; c < k; c++)
                    p[i * k + c] = (float)(row[c] / row.Sum());
            }
            ClassificationReport r = ClassificationReport.From(p, labels, [.. Enumerable.Range(0, k).Select(c => $"c{c}")], seed, replicates: 50);
            Assert.Equal(n, r.PerClass.Sum(c => c.Support));
            Assert.Equal(n, r.PerClass.Sum(c => c.Predicted));
            Assert.Equal(n, r.Reliability.Bins.Sum(b => b.Count));
            Assert.Equal(r.Top1, (double)Enumerable.Range(0, k).Sum(c => r.Confusion[c, c]) / n, 12);
            Assert.Equal(r.Top1, r.Weighted.Recall, 12);
            Assert.True(r.Top5 >= r.Top1 && r.Brier is >= 0 and <= 2 && r.Ece is >= 0 and <= 1 && r.Ece <= r.Reliability.MaximumCalibrationError + 1e-12);
            Assert.True(r.Intervals.Top1.Low <= r.Top1 + 0.5 && r.Intervals.Top1.Low <= r.Intervals.Top1.High);
            Assert.True(r.Intervals.Top1.Low <= r.Top1 && r.Top1 <= r.Intervals.Top1.High);
            if (k <= 5)
                Assert.Equal(1, r.Top5);
        }, iter: 100);

    [Fact]
    public void Pairing_counts_the_disagreements()
    {
        bool[] first = [true, true, false, false, true], second = [true, false, true, true, true];
        PairedComparison pair = PairedComparison.Of(first, second, seed: 1);
        Assert.Equal((5, 2, 1, 2), (pair.Images, pair.BothRight, pair.OnlyFirst, pair.OnlySecond));
        Assert.Equal(0.2, pair.Difference, 12);
        Assert.Equal(1, pair.PValue, 12);
        Assert.True(pair.DifferenceInterval.Low <= pair.Difference && pair.Difference <= pair.DifferenceInterval.High);
        PairedComparison same = PairedComparison.Of(first, first, seed: 1);
        Assert.Equal((0.0, 1.0), (same.Difference, same.PValue));
        Assert.Equal(-same.DifferenceInterval.High, same.DifferenceInterval.Low, 12);
    }
}
