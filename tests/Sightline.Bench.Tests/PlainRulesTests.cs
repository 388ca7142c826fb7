using Sightline.Bench.Diagnosis;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>The plain rules do what a reader of their names expects.</summary>
public sealed class PlainRulesTests
{
    // Straight from a value to another over twenty epochs, for training and validation.
    private static TrainingLog Lines((double From, double To) trainLoss, (double From, double To) trainTop1, (double From, double To) valLoss, (double From, double To) valTop1) =>
        MadeUp.Log(Enumerable.Range(0, 20).Select(i => (At(trainLoss, i), At(trainTop1, i), At(valLoss, i), At(valTop1, i))));

    private static double At((double From, double To) line, int i) => line.From + (line.To - line.From) * i / 19;

    private static readonly TrainingLog Good = Lines((2, 0.5), (0.1, 0.8), (2, 0.6), (0.1, 0.75));

    [Theory]
    [InlineData(1.036, false)]
    [InlineData(1.038, true)]
    public void TheSmoothedLossEndsAboveItsLowest(double end, bool overfitting)
    {
        // Down to 1, up to the end, where it stays long enough for the smoothed curve to get there; one jump is smoothed away.
        double[] loss = [2, 1.8, 1.6, 1.4, 1.2, 1, 1, 1, 1, 1, 1, 1, end, end, end, end, end, end, end, end];
        loss[9] = 0.3;
        TrainingLog log = MadeUp.Log(loss.Select(l => (1.0, 0.5, l, 0.5)));

        Assert.Equal(overfitting ? "overfitting" : "healthy", PlainRules.SmoothedLoss(log));
    }

    [Fact]
    public void TextbookRules()
    {
        Assert.Equal("healthy", PlainRules.Textbook(Good));
        Assert.Equal("diverged", PlainRules.Textbook(Good with { Facts = new TrainingFacts { Diverged = "no number" } }));
        Assert.Equal("diverged", PlainRules.Textbook(Good with { Epochs = [] }));
        Assert.Equal("diverged", PlainRules.Textbook(Good with { Epochs = [.. Good.Epochs.SkipLast(1), Good.Epochs[^1] with { TrainLoss = double.NaN }] }));
        Assert.Equal("overfitting", PlainRules.Textbook(Lines((2, 0.1), (0.1, 0.8), (1, 1.5), (0.1, 0.75))));
        Assert.Equal("overfitting", PlainRules.Textbook(Lines((2, 0.1), (0.1, 0.95), (2, 1), (0.1, 0.75))));
        Assert.Equal("learning-rate-too-high", PlainRules.Textbook(Lines((2, 2.1), (0.1, 0.1), (2, 2), (0.1, 0.1))));
        Assert.Equal("learning-rate-too-low", PlainRules.Textbook(Lines((2, 1.9), (0.1, 0.15), (2, 1.9), (0.1, 0.15))));
        Assert.Equal("validation-above-training", PlainRules.Textbook(Lines((2, 0.5), (0.1, 0.8), (2, 0.3), (0.1, 0.9))));
        Assert.Equal("class-collapse", PlainRules.Textbook(Good with { Signals = [new EpochSignals { Epoch = 20, ValPredictions = [1, 95, 4] }] }));
        Assert.Equal("healthy", PlainRules.Textbook(Good with { Signals = [new EpochSignals { Epoch = 20, ValPredictions = [5, 90, 5] }] }));
    }

    [Fact]
    public void AccuraciesAloneAreNoRise() => Assert.Equal("healthy", PlainRules.SmoothedLoss(MadeUp.Log([(double.NaN, 0.5, double.NaN, 0.5), (double.NaN, 0.6, double.NaN, 0.6)])));

    [Fact]
    public void WhatARuleSaidIsAnAssessment()
    {
        Assert.Equal(Verdict.Healthy, PlainRules.Assessment("healthy").Verdict);
        Assert.Equal(Verdict.Sick, PlainRules.Assessment("leak").Verdict);
        Assert.Equal("leak", PlainRules.Assessment("leak").Findings[0].Code);
    }
}
