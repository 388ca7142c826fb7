using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Guide;
using Sightline.Cli.Guide.Writing;
using Sightline.Cli.Practice;
using Sightline.Cli.Terminal;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline ask</c>: the nineteen questions, their answers, code and numbers. Loads no torch.</summary>
internal static class AskVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var words = new Argument<string[]>("QUESTION") { Description = "A number (1–19), or words to search for; without any, all nineteen are listed.", Arity = ArgumentArity.ZeroOrMore };
        var code = new Option<bool>("--code") { Description = "Print the whole code answer." };
        var rerun = new Option<bool>("--rerun") { Description = "Run the code answer (dotnet run, about a minute; needs a checkout)." };
        var exercise = new Option<string?>("--exercise") { Description = "Write an exercise into this folder: a project with a stub and its checks.", HelpName = "DIR" };
        var write = new Option<bool>("--write-docs") { Description = "In a checkout: generate questions.json and the marked places of README and docs/ again." };
        var practice = new PracticeCommand();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("ask", "Ask one of the nineteen questions. Example: sightline ask 11")
        {
            words, code, rerun, exercise, write, json,
        };
        foreach (Option option in practice.Options)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            if (parsed.GetValue(write))
                return WriteDocs();
            string[] asked = parsed.GetValue(words) ?? [];
            if (asked.FirstOrDefault(word => word.StartsWith('-')) is string option)
                throw new BadInputException("usage", $"There is no option '{option}'.{(NearestName.Find(option, command.Options.Select(o => o.Name)) is string near ? $" Did you mean '{near}'?" : "")}", fix: "See: sightline ask --help");
            if (practice.Run(parsed, asked, parsed.GetValue(json), cancellationToken) is int practised)
                return practised;
            IReadOnlyList<Question> questions = QuestionBook.Load();
            bool asJson = parsed.GetValue(json);
            if (asked.Length == 0 || (asked.Length == 1 && asked[0].Length == 0))
            {
                Question? none = null;
                RefuseWithoutQuestion(none, parsed.GetValue(code), parsed.GetValue(rerun), parsed.GetValue(exercise));
                return asJson ? ListJson(questions) : List(questions);
            }
            if (asked.Length == 1 && questions.SelectMany(q => q.Parts, (q, part) => (q, part)).FirstOrDefault(p => p.part.Id.Equals(asked[0], StringComparison.OrdinalIgnoreCase)) is (Question whole, QuestionPart wanted))
                return Part(whole, wanted, asJson);
            if (asked.Length > 1 || !int.TryParse(asked[0], NumberStyles.Integer, CultureInfo.InvariantCulture, out int id))
            {
                RefuseWithoutQuestion(null, parsed.GetValue(code), parsed.GetValue(rerun), parsed.GetValue(exercise));
                return Search(questions, asked, asJson);
            }
            Question question = questions.FirstOrDefault(q => q.Id == id)
                ?? throw new BadInputException("no-such-question", $"There is no question {id}.", fix: "They are numbered 1 to 19: sightline ask");
            if (parsed.GetValue(exercise) is string folder)
                return Exercise(question, folder);
            if (parsed.GetValue(code))
                return Code(question, asJson);
            if (parsed.GetValue(rerun))
                return CodeRun.Start(question);
            if (asJson)
                JsonOutput.WriteObject(j => QuestionJson.WriteMembers(j, question, forBook: false));
            else
                QuestionPrinter.Print(question, Console.Out);
            return ExitCode.Done;
        }, CancellationToken.None));
        return command;
    }

    /// <summary>One part of a question: its text, and its section of the chapter.</summary>
    private static int Part(Question question, QuestionPart part, bool asJson)
    {
        if (asJson)
        {
            JsonOutput.WriteObject(json => QuestionJson.WriteMembers(json, question, forBook: false));
            return ExitCode.Done;
        }
        WrappedText.Write(Console.Out, $"{part.Id} · {question.Title}: {part.Text}", "");
        if (part.Answer is { Length: > 0 } answer)
            WrappedText.Write(Console.Out, answer, "");
        Console.Out.WriteLine(part.State == "answered" && question.Chapter is not null
            ? $"More in {question.Chapter}#{part.Id}"
            : CommandName.Typable($"Not answered yet. The whole question: sightline ask {question.Id}"));
        return ExitCode.Done;
    }

    private static void RefuseWithoutQuestion(Question? question, bool code, bool rerun, string? exercise)
    {
        if (question is null && (code || rerun || exercise is not null))
            throw new BadInputException("no-question", $"{(code ? "--code" : rerun ? "--rerun" : "--exercise")} needs the number of a question.", fix: "For example: sightline ask 11 --code");
    }

    private static int List(IReadOnlyList<Question> questions)
    {
        foreach (Question q in questions)
            Console.Out.WriteLine($"{q.Id,2}  {q.State,-8}  {q.Title}{(q.Exercise && q.State != "open" ? "  (exercise)" : "")}");
        Messages.Note($"{questions.Count(q => q.State == "answered")} of {questions.Count} answered, {questions.Count(q => q.State == "partly")} partly. sightline ask 11 shows one, sightline ask WORDS searches.");
        return ExitCode.Done;
    }

    private static int ListJson(IReadOnlyList<Question> questions)
    {
        JsonOutput.WriteObject(json =>
        {
            json.WriteObjects("questions", questions, q =>
            {
                QuestionJson.WriteMembers(json, q, forBook: false);
            });
        });
        return ExitCode.Done;
    }

    private static int Search(IReadOnlyList<Question> questions, string[] words, bool asJson)
    {
        IReadOnlyList<QuestionSearch.Hit> hits = QuestionSearch.Find(questions, words);
        if (asJson)
        {
            JsonOutput.WriteObject(json =>
            {
                json.WriteString("query", string.Join(' ', words));
                json.WriteObjects("questions", hits, hit =>
                {
                    QuestionJson.WriteMembers(json, hit.Question, forBook: false);
                    json.WriteString("passage", hit.Passage);
                });
            });
        }
        else
        {
            foreach (QuestionSearch.Hit hit in hits)
            {
                Console.Out.WriteLine($"{hit.Question.Id,2}  {hit.Question.State,-8}  {hit.Question.Title}");
                WrappedText.Write(Console.Out, hit.Passage, "              ");
            }
        }
        if (hits.Count == 0)
            Messages.Error($"No question speaks of '{string.Join(' ', words)}'. sightline ask lists all nineteen.");
        return hits.Count == 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private static int Code(Question question, bool asJson)
    {
        string path = question.Code ?? throw new BadInputException("no-code", $"Question {question.Id} has no code answer{(question.State == "open" ? " yet: it is open" : "")}.");
        string text = QuestionBook.CodeText(path) ?? throw new InvalidOperationException($"This build of sightline does not hold {path}.");
        if (asJson)
        {
            JsonOutput.WriteObject(json =>
            {
                json.WriteNumber("id", question.Id);
                json.WriteString("path", path);
                json.WriteString("text", text);
            });
        }
        else
        {
            Console.Out.Write(text);
        }
        return ExitCode.Done;
    }

    private static int Exercise(Question question, string folder)
    {
        IReadOnlyList<string> written = ExerciseProject.Write(question, folder);
        foreach (string file in written)
            Console.Out.WriteLine(file);
        Messages.Note($"Fill in the stub, then check it: dotnet run --project {folder}");
        return ExitCode.Done;
    }

    private static int WriteDocs()
    {
        string root = Checkout.Require("--write-docs");
        IReadOnlyList<string> written = GuideWriter.Write(root);
        foreach (string path in written)
            Console.Out.WriteLine(path);
        Messages.Note(written.Count == 0 ? "Everything generated was up to date." : $"{written.Count} files written.");
        return ExitCode.Done;
    }
}
