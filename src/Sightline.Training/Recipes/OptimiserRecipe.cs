namespace Sightline.Training.Recipes;

/// <summary>The optimiser.</summary>
public sealed record OptimiserRecipe
{
    /// <summary>The rule.</summary>
    public OptimiserName Name { get; init; } = OptimiserName.Sgd;

    /// <summary>The base learning rate; the schedule scales it.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Weight decay; added to the gradient by <c>sgd</c> and <c>adam</c> (an L2 penalty), taken from the weights by <c>adamw</c>.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>An L1 penalty on the parameters that decay: this times the sign of each weight is added to its gradient.</summary>
    public double L1 { get; init; }

    /// <summary>Whether norms and biases (parameters of fewer than two dimensions) decay too.</summary>
    public bool DecayNormsAndBiases { get; init; }

    /// <summary>For <c>sgd</c>: momentum.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>For <c>sgd</c>: Nesterov's form of momentum.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>For <c>adamw</c> and <c>adam</c>: decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>For <c>adamw</c> and <c>adam</c>: decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>For <c>adamw</c> and <c>adam</c>: added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Learning rate of the norms' parameters, relative to the others'.</summary>
    public double NormRate { get; init; } = 1;

    /// <summary>Weight decay of the norms' parameters; null treats them as <see cref="DecayNormsAndBiases"/> says.</summary>
    public double? NormDecay { get; init; }
}

/// <summary>The rules of <see cref="OptimiserRecipe"/>.</summary>
public enum OptimiserName
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,

    /// <summary>Adam with an L2 penalty (Kingma and Ba 2015): the decay of a weight is divided by the size of its gradients, so it is none of the usual.</summary>
    Adam,
}

/// <summary>The learning rate over time, as a factor on the base rate, stepped with every optimiser step.</summary>
public sealed record ScheduleRecipe
{
    /// <summary>The shape.</summary>
    public ScheduleName Name { get; init; } = ScheduleName.OneCycle;

    /// <summary>A linear rise from <see cref="InitialFactor"/> over this many epochs. For <c>one-cycle</c> this is the rise itself, and null is 0.3 of all epochs; for <c>exponential</c> likewise, and null is all of them.</summary>
    public double? WarmupEpochs { get; init; }

    /// <summary>The factor at the first step of the rise.</summary>
    public double InitialFactor { get; init; } = 0.04;

    /// <summary>The factor at the last step of <c>cosine</c> and <c>one-cycle</c>.</summary>
    public double FinalFactor { get; init; } = 1e-4;

    /// <summary>How <c>one-cycle</c> falls and rises.</summary>
    public CycleShape Shape { get; init; } = CycleShape.Cosine;

    /// <summary>For <c>step</c>: epochs after which the rate is multiplied by <see cref="StepFactor"/>.</summary>
    public ValueList<double> Milestones { get; init; } = [];

    /// <summary>For <c>step</c>: the multiplier.</summary>
    public double StepFactor { get; init; } = 0.1;
}

/// <summary>The shapes of <see cref="ScheduleRecipe"/>.</summary>
public enum ScheduleName
{
    /// <summary>The base rate.</summary>
    Constant,

    /// <summary>Drops at milestones.</summary>
    Step,

    /// <summary>Half a cosine from the base rate down (Loshchilov and Hutter 2017, without restarts).</summary>
    Cosine,

    /// <summary>Up, then down (Smith and Topin 2018).</summary>
    OneCycle,

    /// <summary>Up from <see cref="ScheduleRecipe.InitialFactor"/> by the same factor each step, then the base rate: a learning-rate range test (Smith 2017, section 3.3).</summary>
    Exponential,
}

/// <summary>How a one-cycle schedule moves between its corner points.</summary>
public enum CycleShape
{
    /// <summary>By half cosines.</summary>
    Cosine,

    /// <summary>By straight lines.</summary>
    Linear,
}
