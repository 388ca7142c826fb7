using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Each rule finds the fault that is planted in an otherwise healthy training, and calls it the root cause.</summary>
public sealed class RulesTests
{
    /// <summary>Every code of the list.</summary>
    public static TheoryData<string> Codes { get; } = [.. FindingCodes.All];

    [Fact]
    public void A_healthy_training_is_called_healthy()
    {
        Assessment assessment = Diagnostician.Assess(new PlantedLog().Build());
        Assert.Equal(Verdict.Healthy, assessment.Verdict);
        Assert.Empty(assessment.Findings);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_planted_fault_stands_first(string code)
    {
        TrainingLog log = PlantedFaults.Of(code).Build();
        Assessment assessment = Diagnostician.Assess(log);
        Assert.Equal(Verdict.Sick, assessment.Verdict);
        Finding first = assessment.Findings[0];
        Assert.Equal(code, first.Code);
        Assert.Null(first.FollowsFrom);
        Assert.InRange(first.FirstEpoch, 0, first.LastEpoch);
        Assert.InRange(first.LastEpoch, first.FirstEpoch, log.Epochs[^1].Epoch);
        Assert.NotEmpty(first.Remedies);
        Assert.EndsWith(".", first.Confirmation, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN ", first.Evidence, StringComparison.Ordinal);
        Assert.All(first.Remedies.SelectMany(r => r.Settings), s => Assert.Matches(@"^[a-z]+(\.[a-zA-Z]+)+=\S", s));
    }

    [Fact]
    public void What_follows_from_a_cause_stands_behind_it_and_names_it()
    {
        Assessment assessment = Diagnostician.Assess(PlantedFaults.Of("plateau").Build());
        Assert.Contains(assessment.Findings, f => f is { Code: "underfitting" or "learning-rate-too-high", FollowsFrom: "plateau" });
    }

    [Fact]
    public void Two_epochs_are_not_enough()
    {
        Assessment assessment = Diagnostician.Assess(new PlantedLog { Epochs = 2 }.Build() with { Facts = new PlantedLog().Facts with { PlannedEpochs = 2 } });
        Assert.Equal(Verdict.NotEnoughEvidence, assessment.Verdict);
        Assert.Equal("The log holds 2 epochs; curves say something from 3 on.", assessment.Missing);
    }

    [Fact]
    public void A_run_that_goes_on_has_not_stopped_too_early() =>
        Assert.DoesNotContain(Diagnostician.Assess(Running(PlantedFaults.Of("stopped-too-early").Build())).Findings, f => f.Code == "stopped-too-early");

    [Fact]
    public void Overfitting_is_told_from_accuracies_alone()
    {
        TrainingLog log = PlantedFaults.Of("overfitting").Build().CurvesAlone();
        log = log with { Epochs = [.. log.Epochs.Select(e => e with { TrainLoss = double.NaN, ValLoss = double.NaN, LearningRate = double.NaN })] };
        Assert.Equal("overfitting", Diagnostician.Assess(log).Findings[0].Code);
    }

    [Fact]
    public void A_loss_that_ends_in_NaN_has_diverged()
    {
        TrainingLog log = new PlantedLog { Epochs = 6 }.Build().CurvesAlone();
        log = log with { Epochs = [.. log.Epochs, .. Enumerable.Range(7, 3).Select(e => new EpochPoint(e, 0.1, double.NaN, double.NaN, double.NaN, double.NaN))] };
        Finding first = Diagnostician.Assess(log).Findings[0];
        Assert.Equal(("diverged", 7.0), (first.Code, first.FirstEpoch));
    }

    [Fact]
    public void Smoothed_labels_raise_the_training_loss_and_are_no_fault()
    {
        TrainingLog log = new PlantedLog().Build();
        double guess = Math.Log(10), floor = -0.91 * Math.Log(0.91) - 9 * 0.01 * Math.Log(0.01);
        log = log with
        {
            Epochs = [.. log.Epochs.Select(e => e with { TrainLoss = floor + (guess - floor) * e.TrainLoss / guess })],
            Facts = log.Facts with { LabelSmoothing = 0.1 },
        };
        Assert.Equal(Verdict.Healthy, Diagnostician.Assess(log).Verdict);
    }

    [Fact]
    public void Mixed_images_keep_training_below_validation_and_are_no_fault()
    {
        var mixed = new PlantedLog { Learned = e => 0.3 * (1 - Math.Exp(-e / 7)), LossGap = _ => -0.25, Facts = new PlantedLog().Facts with { AugmentsStrongly = true } };
        TrainingLog log = mixed.Build();
        // The probe, scored as it is, lies above validation.
        log = log with { Signals = [.. log.Signals.Select(s => s with { ProbeTop1 = 0.9 })] };
        Assert.Equal(Verdict.Healthy, Diagnostician.Assess(log).Verdict);
    }

    [Fact]
    public void A_watch_tells_each_finding_once_and_not_at_its_first_sight()
    {
        TrainingLog log = PlantedFaults.Of("not-shuffled").Build();
        var watch = new Watch();
        (double Epoch, string Code)[] told = [.. log.Epochs.SelectMany(e => watch.See(log.UpTo(e.Epoch)).Select(f => (e.Epoch, f.Code)))];
        Assert.Equal("not-shuffled", Assert.Single(told).Code);
        Assert.True(told[0].Epoch >= Watch.Epochs);
    }

    [Fact]
    public void A_watch_is_silent_over_a_healthy_training()
    {
        TrainingLog log = new PlantedLog().Build();
        var watch = new Watch();
        Assert.DoesNotContain(log.Epochs, e => watch.See(log.UpTo(e.Epoch)).Count > 0);
    }

    private static TrainingLog Running(TrainingLog log) => log with { Facts = log.Facts with { Running = true } };
}
