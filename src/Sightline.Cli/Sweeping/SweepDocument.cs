using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Training.Runs;
using Sightline.Training.Sweeping;

namespace Sightline.Cli.Sweeping;

/// <summary>A sweep as one machine-readable document.</summary>
internal static class SweepDocument
{
    /// <summary>Prints it on standard output.</summary>
    /// <param name="outcome">What the sweep came to.</param>
    public static void Write(SweepOutcome outcome) => JsonOutput.WriteObject(json =>
    {
        json.WriteString("sweep", outcome.Folder.Root);
        json.WriteString("end", outcome.End == RunEnd.Finished ? "finished" : "interrupted");
        Plan(json, outcome.Plan);
        json.WriteNumber("seconds", outcome.Seconds);
        if (outcome.Rise is { } rise)
            Rise(json, rise, outcome.Suggestion);
        else
            json.WriteString("best", outcome.Best?.Trial.Name);
        json.WriteObjects("trials", outcome.Results, result =>
        {
            Trial(json, result.Trial);
            json.WriteString("state", NameOf(result.State));
            json.WriteString("run", result.Run.Root);
            json.WriteNumber("epochs", result.History.Count);
            json.WriteNumber("seconds", result.Seconds);
            json.WriteFinite("bestTop1", result.Best?.ValTop1);
            json.WriteFinite("bestEpoch", result.Best?.Epoch);
            json.WriteFinite("valLoss", result.Best?.ValLoss);
            json.WriteString("message", result.Record.Message);
        });
        json.WriteStrings("notes", outcome.Notes);
    });

    /// <summary>Prints on standard output what a sweep will take.</summary>
    /// <param name="forecast">What it will take.</param>
    public static void Write(SweepForecast forecast) => JsonOutput.WriteObject(json =>
    {
        Plan(json, forecast.Plan);
        json.WriteObjects("trials", forecast.Trials, trial => Trial(json, trial));
        json.WriteObjects("rungs", forecast.Rungs ?? [], rung =>
        {
            json.WriteNumber("trials", rung.Trials);
            json.WriteNumber("epochs", rung.Epochs);
        });
        json.WriteNumber("epochs", forecast.Epochs);
        json.WriteNumber("seconds", forecast.Seconds);
        json.WriteString("measured", forecast.Explanation);
    });

    /// <summary>How a state is called, kebab-case.</summary>
    /// <param name="state">The state.</param>
    /// <returns>One word.</returns>
    public static string NameOf(TrialState state) => state.ToString().ToLowerInvariant();

    private static void Plan(Utf8JsonWriter json, SweepPlan plan)
    {
        json.WriteString("method", plan.Method switch { SweepMethod.RangeTest => "range-test", var other => other.ToString().ToLowerInvariant() });
        json.WriteStrings("over", plan.Over.Select(o => o.ToString()));
        json.WriteNumber("seed", plan.Seed);
    }

    private static void Trial(Utf8JsonWriter json, Trial trial)
    {
        json.WriteString("trial", trial.Name);
        json.WriteStartObject("values");
        foreach (TrialValue value in trial.Values)
            json.WriteString(value.Key, value.Value);
        json.WriteEndObject();
    }

    private static void Rise(Utf8JsonWriter json, RangeTestCurve rise, RateSuggestion? says)
    {
        json.WriteStartObject("rangeTest");
        json.WriteNumber("steps", rise.Steps);
        json.WriteBoolean("exploded", rise.Exploded);
        json.WriteNumbers("rates", rise.Rates);
        json.WriteNumbers("losses", rise.Losses);
        json.WriteNumbers("smoothed", rise.Smoothed);
        json.WriteFinite("suggestedRate", says?.Steepest);
        json.WriteFinite("rateBelowMinimum", says?.BelowMinimum);
        json.WriteFinite("rateOfMinimum", says?.Minimum);
        json.WriteString("set", says?.Steepest is double rate ? RangeTestText.Setting(rate) : null);
        json.WriteEndObject();
    }
}
