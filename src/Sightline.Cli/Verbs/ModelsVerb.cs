using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Models;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline models</c>: the registered networks, from their cards; loads no libtorch.</summary>
internal static class ModelsVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create() => new("models", "The networks that can be trained: what they are and what they cost. Example: sightline models list")
    {
        List(),
        Show(),
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
            Console.Out.WriteLine($"{"name",-20}{"parameters",12}{"MACs",12}  {"input",-12}{"published"}");
            foreach (NetworkCard card in Networks.Cards)
            {
                string line = $"{card.Name,-20}{Short(card.Parameters),12}{Short(card.Macs),12}  {Input(card),-12}{card.Published}";
                Console.Out.WriteLine(line.TrimEnd());
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("name") { Description = "A network's name, e.g. resnet18." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Show one network's card. Example: sightline models show resnet18") { name, json };
        command.SetAction(parsed =>
        {
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
        });
        return command;
    }

    private static void WriteMembers(Utf8JsonWriter writer, NetworkCard card)
    {
        writer.WriteString("name", card.Name);
        writer.WriteString("family", card.Family);
        writer.WriteNumber("parameters", card.Parameters);
        writer.WriteNumber("auxiliaryParameters", card.AuxiliaryParameters);
        writer.WriteNumber("macs", card.Macs);
        writer.WriteNumbers("input", 3, card.InputSize, card.InputSize);
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

    private static string Input(NetworkCard card) => $"3×{card.InputSize}×{card.InputSize}";

    // As a recipe spells them.
    private static IEnumerable<string> Options(NetworkCard card) => Enum.GetValues<NetworkVariants>().Where(v => v != NetworkVariants.None && card.Variants.HasFlag(v))
        .Select(v => char.ToLowerInvariant(v.ToString()[0]) + v.ToString()[1..]);

    private static string Short(long count) => count >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.00} G")
        : string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.00} M");
}
