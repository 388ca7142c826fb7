using Sightline.Datasets.Audit;

namespace Sightline.Training.Recipes;

/// <summary>What types cannot say: ranges, and keys that must fit each other.</summary>
internal static class RecipeChecks
{
    /// <summary>Whether one array can hold the numbers of a batch of images of this size.</summary>
    public static bool BatchFits(int width, int height, int batchSize) => 3L * width * height * batchSize <= Array.MaxLength;

    /// <summary>Throws at the first value of a recipe made in code that cannot be used.</summary>
    /// <exception cref="BadInputException">A value is out of range, or keys don't fit each other (<c>recipe-value</c>).</exception>
    public static void Check(Recipe recipe) => Check(recipe, (_, message) => new BadInputException("recipe-value", message));

    /// <summary>Throws at the first value that cannot be used.</summary>
    public static void Check(Recipe r, Func<string, string, BadInputException> error)
    {
        void Require(bool holds, string key, object? value, string expected)
        {
            if (!holds)
                throw error(key, FormattableString.Invariant($"'{key}' is {value}; expected {expected}."));
        }

        TrainingRecipe t = r.Training;
        Require(r.Name.Length > 0, "name", "empty", "a name");
        Require(t.Epochs is >= 1 and <= 100_000, "training.epochs", t.Epochs, "1 to 100000");
        Require(t.BatchSize is >= 1 and <= 65_536, "training.batchSize", t.BatchSize, "1 to 65536");
        Require(t.Accumulation is >= 1 and <= 4096, "training.accumulation", t.Accumulation, "1 to 4096");
        Require(t.ClipNorm >= 0, "training.clipNorm", t.ClipNorm, "0 (off) or more");
        Require(t.Sharpness is >= 0 and <= 10, "training.sharpness", t.Sharpness, "0 (off) to 10");
        Require(t.EmaDecay is >= 0 and < 1, "training.emaDecay", t.EmaDecay, "0 (off) to less than 1");
        if (t.Swa is { } swa)
            Check(swa, t, Require);
        Require(t.EarlyStoppingPatience >= 0, "training.earlyStoppingPatience", t.EarlyStoppingPatience, "0 (off) or more");
        Require(t.Threads is >= 0 and <= 1024, "training.threads", t.Threads, "0 to 1024");
        Require(t.Workers is >= 0 and <= 1024, "training.workers", t.Workers, "0 to 1024");
        Require(t.Determinism != DeterminismMode.Exact || t.Precision != PrecisionChoice.Auto, "training.precision", "auto",
            "float32 or bf16, since training.determinism is exact and a choice by time could differ from run to run");

        SplitRecipe s = r.Data.Split;
        Require(r.Data.Path.Length > 0, "data.path", "empty", "a folder or file");
        foreach (string code in r.Data.Allow)
        {
            string? meant = NearestName.Find(code, ProblemCodes.Stopping);
            Require(ProblemCodes.Stopping.Contains(code), "data.allow", $"'{code}'{(meant is null ? "" : $" (did you mean '{meant}'?)")}", $"codes of problems that stop training: {string.Join(", ", ProblemCodes.Stopping)}");
        }
        CropRecipe crops = r.Data.Crops;
        Require(crops.MinSide >= 1, "data.crops.minSide", crops.MinSide, "1 or more pixels");
        Require(crops.Margin is >= 0 and <= 10, "data.crops.margin", crops.Margin, "0 to 10");
        Require(crops.MaxOcclusion is >= 0 and <= 1, "data.crops.maxOcclusion", crops.MaxOcclusion, "0 to 1");
        Require(crops.MaxTruncation is >= 0 and <= 1, "data.crops.maxTruncation", crops.MaxTruncation, "0 to 1");
        Require(s.ValidationFraction is >= 0 and < 1, "data.split.validationFraction", s.ValidationFraction, "0 to less than 1");
        Require(s.TestFraction is >= 0 and < 1, "data.split.testFraction", s.TestFraction, "0 to less than 1");
        Require(s.ValidationFraction + s.TestFraction < 1, "data.split.testFraction", s.TestFraction, "a rest for training: both fractions together below 1");
        Require(s.Imbalance is >= 1 and <= 1e6, "data.split.imbalance", s.Imbalance, "1 (off) or more");
        Require(s.TrainLimit >= 0, "data.split.trainLimit", s.TrainLimit, "0 (all) or more");

        PreprocessingRecipe p = r.Preprocessing;
        Require(p.Width is null or (>= 1 and <= 8192), "preprocessing.width", p.Width, "1 to 8192 pixels, or null");
        Require(p.Height is null or (>= 1 and <= 8192), "preprocessing.height", p.Height, "1 to 8192 pixels, or null");
        Require(p.Width is not int width || p.Height is not int height || BatchFits(width, height, t.BatchSize), "preprocessing.width", p.Width,
            $"a size of which a batch holds at most {Array.MaxLength} numbers ({t.BatchSize} images of 3×{p.Height}×{p.Width} are more): smaller images or a smaller training.batchSize");
        Require(p.ShorterSide is null or (>= 1 and <= 8192), "preprocessing.shorterSide", p.ShorterSide, "1 to 8192 pixels, or null");
        Require(p.Mean is null or { Count: 3 }, "preprocessing.mean", $"a list of {p.Mean?.Count}", "three numbers (R, G, B), or null");
        Require(p.Std is null || (p.Std.Count == 3 && p.Std.All(v => v > 0)), "preprocessing.std", "not usable", "three numbers above 0 (R, G, B), or null");

        foreach ((string key, string message) in r.Augmentation.Faults())
            throw error("augmentation." + key, $"'augmentation.{key}': {message}");

        OptimiserRecipe o = r.Optimiser;
        Require(o.LearningRate > 0, "optimiser.learningRate", o.LearningRate, "more than 0");
        Require(o.WeightDecay >= 0, "optimiser.weightDecay", o.WeightDecay, "0 or more");
        Require(o.L1 >= 0, "optimiser.l1", o.L1, "0 (off) or more");
        Require(o.Momentum is >= 0 and < 1, "optimiser.momentum", o.Momentum, "0 to less than 1");
        Require(o.Beta1 is >= 0 and < 1, "optimiser.beta1", o.Beta1, "0 to less than 1");
        Require(o.Beta2 is >= 0 and < 1, "optimiser.beta2", o.Beta2, "0 to less than 1");
        Require(o.Epsilon > 0, "optimiser.epsilon", o.Epsilon, "more than 0");
        Require(o.NormDecay is null or >= 0, "optimiser.normDecay", o.NormDecay, "0 or more");
        Require(o.NormRate > 0, "optimiser.normRate", o.NormRate, "more than 0");

        ScheduleRecipe c = r.Schedule;
        Require(c.WarmupEpochs is null || (c.WarmupEpochs >= 0 && c.WarmupEpochs < t.Epochs), "schedule.warmupEpochs", c.WarmupEpochs, $"0 to less than training.epochs ({t.Epochs}), or null");
        Require(c.InitialFactor is >= 0 and <= 1, "schedule.initialFactor", c.InitialFactor, "0 to 1");
        Require(c.Name != ScheduleName.Exponential || c.InitialFactor > 0, "schedule.initialFactor", c.InitialFactor, "more than 0, since no factor a step leads up from it");
        Require(c.FinalFactor is >= 0 and <= 1, "schedule.finalFactor", c.FinalFactor, "0 to 1");
        Require(c.StepFactor is > 0 and <= 1, "schedule.stepFactor", c.StepFactor, "more than 0, at most 1");
        Require(c.Milestones.Zip(c.Milestones.Skip(1)).All(m => m.First < m.Second), "schedule.milestones", "not in rising order", "rising epochs");

        LossRecipe l = r.Loss;
        Require(l.LabelSmoothing is >= 0 and < 1, "loss.labelSmoothing", l.LabelSmoothing, "0 to less than 1");
        Require(l.FocalGamma is >= 0 and <= 100, "loss.focalGamma", l.FocalGamma, "0 to 100");
        Require(l.EffectiveBeta is >= 0 and < 1, "loss.effectiveBeta", l.EffectiveBeta, "0 to less than 1");
        Require(l.LogitAdjustment is >= 0 and <= 100, "loss.logitAdjustment", l.LogitAdjustment, "0 (off) to 100");
        foreach (double weight in l.Weights)
            Require(weight > 0 && double.IsFinite(weight), "loss.weights", weight, "weights above 0");
        Require(l.Weights.Count == 0 || l.ClassWeights == ClassWeighting.None, "loss.weights", $"a list of {l.Weights.Count}", "[], since loss.classWeights is set: one of the two");
        Require(r.Data.Sampling.Threshold is null or (> 0 and <= 1), "data.sampling.threshold", r.Data.Sampling.Threshold, "more than 0, at most 1, or null");

        NetworkRecipe n = r.Network;
        Require(n.Name.Length > 0, "network.name", "empty", "a registered network");
        Require(n.FrozenEpochs >= 0 && n.FrozenEpochs <= t.Epochs, "network.frozenEpochs", n.FrozenEpochs, $"0 to training.epochs ({t.Epochs}; as many train the classifier layer alone to the end)");
        Require(n.FrozenEpochs == 0 || n.Pretrained != PretrainedWeights.None || n.Weights is not null, "network.frozenEpochs", n.FrozenEpochs,
            "0, since the network starts from fresh weights (set network.pretrained or network.weights)");
        Require(n.BackboneRate is > 0 and <= 1, "network.backboneRate", n.BackboneRate, "more than 0, at most 1");
        Require(n.Weights is null || n.Pretrained == PretrainedWeights.None, "network.weights", n.Weights, "null, since network.pretrained is set: one of the two");
        Require(!n.FreshHead || n.Weights is not null, "network.freshHead", "true", "false, since network.weights names no file whose classifier layer could be left");
        Require(n.Allow.Count == 0 || n.Weights is not null, "network.allow", $"a list of {n.Allow.Count}", "[], since network.weights names no file");
        Require(r.Checkpointing.EverySteps >= 0, "checkpointing.everySteps", r.Checkpointing.EverySteps, "0 or more");
        Require(r.Checkpointing.SignalsEverySteps >= 1, "checkpointing.signalsEverySteps", r.Checkpointing.SignalsEverySteps, "1 or more");
    }

    private static void Check(SwaRecipe swa, TrainingRecipe t, Action<bool, string, object?, string> require)
    {
        require(t.EmaDecay == 0, "training.emaDecay", t.EmaDecay, "0, since training.swa averages the weights: one of the two");
        require(swa.FromEpoch is null || (swa.FromEpoch >= 0 && swa.FromEpoch < t.Epochs), "training.swa.fromEpoch", swa.FromEpoch, $"0 to less than training.epochs ({t.Epochs}), or null");
        int left = t.Epochs - swa.First(t.Epochs);
        require(swa.Rate > 0, "training.swa.rate", swa.Rate, "more than 0");
        require(swa.LowestRate is null || (swa.LowestRate >= 0 && swa.LowestRate <= swa.Rate), "training.swa.lowestRate", swa.LowestRate, FormattableString.Invariant($"0 to training.swa.rate ({swa.Rate}), or null"));
        require(swa.CycleEpochs >= 1 && swa.CycleEpochs <= left, "training.swa.cycleEpochs", swa.CycleEpochs, $"1 to the epochs that are left for averaging ({left}), else no weights are ever taken in");
        require(swa.AnnealEpochs >= 0 && swa.AnnealEpochs <= left, "training.swa.annealEpochs", swa.AnnealEpochs, $"0 to the epochs that are left for averaging ({left})");
    }
}
