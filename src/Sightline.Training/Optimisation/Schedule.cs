using Sightline.Training.Recipes;

namespace Sightline.Training.Optimisation;

/// <summary>The learning rate of every optimiser step: a pure function of the step, so that a resume needs no state of it.</summary>
public sealed class Schedule
{
    private readonly ScheduleRecipe recipe;
    private readonly double baseRate;
    private readonly int stepsPerEpoch;
    private readonly double warmup;
    private readonly SwaRecipe? averaging;
    private readonly long averagingFrom;

    /// <summary>Lays the schedule over a training.</summary>
    /// <param name="recipe">The shape.</param>
    /// <param name="baseRate">The rate at factor 1.</param>
    /// <param name="epochs">Epochs of the whole training, also when it stops before.</param>
    /// <param name="stepsPerEpoch">Optimiser steps of an epoch.</param>
    /// <param name="averaging">The last part with a rate of its own; null without.</param>
    public Schedule(ScheduleRecipe recipe, double baseRate, int epochs, int stepsPerEpoch, SwaRecipe? averaging = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        this.recipe = recipe;
        this.baseRate = baseRate;
        this.stepsPerEpoch = stepsPerEpoch;
        this.averaging = averaging;
        averagingFrom = (long)(averaging?.First(epochs) ?? 0) * stepsPerEpoch;
        TotalSteps = (long)epochs * stepsPerEpoch;
        warmup = recipe.WarmupEpochs is double given ? given * stepsPerEpoch : recipe.Name switch { ScheduleName.OneCycle => 0.3 * TotalSteps, ScheduleName.Exponential => TotalSteps, _ => 0 };
    }

    /// <summary>Optimiser steps of the whole training.</summary>
    public long TotalSteps { get; }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <returns>The rate.</returns>
    public double Rate(long step) => baseRate * (averaging is { } swa && step >= averagingFrom ? Averaging(swa, step - averagingFrom) : Factor(step));

    private double Averaging(SwaRecipe swa, long step)
    {
        int cycle = swa.CycleEpochs * stepsPerEpoch;
        double rate = swa.LowestRate is double lowest ? swa.Rate + (lowest - swa.Rate) * (step % cycle + 1) / cycle : swa.Rate;
        // As torch's SWALR comes from the rate before.
        double share = (1 - Math.Cos(Math.PI * Share(step, swa.AnnealEpochs * stepsPerEpoch))) / 2;
        return Factor(averagingFrom) * (1 - share) + rate * share;
    }

    private double Factor(long step) => recipe.Name switch
    {
        // Corner points as in torch's OneCycleLR: the peak is reached at step warmup − 1, the end at the last step.
        ScheduleName.OneCycle when step <= warmup - 1 => Between(recipe.InitialFactor, 1, warmup > 1 ? step / (warmup - 1) : 1),
        ScheduleName.OneCycle => Between(1, recipe.FinalFactor, Share(step - Math.Max(warmup - 1, 0), TotalSteps - 1 - Math.Max(warmup - 1, 0))),
        ScheduleName.Exponential => Math.Pow(recipe.InitialFactor, 1 - Share(step, warmup - 1)),
        _ when step < warmup => recipe.InitialFactor + (1 - recipe.InitialFactor) * step / warmup,
        ScheduleName.Constant => 1,
        ScheduleName.Step => Math.Pow(recipe.StepFactor, recipe.Milestones.Count(m => step >= m * stepsPerEpoch)),
        ScheduleName.Cosine => recipe.FinalFactor + (1 - recipe.FinalFactor) * (1 + Math.Cos(Math.PI * Share(step - warmup, TotalSteps - 1 - warmup))) / 2,
        _ => throw new NotSupportedException($"schedule {recipe.Name}"),
    };

    private double Between(double from, double to, double share) => recipe.Shape == CycleShape.Linear
        ? from + (to - from) * share
        : to + (from - to) * (1 + Math.Cos(Math.PI * share)) / 2;

    private static double Share(double part, double whole) => whole > 0 ? Math.Clamp(part / whole, 0, 1) : 1;
}
