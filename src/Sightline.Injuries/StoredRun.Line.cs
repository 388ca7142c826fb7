using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Diagnosis;

namespace Sightline.Injuries;

public sealed partial record StoredRun
{
    /// <summary>The run as a line of a store.</summary>
    /// <param name="seconds">How long it took.</param>
    /// <returns>One line, without its end; <see cref="Parse"/> reads it back.</returns>
    public string Line(double seconds)
    {
        var line = new JsonObject
        {
            ["id"] = Id,
            ["twin"] = Twin,
            ["injuries"] = new JsonArray([.. Injuries.Select(i => (JsonNode)new JsonObject { ["code"] = i.Code, ["severity"] = i.Severity })]),
            ["training"] = JsonSerializer.SerializeToNode(Training, RunStore.Plain),
            ["trainImages"] = Log.Facts.TrainImages,
            ["validationImages"] = new JsonArray([.. (Log.Facts.ValidationImages ?? []).Select(n => (JsonNode)n)]),
            ["diverged"] = Log.Facts.Diverged,
            ["seconds"] = Math.Round(seconds, 1),
            ["rate"] = Row(Log.Epochs.Select(e => e.LearningRate)),
            ["trainLoss"] = Row(Log.Epochs.Select(e => e.TrainLoss)),
            ["trainTop1"] = Row(Log.Epochs.Select(e => e.TrainAccuracy)),
            ["valLoss"] = Row(Log.Epochs.Select(e => e.ValLoss)),
            ["valTop1"] = Row(Log.Epochs.Select(e => e.ValAccuracy)),
            ["testEpoch"] = Row(Tests.Select(t => (double)t.Epoch)),
            ["testLoss"] = Row(Tests.Select(t => t.Loss)),
            ["testTop1"] = Row(Tests.Select(t => t.Top1)),
        };
        foreach ((string name, Func<EpochSignals, double> value) in RunStore.Columns)
            line[name] = Row(Log.Signals.Select(value));
        line["valPredictions"] = new JsonArray([.. Log.Signals.Select(s => (JsonNode)new JsonArray([.. s.ValPredictions.Select(n => (JsonNode)n)]))]);
        line["blocks"] = new JsonArray([.. (Log.Signals.FirstOrDefault()?.Blocks ?? []).Select((b, i) => (JsonNode)new JsonObject
        {
            ["name"] = b.Name,
            ["gradientNorm"] = Row(Log.Signals.Select(s => s.Blocks[i].GradientNorm)),
            ["updateRatio"] = Row(Log.Signals.Select(s => s.Blocks[i].UpdateRatio)),
            ["activationDeviation"] = Row(Log.Signals.Select(s => s.Blocks[i].ActivationDeviation)),
            ["deadShare"] = Row(Log.Signals.Select(s => s.Blocks[i].DeadShare)),
        })]);
        return line.ToJsonString();
    }

    // Four digits are more than any rule needs.
    private static JsonArray Row(IEnumerable<double> values) => new([.. values.Select(v => double.IsFinite(v)
        ? JsonNode.Parse(double.Parse(v.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture))
        : null)]);
}
