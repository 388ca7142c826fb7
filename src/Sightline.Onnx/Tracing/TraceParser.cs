using System.Globalization;

namespace Sightline.Onnx.Tracing;

/// <summary>Reads TorchScript's text of a traced graph: one node a line, values as <c>%number : Type(sizes, strides=[…], …)</c>.</summary>
internal static class TraceParser
{
    /// <summary>Parses a graph without nested blocks, which is all that a trace makes.</summary>
    /// <param name="graph">The text.</param>
    /// <returns>The nodes in their order.</returns>
    /// <exception cref="FormatException">A line isn't a node as known.</exception>
    public static IReadOnlyList<TraceNode> Parse(string graph)
    {
        var nodes = new List<TraceNode>();
        foreach (string line in graph.Split('\n'))
        {
            // A tensor's literal goes over several lines; none of its further lines begins like a node.
            string text = line.TrimStart();
            bool returnsNothing = text.StartsWith("= ", StringComparison.Ordinal);
            if (!text.StartsWith('%') && !returnsNothing) continue;
            int equals = returnsNothing ? 0 : EqualsSign(text);
            if (equals < 0) throw new FormatException($"no node: {text}");
            nodes.Add(ParseNode(returnsNothing ? "" : text[..equals], text[(equals + (returnsNothing ? 2 : 3))..]));
        }

        return nodes;
    }

    private static TraceNode ParseNode(string left, string right)
    {
        TraceValue[] outputs = [.. SplitAtTopLevel(left).Select(ParseValue)];
        int bracket = right.IndexOfAny(['(', '[']);
        string name = right[..bracket];
        if (name == TraceNode.Constant)
        {
            bool literal = right[bracket] == '[' && outputs[0].Shape is null;
            return new TraceNode(name, [], outputs, literal ? Literal(right[bracket..]) : null);
        }

        int open = right.IndexOf('(', bracket), close = right.LastIndexOf(')');
        long[] inputs = [.. right[(open + 1)..close].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(input => Number(input.AsSpan(1)))];
        return new TraceNode(name, inputs, outputs, null);
    }

    private static string Literal(string text)
    {
        const string prefix = "[value=";
        int end = text.LastIndexOf("]()", StringComparison.Ordinal);
        if (!text.StartsWith(prefix, StringComparison.Ordinal) || end < 0) throw new FormatException($"no constant: {text}");
        return text[prefix.Length..end];
    }

    // "%12 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)", "%5 : int", "%6 : Tensor[]"
    private static TraceValue ParseValue(string text)
    {
        int colon = text.IndexOf(" : ", StringComparison.Ordinal);
        long id = Number(text.AsSpan(1, colon - 1));
        string type = text[(colon + 3)..].Trim();
        int bracket = type.IndexOf('(');
        if (bracket < 0) return new TraceValue(id, type, null, null);
        var shape = new List<long>();
        long[] strides = [];
        foreach (string part in SplitAtTopLevel(type[(bracket + 1)..type.LastIndexOf(')')]))
        {
            if (long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long size)) shape.Add(size);
            else if (part.StartsWith("strides=[", StringComparison.Ordinal)) strides = Numbers(part["strides=[".Length..^1]);
        }

        return new TraceValue(id, type[..bracket], [.. shape], strides);
    }

    private static long[] Numbers(string list) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => Number(part))];

    private static long Number(ReadOnlySpan<char> text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static int EqualsSign(string line)
    {
        int depth = 0;
        for (int i = 0; i + 2 < line.Length; i++)
        {
            if (line[i] is '(' or '[') depth++;
            else if (line[i] is ')' or ']') depth--;
            else if (depth == 0 && line[i] == ' ' && line[i + 1] == '=' && line[i + 2] == ' ') return i;
        }

        return -1;
    }

    private static IEnumerable<string> SplitAtTopLevel(string text)
    {
        int depth = 0, start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            char character = i < text.Length ? text[i] : ',';
            if (character is '(' or '[') depth++;
            else if (character is ')' or ']') depth--;
            if (depth > 0 || character != ',') continue;
            if (text[start..i].Trim() is { Length: > 0 } part) yield return part;
            start = i + 1;
        }
    }
}
