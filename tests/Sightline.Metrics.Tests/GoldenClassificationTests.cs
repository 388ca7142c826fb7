using System.Text.Json;
using Sightline.Metrics;

namespace Sightline.Tests;

/// <summary>Against scikit-learn, scipy and numpy: <c>Golden/make_classification.py</c> holds the command.</summary>
public sealed class GoldenClassificationTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(typeof(GoldenClassificationTests).Assembly.GetManifestResourceStream("classification.json")!).RootElement;

    private static double[] Numbers(string name) => [.. Golden.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];

    private static ClassificationReport Report()
    {
        int k = Golden.GetProperty("classes").GetInt32();
        float[] probabilities = [.. Golden.GetProperty("probabilities").EnumerateArray().Select(e => e.GetSingle())];
        int[] labels = [.. Golden.GetProperty("labels").EnumerateArray().Select(e => e.GetInt32())];
        return ClassificationReport.From(probabilities, labels, [.. Enumerable.Range(0, k).Select(i => $"class {i}")], seed: 3);
    }

    [Fact]
    public void Agrees_with_scikit_learn()
    {
        ClassificationReport report = Report();
        Assert.Equal(Golden.GetProperty("top1").GetDouble(), report.Top1, 12);
        Assert.Equal(Golden.GetProperty("top5").GetDouble(), report.Top5, 12);
        Assert.Equal(Golden.GetProperty("logLoss").GetDouble(), report.NegativeLogLikelihood, 6);
        Assert.Equal(Golden.GetProperty("brier").GetDouble(), report.Brier, 6);
        Assert.Equal(Golden.GetProperty("ece").GetDouble(), report.Ece, 10);
        Assert.Equal(Golden.GetProperty("mce").GetDouble(), report.Reliability.MaximumCalibrationError, 10);
        double[] macro = Numbers("macro"), weighted = Numbers("weighted");
        Assert.Equal(macro[0], report.Macro.Precision, 12);
        Assert.Equal(macro[1], report.Macro.Recall, 12);
        Assert.Equal(macro[2], report.MacroF1, 12);
        Assert.Equal(weighted[0], report.Weighted.Precision, 12);
        Assert.Equal(weighted[1], report.Weighted.Recall, 12);
        Assert.Equal(weighted[2], report.Weighted.F1, 12);
    }

    [Fact]
    public void Agrees_with_scikit_learn_class_by_class()
    {
        ClassificationReport report = Report();
        double[] precision = Numbers("precision"), recall = Numbers("recall"), f1 = Numbers("f1"), support = Numbers("support"), confusion = Numbers("confusion");
        for (int c = 0; c < report.Classes.Count; c++)
        {
            // scikit-learn writes 0 for a class never decided; we say that it is undefined.
            Assert.Equal(c == 5, report.PerClass[c].Precision is null);
            Assert.Equal(precision[c], report.PerClass[c].Precision ?? 0, 12);
            Assert.Equal(recall[c], report.PerClass[c].Recall!.Value, 12);
            Assert.Equal(f1[c], report.PerClass[c].F1!.Value, 12);
            Assert.Equal((int)support[c], report.PerClass[c].Support);
            for (int p = 0; p < report.Classes.Count; p++)
                Assert.Equal((int)confusion[c * report.Classes.Count + p], report.Confusion[c, p]);
        }
    }

    [Fact]
    public void Reliability_diagram_agrees_with_scikit_learns_calibration_curve()
    {
        ReliabilityBin[] filled = [.. Report().Reliability.Bins.Where(b => b.Count > 0)];
        double[] accuracy = Numbers("binAccuracy"), confidence = Numbers("binConfidence");
        Assert.Equal(accuracy.Length, filled.Length);
        for (int b = 0; b < filled.Length; b++)
        {
            Assert.Equal(accuracy[b], filled[b].Accuracy!.Value, 10);
            Assert.Equal(confidence[b], filled[b].Confidence!.Value, 10);
        }
    }

    [Fact]
    public void McNemar_agrees_with_scipys_exact_binomial_test()
    {
        foreach (JsonElement row in Golden.GetProperty("mcnemar").EnumerateArray())
        {
            double expected = row[2].GetDouble(), seen = PairedComparison.McNemar(row[0].GetInt32(), row[1].GetInt32());
            Assert.True(Math.Abs(seen / expected - 1) < 1e-9, $"{row}: {seen}");
        }
        Assert.Equal(1, PairedComparison.McNemar(0, 0));
    }

    [Fact]
    public void Wilson_agrees_with_scipy()
    {
        foreach (JsonElement row in Golden.GetProperty("wilson").EnumerateArray())
        {
            Interval seen = Interval.Wilson(row[0].GetInt64(), row[1].GetInt64(), row[2].GetDouble());
            Assert.Equal(row[3].GetDouble(), seen.Low, 10);
            Assert.Equal(row[4].GetDouble(), seen.High, 10);
        }
    }

    [Fact]
    public void Percentiles_agree_with_numpy()
    {
        Interval seen = Interval.Percentile(Numbers("values"));
        Assert.Equal(Numbers("percentile")[0], seen.Low, 12);
        Assert.Equal(Numbers("percentile")[1], seen.High, 12);
    }
}
