using System.Globalization;
using Sightline.Diagnosis;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Cli.Diagnosing;

/// <summary>The last checkpoint that a run wrote before a finding shows: from it a remedy can be tried without training the healthy epochs again.</summary>
/// <param name="Path">The checkpoint.</param>
/// <param name="Epoch">The epoch at whose end it was written, from 1.</param>
internal sealed record HealthyCheckpoint(string Path, int Epoch)
{
    private const string EpochsKey = "training.epochs=";

    /// <summary>Finds it among the run's last and its best.</summary>
    /// <param name="log">The run's log.</param>
    /// <param name="finding">What is to be cured.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="BadInputException">It shows from the start, or no checkpoint of before is left.</exception>
    public static HealthyCheckpoint Of(TrainingLog log, Finding finding)
    {
        var folder = new RunFolder(log.Source);
        // A loss that is no number any more came after the last whole epoch.
        double healthy = log.Epochs.Count == 0 ? 0 : log.Facts.Diverged is not null && finding.FirstEpoch >= log.Epochs[^1].Epoch ? log.Epochs[^1].Epoch : finding.FirstEpoch - 1;
        IEnumerable<HealthyCheckpoint> written = Written(folder, log).Where(c => File.Exists(c.Path)).OrderByDescending(c => c.Epoch);
        return written.FirstOrDefault(c => c.Epoch <= healthy) ?? throw new BadInputException("try-no-checkpoint",
            $"{finding.Code} shows from epoch {DiagnosisText.Epoch(finding.FirstEpoch)} on, and the run has no checkpoint of before ({string.Join(", ", written.Select(c => $"epoch {c.Epoch}").DefaultIfEmpty("none is left"))}).",
            log.Source, fix: "Try it from the start: leave out --from healthy.");
    }

    /// <summary>What trains the rest of the epochs from these weights.</summary>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="settings">The remedy's own settings.</param>
    /// <returns>The settings, each <c>KEY=VALUE</c>.</returns>
    public IReadOnlyList<string> Settings(Recipe recipe, IReadOnlyList<string> settings)
    {
        int epochs = settings.FirstOrDefault(s => s.StartsWith(EpochsKey, StringComparison.Ordinal)) is { } own && int.TryParse(own.AsSpan(EpochsKey.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int asked)
            ? asked
            : recipe.Training.Epochs;
        return [.. settings.Where(s => !s.StartsWith(EpochsKey, StringComparison.Ordinal)), "network.pretrained=none", $"network.weights={Path}", $"{EpochsKey}{Math.Max(1, epochs - Epoch)}"];
    }

    // Of equal accuracies the one with the lower loss is the best.
    private static IEnumerable<HealthyCheckpoint> Written(RunFolder folder, TrainingLog log)
    {
        if (log.Epochs.Count > 0)
            yield return new HealthyCheckpoint(folder.Last, (int)log.Epochs[^1].Epoch);
        if (log.Epochs.Where(e => double.IsFinite(e.ValAccuracy)).OrderByDescending(e => e.ValAccuracy).ThenBy(e => double.IsNaN(e.ValLoss) ? double.PositiveInfinity : e.ValLoss).FirstOrDefault() is { } best)
            yield return new HealthyCheckpoint(folder.Best, (int)best.Epoch);
    }
}
