namespace Sightline.Cli.Guide;

/// <summary>One of the nineteen questions, as <c>docs/guide/questions.yaml</c> holds it, with its numbers filled in.</summary>
internal sealed record Question
{
    /// <summary>1–19.</summary>
    public required int Id { get; init; }

    /// <summary>The short name in file names, e.g. <c>resnet</c>.</summary>
    public required string Slug { get; init; }

    /// <summary>The heading.</summary>
    public required string Title { get; init; }

    /// <summary>The question itself.</summary>
    public required string Text { get; init; }

    /// <summary><c>answered</c>, <c>partly</c> or <c>open</c>; answered only while the numbers it quotes exist.</summary>
    public required string State { get; init; }

    /// <summary>What an unanswered question still needs.</summary>
    public string? Missing { get; init; }

    /// <summary>Where to look until it is answered.</summary>
    public string? Meanwhile { get; init; }

    /// <summary>The answer in at most 150 words.</summary>
    public string? Answer { get; init; }

    /// <summary>The answer in one sentence.</summary>
    public string? Sentence { get; init; }

    /// <summary>The number that carries the answer.</summary>
    public string? Number { get; init; }

    /// <summary>The chapter's path from the repository's root.</summary>
    public string? Chapter { get; init; }

    /// <summary>The code answer's path from the repository's root.</summary>
    public string? Code { get; init; }

    /// <summary>A second code answer's path, where a question takes two.</summary>
    public string? SecondCode { get; init; }

    /// <summary>All code answers.</summary>
    public IReadOnlyList<string> AllCode => [.. ((string?[])[Code, SecondCode]).OfType<string>()];

    /// <summary>The core of the code: the lines that make the answer.</summary>
    public string? Core { get; init; }

    /// <summary>The lab's name.</summary>
    public string? Lab { get; init; }

    /// <summary>Whether an exercise can be written.</summary>
    public bool Exercise { get; init; }

    /// <summary>The parts, in order.</summary>
    public required IReadOnlyList<QuestionPart> Parts { get; init; }

    /// <summary>What the answer claims from experiments.</summary>
    public required IReadOnlyList<Claim> Claims { get; init; }

    /// <summary>The number with two digits, as file names start.</summary>
    public string Number2 => Id.ToString("00", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>One part of a question.</summary>
/// <param name="Id">E.g. <c>11c</c>; also the anchor in the chapter.</param>
/// <param name="Text">The part's words.</param>
/// <param name="State"><c>answered</c> or <c>open</c>.</param>
/// <param name="Answer">The answer in one or two sentences, if there is one.</param>
/// <param name="NeedsCode">Whether the answer is code.</param>
internal sealed record QuestionPart(string Id, string Text, string State, string? Answer, bool NeedsCode);

/// <summary>A statement that rests on an experiment.</summary>
/// <param name="Text">What is claimed.</param>
/// <param name="Lab">Where the number stands: LAB/GROUP/METRIC.</param>
/// <param name="Value">The mean over seeds, a fraction where it is a rate; null while the lab has not run.</param>
/// <param name="Shown">The number with its spread, for people.</param>
/// <param name="Command">What reruns it.</param>
/// <param name="Seeds">The seeds behind it, e.g. <c>1, 2, 3</c>.</param>
/// <param name="Machine">The machine it ran on.</param>
internal sealed record Claim(string Text, string Lab, double? Value, string Shown, string Command, string? Seeds, string? Machine);
