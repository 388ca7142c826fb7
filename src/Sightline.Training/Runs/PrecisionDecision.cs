using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>The number format a recipe trains in on this machine; a training and its dry run decide alike.</summary>
/// <param name="Choice">float32 or bf16.</param>
/// <param name="Timing">How it was chosen, for <c>precision: auto</c>.</param>
internal sealed record PrecisionDecision(PrecisionChoice Choice, PrecisionTiming? Timing)
{
    /// <summary>Decides. No bf16 kernel runs before it is known that trying it cannot end the process.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="loader">The training loader.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The decision.</returns>
    /// <exception cref="BadInputException">The recipe wants bf16, which cannot be trusted here.</exception>
    public static PrecisionDecision Of(Recipe recipe, int classes, BatchLoader loader, CancellationToken cancellationToken)
    {
        if (recipe.Training.Precision == PrecisionChoice.Auto)
        {
            PrecisionTiming timing = PrecisionTiming.Measure(recipe, classes, loader, cancellationToken);
            return new PrecisionDecision(timing.Choice, timing);
        }
        if (recipe.Training.Precision == PrecisionChoice.Bf16)
        {
            using Batch batch = loader.Epoch(0, 0, cancellationToken).First();
            if (PrecisionTiming.Bf16Fault(recipe, classes, batch) is { } fault)
                throw new BadInputException("precision-bf16", $"training.precision is bf16, which cannot be trusted here: {fault}.", fix: "Set training.precision to float32, or to auto, which takes what works.");
        }
        return new PrecisionDecision(recipe.Training.Precision, null);
    }
}
