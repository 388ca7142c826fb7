using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Models;
using Sightline.Models.Profiling;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline models</c>: the registered networks, from their cards; loads no libtorch unless a network is to be timed.</summary>
internal static class ModelsVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create() => new("models", "The networks that can be trained: what they are and what they cost. Example: sightline models list")
    {
        List(),
        Show(),
        Compare(),
    };

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List all networks with parameters, multiply-accumulates and input. Example: sightline models list") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                JsonOutput.WriteObject(writer =>
                {
                    writer.WriteObjects("models", Networks.Cards, card =>
                    {
                        WriteMembers(writer, card);
                    });
                });
                return ExitCode.Done;
            }
            Console.Out.WriteLine($"{"name",-26}{"parameters",12}{"MACs",12}  {"input",-12}{"published"}");
            foreach (NetworkCard card in Networks.Cards)
            {
                string line = $"{card.Name,-26}{Short(card.Parameters),12}{Short(card.Macs),12}  {Input(card),-12}{card.Published}";
                Console.Out.WriteLine(line.TrimEnd());
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("name") { Description = "A network's name, e.g. resnet18." };
        var profile = new Option<bool>("--profile") { Description = "Run it and time each layer: batch 1, forward, the median of some passes, beside what this machine could do." };
        var json = CommonOptions.Json();
        (Option<int?> input, Option<string> precision, Option<int?> threads) = ProfileOptions();
        var command = new Command("show", "Show one network's card, or where its time goes (--profile). Example: sightline models show mobilenet_v2 --profile") { name, profile, input, precision, threads, json };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            if (parsed.GetValue(profile))
            {
                ModelProfiles.Show(Networks.Find(parsed.GetValue(name)!), Wanted(parsed, input, precision, threads, json), cancel);
                return ExitCode.Done;
            }
            foreach (Option option in (Option[])[input, precision, threads])
            {
                if (parsed.GetResult(option) is { Implicit: false })
                    throw new BadInputException("usage", $"{option.Name} goes with --profile only.");
            }
            NetworkCard card = Networks.Find(parsed.GetValue(name)!);
            if (parsed.GetValue(json))
            {
                JsonOutput.WriteObject(writer => WriteMembers(writer, card));
                return ExitCode.Done;
            }
            Line("name", card.Name);
            Line("family", card.Family);
            Line("paper", card.Paper);
            Line("section", card.Section);
            Line("parameters", string.Create(CultureInfo.InvariantCulture, $"{card.Parameters:N0} ({card.Classes} classes)")
                + (card.AuxiliaryParameters > 0 ? string.Create(CultureInfo.InvariantCulture, $", {card.Parameters - card.AuxiliaryParameters:N0} without auxiliary classifiers") : ""));
            Line("MACs", string.Create(CultureInfo.InvariantCulture, $"{card.Macs:N0} for one image of {Input(card)}"));
            Line("input", card.OneInputSize ? $"{Input(card)} only" : $"{Input(card)}, at least {card.SmallestInput} × {card.SmallestInput}");
            Line("options", card.Variants == NetworkVariants.None ? "none" : string.Join(", ", Options(card)) + " (network.options)");
            Line("published", card.Published ?? "–");
            Line("ours", card.Ours ?? "as in the paper");
            return ExitCode.Done;
        }, CancellationToken.None));
        return command;
    }

    private static Command Compare()
    {
        var first = new Argument<string>("A") { Description = "A network's name." };
        var second = new Argument<string>("B") { Description = "Another's." };
        var json = CommonOptions.Json();
        (Option<int?> input, Option<string> precision, Option<int?> threads) = ProfileOptions();
        var command = new Command("compare", "Run two networks and say where the time goes and why: multiply-accumulates are not latency. Example: sightline models compare mobilenet_v2 resnet18") { first, second, input, precision, threads, json };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            NetworkCard a = Networks.Find(parsed.GetValue(first)!), b = Networks.Find(parsed.GetValue(second)!);
            ModelProfiles.Compare(a, b, Wanted(parsed, input, precision, threads, json), cancel);
            return ExitCode.Done;
        }, CancellationToken.None));
        return command;
    }

    private static (Option<int?> Input, Option<string> Precision, Option<int?> Threads) ProfileOptions() => (
        new Option<int?>("--input") { Description = "Side of the image in pixels; the network's own if not given." },
        new Option<string>("--precision") { Description = "float32 or bf16.", DefaultValueFactory = _ => "float32" },
        new Option<int?>("--threads") { Description = "Threads to use; torch's choice if not given." });

    private static ModelProfiles.Wanted Wanted(ParseResult parsed, Option<int?> input, Option<string> precision, Option<int?> threads, Option<bool> json)
    {
        int? side = parsed.GetValue(input), count = parsed.GetValue(threads);
        if (side is < 1 or > 1_000_000)
            throw new BadInputException("usage", "--input takes a number of pixels from 1 to 1000000.");
        if (count is < 1 or > 1024)
            throw new BadInputException("usage", "--threads takes a number from 1 to 1024.");
        ProfilePrecision arithmetic = parsed.GetValue(precision) switch
        {
            "float32" => ProfilePrecision.Float32,
            "bfloat16" or "bf16" => ProfilePrecision.BFloat16,
            string other => throw new BadInputException("usage", $"--precision is '{other}'; expected float32 or bf16."),
            null => ProfilePrecision.Float32,
        };
        return new ModelProfiles.Wanted(side, arithmetic, count, parsed.GetValue(json));
    }

    private static void WriteMembers(Utf8JsonWriter writer, NetworkCard card)
    {
        writer.WriteString("name", card.Name);
        writer.WriteString("family", card.Family);
        writer.WriteNumber("parameters", card.Parameters);
        writer.WriteNumber("auxiliaryParameters", card.AuxiliaryParameters);
        writer.WriteNumber("macs", card.Macs);
        writer.WriteNumbers("input", card.Channels, card.InputSize, card.InputSize);
        writer.WriteNumber("smallestInput", card.SmallestInput);
        writer.WriteBoolean("oneInputSize", card.OneInputSize);
        writer.WriteNumber("classes", card.Classes);
        writer.WriteStrings("options", Options(card));
        writer.WriteString("paper", card.Paper);
        writer.WriteString("section", card.Section);
        writer.WriteString("published", card.Published);
        writer.WriteString("ours", card.Ours);
    }

    private static void Line(string label, string value) => Console.Out.WriteLine($"{label,-12}{value}");

    private static string Input(NetworkCard card) => $"{card.Channels}×{card.InputSize}×{card.InputSize}";

    // As a recipe spells them.
    private static IEnumerable<string> Options(NetworkCard card) => Enum.GetValues<NetworkVariants>().Where(v => v != NetworkVariants.None && card.Variants.HasFlag(v))
        .Select(v => char.ToLowerInvariant(v.ToString()[0]) + v.ToString()[1..]);

    private static string Short(long count) => count >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.00} G")
        : string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.00} M");
}
