using System.Text.Json;
using Sightline.Metrics;
using Sightline.Training.Recipes;

namespace Sightline.Training.Evaluation;

/// <summary>A classification report as the JSON that <c>evaluate --json</c> prints and <c>evaluation.json</c> holds.</summary>
public static class EvaluationDocument
{
    /// <summary>Writes the members into an open object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="report">The figures.</param>
    /// <param name="model">Which weights were evaluated.</param>
    /// <param name="data">The data set's path.</param>
    /// <param name="split">Which of its images.</param>
    /// <param name="augmentation">The copies of each image that were averaged.</param>
    public static void Write(Utf8JsonWriter json, ClassificationReport report, TrainedModel model, string data, string split, TestTimeAugmentation augmentation = TestTimeAugmentation.None)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(model);
        json.WriteString("checkpoint", model.CheckpointName);
        json.WriteString("checkpointPath", model.Path);
        json.WriteString("fingerprint", model.Fingerprint);
        json.WriteString("network", model.NetworkName);
        json.WriteString("data", data);
        json.WriteString("split", split);
        json.WriteString("tta", OptionOf(augmentation));
        DecisionDocument.Write(json, model.Classes, model.Decision);
        json.WriteNumber("images", report.Images);
        json.WriteNumber("top1", report.Top1);
        json.WriteNumber("top5", report.Top5);
        json.WriteNumber("macroF1", report.MacroF1);
        json.WriteNumber("balancedAccuracy", report.Macro.Recall);
        json.WriteNumber("ece", report.Ece);
        json.WriteNumber("negativeLogLikelihood", report.NegativeLogLikelihood);
        json.WriteNumber("brier", report.Brier);
        json.WriteStartObject("intervals");
        Interval(json, "top1", report.Intervals.Top1);
        Interval(json, "top5", report.Intervals.Top5);
        Interval(json, "macroF1", report.Intervals.MacroF1);
        Interval(json, "ece", report.Intervals.Ece);
        json.WriteEndObject();
        json.WriteStartArray("perClass");
        foreach (ClassMetrics c in report.PerClass)
        {
            json.WriteStartObject();
            json.WriteString("name", c.Name);
            Optional(json, "precision", c.Precision);
            Optional(json, "recall", c.Recall);
            Optional(json, "f1", c.F1);
            json.WriteNumber("support", c.Support);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        // Rows are true classes, columns predicted ones.
        json.WriteStartArray("confusion");
        for (int i = 0; i < report.Classes.Count; i++)
        {
            json.WriteStartArray();
            for (int j = 0; j < report.Classes.Count; j++)
                json.WriteNumberValue(report.Confusion[i, j]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <summary>A test-time augmentation as it is typed and recorded, e.g. <c>flip-shift</c>.</summary>
    /// <param name="augmentation">Which.</param>
    /// <returns>The option's value.</returns>
    public static string OptionOf(TestTimeAugmentation augmentation) => RecipeShape.Kebab(augmentation.ToString());

    private static void Interval(Utf8JsonWriter json, string name, Interval interval)
    {
        json.WriteStartObject(name);
        json.WriteNumber("low", interval.Low);
        json.WriteNumber("high", interval.High);
        json.WriteNumber("level", interval.Level);
        json.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is double given)
            json.WriteNumber(name, given);
        else
            json.WriteNull(name);
    }
}
