using System.Text.Json;

namespace Sightline.Training.Evaluation;

/// <summary>A rule of decision as JSON: the member <c>decision</c> of what <c>evaluate</c>, <c>export</c> and <c>predict</c> print.</summary>
public static class DecisionDocument
{
    /// <summary>Writes the member into an open object: null when the logits are as trained.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="classes">The class names.</param>
    /// <param name="rule">The rule, or null.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<string> classes, DecisionRule? rule)
    {
        if (rule is null)
            WriteNone(json);
        else
            Write(json, classes, rule.Prior, rule.Learnt, rule.Weights, rule.Offsets, rule.Caveats);
    }

    /// <summary>Writes the member for logits as trained.</summary>
    /// <param name="json">Where to.</param>
    public static void WriteNone(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNull("decision");
    }

    /// <summary>Writes the member from its parts, as an exported file names them.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="classes">The class names.</param>
    /// <param name="prior">The class frequencies in service, or null.</param>
    /// <param name="learnt">Those learnt, or null.</param>
    /// <param name="weights">What a miss of each class costs, or null.</param>
    /// <param name="offsets">What was added to each logit.</param>
    /// <param name="caveats">Why the correction is not exact.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<string> classes, IReadOnlyList<double>? prior, IReadOnlyList<double>? learnt,
        IReadOnlyList<double>? weights, IReadOnlyList<double> offsets, IReadOnlyList<string> caveats)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(caveats);
        json.WriteStartObject("decision");
        ByClass(json, "prior", classes, prior);
        ByClass(json, "learntPrior", classes, learnt);
        ByClass(json, "weights", classes, weights);
        ByClass(json, "offsets", classes, offsets);
        // With weights the softmax is shifted on purpose, and tells how to decide, not how likely a class is.
        json.WriteString("outputs", weights is null ? "probabilities" : "decision scores");
        json.WriteStartArray("caveats");
        foreach (string caveat in caveats)
            json.WriteStringValue(caveat);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void ByClass(Utf8JsonWriter json, string name, IReadOnlyList<string> classes, IReadOnlyList<double>? values)
    {
        if (values is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        for (int k = 0; k < classes.Count; k++)
            json.WriteNumber(classes[k], values[k]);
        json.WriteEndObject();
    }
}
