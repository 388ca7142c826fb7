using Sightline.Training.Optimisation;
using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData(CycleShape.Cosine, 0.3)]
    [InlineData(CycleShape.Linear, 0.25)]
    public void One_cycle_is_torchs(CycleShape shape, double rise)
    {
        const int Epochs = 4, Steps = 25;
        using var w = new TorchSharp.Modules.Parameter(zeros(1));
        using var sgd = optim.SGD([w], 1);
        optim.lr_scheduler.LRScheduler reference = optim.lr_scheduler.OneCycleLR(sgd, max_lr: 2, total_steps: Epochs * Steps, pct_start: rise,
            anneal_strategy: shape == CycleShape.Cosine ? optim.lr_scheduler.impl.OneCycleLR.AnnealStrategy.Cos : optim.lr_scheduler.impl.OneCycleLR.AnnealStrategy.Linear,
            cycle_momentum: false, div_factor: 25, final_div_factor: 1e4);
        var schedule = new Schedule(new ScheduleRecipe { Shape = shape, WarmupEpochs = rise * Epochs, InitialFactor = 1 / 25.0, FinalFactor = 1 / 25.0 / 1e4 }, 2, Epochs, Steps);
        for (int i = 0; i < Epochs * Steps; i++)
        {
            Assert.Equal(sgd.ParamGroups.First().LearningRate, schedule.Rate(i), 1e-6);
            sgd.step();
            if (i < Epochs * Steps - 1)
                reference.step();
        }
    }

    [Fact]
    public void Warm_up_rises_linearly_then_the_shape_follows()
    {
        var constant = new Schedule(new ScheduleRecipe { Name = ScheduleName.Constant, WarmupEpochs = 1, InitialFactor = 0.5 }, 0.1, 3, 10);
        Assert.Equal([0.05, 0.055, 0.06], Enumerable.Range(0, 3).Select(i => Math.Round(constant.Rate(i), 9)));
        Assert.Equal(0.1, constant.Rate(10), 1e-12);
        var steps = new Schedule(new ScheduleRecipe { Name = ScheduleName.Step, Milestones = [1, 2], StepFactor = 0.1 }, 1, 3, 10);
        Assert.Equal([1, 1, 0.1, 0.1, 0.01], new[] { 0, 9, 10, 19, 20 }.Select(i => Math.Round(steps.Rate(i), 9)));
        var cosine = new Schedule(new ScheduleRecipe { Name = ScheduleName.Cosine, FinalFactor = 0.2 }, 1, 1, 101);
        Assert.Equal([1, 0.6, 0.2], new[] { 0, 50, 100 }.Select(i => Math.Round(cosine.Rate(i), 9)));
    }

    [Fact]
    public void A_range_test_rises_by_the_same_factor_each_step()
    {
        var rise = new ScheduleRecipe { Name = ScheduleName.Exponential, InitialFactor = 1e-4 };
        // 25 steps of 10 an epoch from 1e-3 to 10, then the base rate.
        var part = new Schedule(rise with { WarmupEpochs = 2.5 }, 10, 3, 10);
        Assert.Equal(1e-3, part.Rate(0), 1e-12);
        Assert.All(Enumerable.Range(0, 24), i => Assert.Equal(Math.Pow(1e4, 1 / 24.0), part.Rate(i + 1) / part.Rate(i), 1e-9));
        Assert.All([24, 25, 29], i => Assert.Equal(10, part.Rate(i), 1e-9));
        var whole = new Schedule(rise, 10, 3, 10);
        Assert.Equal([1e-3, 10], new[] { whole.Rate(0), whole.Rate(29) }.Select(r => Math.Round(r, 9)));
    }

    [Fact]
    public void Averaging_takes_the_rate_from_where_the_schedule_stands_to_its_own()
    {
        var cosine = new ScheduleRecipe { Name = ScheduleName.Cosine, FinalFactor = 0 };
        const int Epochs = 8, Steps = 10;
        Schedule plain = new(cosine, 0.1, Epochs, Steps), averaging = new(cosine, 0.1, Epochs, Steps, new SwaRecipe { FromEpoch = 5, Rate = 0.5, AnnealEpochs = 2 });
        for (int i = 0; i < Epochs * Steps; i++)
        {
            // torch's SWALR: half a cosine from the rate before to the new one.
            double share = (1 - Math.Cos(Math.PI * Math.Min(1, (i - 50) / 20.0))) / 2;
            double expected = i < 50 ? plain.Rate(i) : plain.Rate(50) * (1 - share) + 0.05 * share;
            Assert.Equal(expected, averaging.Rate(i), 1e-12);
        }
        Assert.Equal(plain.Rate(50), averaging.Rate(50), 1e-12);
        Assert.Equal(0.05, averaging.Rate(70), 1e-12);
        // Three quarters of all epochs come before, unless the recipe says otherwise.
        Assert.Equal(plain.Rate(59), new Schedule(cosine, 0.1, Epochs, Steps, new SwaRecipe()).Rate(59), 1e-12);
        Assert.NotEqual(plain.Rate(61), new Schedule(cosine, 0.1, Epochs, Steps, new SwaRecipe()).Rate(61), 1e-4);
    }

    [Fact]
    public void Cycles_of_averaging_fall_as_the_paper_says()
    {
        // α(i) = (1 − t) α₁ + t α₂ with t = (mod(i − 1, c) + 1) / c, i from 1 (Izmailov et al. 2018, section 3.1).
        var cycles = new Schedule(new ScheduleRecipe { Name = ScheduleName.Constant }, 1, 6, 5, new SwaRecipe { FromEpoch = 2, Rate = 0.5, LowestRate = 0.1, CycleEpochs = 2, AnnealEpochs = 0 });
        for (int i = 1; i <= 20; i++)
        {
            double t = ((i - 1) % 10 + 1) / 10.0;
            Assert.Equal((1 - t) * 0.5 + t * 0.1, cycles.Rate(10 + i - 1), 1e-12);
        }
        Assert.Equal(0.1, cycles.Rate(19), 1e-12); // the step after which weights are taken in
    }
}
