using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Datasets;
using Sightline.Models;
using Sightline.Models.Profiling;
using TorchSharp;

namespace Sightline.Cli.Verbs;

/// <summary>The part of <c>sightline models</c> that runs networks; apart from the verb, which loads no libtorch.</summary>
internal static class ModelProfiles
{
    /// <summary>What was asked for.</summary>
    /// <param name="Side">The side of the image; null takes each network's own.</param>
    /// <param name="Precision">The arithmetic.</param>
    /// <param name="Threads">Threads; null leaves torch's choice.</param>
    /// <param name="Json">Whether to print one document.</param>
    internal sealed record Wanted(int? Side, ProfilePrecision Precision, int? Threads, bool Json);

    /// <summary>Profiles one network.</summary>
    public static void Show(NetworkCard card, Wanted wanted, CancellationToken cancellation)
    {
        (NetworkProfile[] profiles, Roofline roofline) = Run([card], wanted, cancellation);
        NetworkProfile profile = profiles[0];
        if (wanted.Json)
        {
            JsonOutput.WriteObject(json =>
            {
                Write(json, profile, roofline);
                Write(json, roofline);
            });
            return;
        }
        Head(profile);
        Machine(roofline);
        Console.Out.WriteLine();
        int width = Math.Max(5, profile.Layers.Max(l => l.Name.Length));
        Console.Out.WriteLine($"{"layer".PadRight(width)}  {"kind",-13} {"input",-15} {"output",-15} {"parameters",10} {"MACs, M",9} {"MB",7} {"MAC/byte",8} {"ms",8} {"share",6}  limit");
        foreach (LayerProfile layer in profile.Layers)
        {
            Console.Out.WriteLine(Text($"{layer.Name.PadRight(width)}  {Word(layer.Kind),-13} {Shape(layer.Input),-15} {Shape(layer.Output),-15} {layer.Parameters,10} {layer.Macs / 1e6,9:0.00} {layer.Bytes / 1e6,7:0.00} {layer.Intensity,8:0.0} {layer.Milliseconds,8:0.000} {100 * profile.Share(layer.Milliseconds),4:0.0} %  {Limit(layer.Intensity, roofline)}"));
        }
        Console.Out.WriteLine(Text($"{"(between the layers)".PadRight(width)}  {"",-13} {"",-15} {"",-15} {"",10} {"",9} {"",7} {"",8} {profile.BetweenMilliseconds,8:0.000} {100 * profile.Share(profile.BetweenMilliseconds),4:0.0} %"));
        Console.Out.WriteLine();
        Kinds(profile, roofline);
    }

    /// <summary>Profiles two networks and says where the time goes.</summary>
    public static void Compare(NetworkCard first, NetworkCard second, Wanted wanted, CancellationToken cancellation)
    {
        (NetworkProfile[] profiles, Roofline roofline) = Run([first, second], wanted, cancellation);
        IReadOnlyList<string> findings = ProfileComparison.Findings(profiles[0], profiles[1], roofline);
        if (wanted.Json)
        {
            JsonOutput.WriteObject(json =>
            {
                json.WriteObjects("networks", profiles, profile => Write(json, profile, roofline));
                json.WriteStrings("findings", findings);
                Write(json, roofline);
            });
            return;
        }
        Machine(roofline);
        foreach (NetworkProfile profile in profiles)
        {
            Console.Out.WriteLine();
            Head(profile);
            Kinds(profile, roofline);
        }
        Console.Out.WriteLine();
        foreach (string finding in findings)
            Console.Out.WriteLine(finding);
    }

    private static (NetworkProfile[] Profiles, Roofline Roofline) Run(NetworkCard[] cards, Wanted wanted, CancellationToken cancellation)
    {
        if (wanted.Threads is int threads)
            torch.set_num_threads(threads);
        NetworkProfile[] profiles = [.. cards.Select(card => Profiler.Run(card, wanted.Side, wanted.Precision, cancellation))];
        return (profiles, RooflineFile.ReadOrMeasure(DataFolders.Cache(), wanted.Precision));
    }

    private static void Head(NetworkProfile p) => Console.Out.WriteLine(Text(
        $"{p.Network}  {Networks.Find(p.Network).Channels}×{p.Side}×{p.Side}, batch 1, {Word(p.Precision)}, {p.Threads} {(p.Threads == 1 ? "thread" : "threads")}: {p.Milliseconds:0.00} ms (median of {p.Passes} passes; its parts {p.PartsMilliseconds:0.00}), {p.Macs / 1e6:0.0} M MACs"));

    private static void Machine(Roofline r) => Console.Out.WriteLine(Text(
        $"machine  {r.MacsPerSecond / 1e9:0.0} GMAC/s in a large matrix product or convolution, {r.BytesPerSecond / 1e9:0.0} GB/s in a large copy: below {r.Ridge:0.0} MAC/byte memory limits, unless caches hold the data"));

    private static void Kinds(NetworkProfile profile, Roofline roofline)
    {
        Console.Out.WriteLine($"  {"kind",-13} {"layers",6} {"MACs, M",9} {"share",7} {"MAC/byte",9} {"ms",9} {"share",7} {"GMAC/s",8} {"roof ms",8}  limit");
        foreach (KindProfile kind in profile.ByKind())
        {
            bool known = kind.Bytes > 0;
            string macs = Text($"{kind.Macs / 1e6,9:0.0} {100.0 * kind.Macs / profile.Macs,5:0.0} %"), time = Text($"{kind.Milliseconds,9:0.00} {100 * profile.Share(kind.Milliseconds),5:0.0} %");
            string roof = known ? Text($"{roofline.LeastMilliseconds(kind.Macs, kind.Bytes),8:0.00}  {Limit(kind.Intensity, roofline)}") : "";
            Console.Out.WriteLine(Text($"  {Word(kind.Kind),-13} {(known ? kind.Layers : ""),6} {macs} {(known ? Text($"{kind.Intensity:0.0}") : ""),9} {time} {kind.MacsPerSecond / 1e9,8:0.0} {roof}").TrimEnd());
        }
    }

    private static void Write(Utf8JsonWriter json, Roofline roofline)
    {
        json.WriteStartObject("roofline");
        json.WriteString("machine", roofline.Machine);
        json.WriteNumber("macsPerSecond", Math.Round(roofline.MacsPerSecond));
        json.WriteNumber("bytesPerSecond", Math.Round(roofline.BytesPerSecond));
        json.WriteNumber("ridge", Math.Round(roofline.Ridge, 4));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, NetworkProfile profile, Roofline roofline)
    {
        json.WriteString("name", profile.Network);
        json.WriteNumbers("input", Networks.Find(profile.Network).Channels, profile.Side, profile.Side);
        json.WriteString("precision", Word(profile.Precision));
        json.WriteNumber("threads", profile.Threads);
        json.WriteNumber("passes", profile.Passes);
        json.WriteNumber("ms", Math.Round(profile.Milliseconds, 4));
        json.WriteNumber("partsMs", Math.Round(profile.PartsMilliseconds, 4));
        json.WriteNumber("macs", profile.Macs);
        json.WriteNumber("parameters", profile.Parameters);
        json.WriteObjects("kinds", profile.ByKind(), kind =>
        {
            json.WriteString("kind", Word(kind.Kind));
            json.WriteNumber("layers", kind.Layers);
            Costs(json, kind.Macs, kind.Bytes, kind.Intensity, kind.Milliseconds, profile, roofline);
        });
        json.WriteObjects("layers", profile.Layers, layer =>
        {
            json.WriteString("name", layer.Name);
            json.WriteString("kind", Word(layer.Kind));
            json.WriteNumbers("input", layer.Input.Select(s => (double)s));
            json.WriteNumbers("output", layer.Output.Select(s => (double)s));
            json.WriteNumber("parameters", layer.Parameters);
            Costs(json, layer.Macs, layer.Bytes, layer.Intensity, layer.Milliseconds, profile, roofline);
        });
    }

    private static void Costs(Utf8JsonWriter json, long macs, long bytes, double intensity, double milliseconds, NetworkProfile profile, Roofline roofline)
    {
        json.WriteNumber("macs", macs);
        json.WriteNumber("bytes", bytes);
        json.WriteNumber("intensity", Math.Round(intensity, 4));
        json.WriteNumber("ms", Math.Round(milliseconds, 4));
        json.WriteNumber("share", Math.Round(profile.Share(milliseconds), 4));
        json.WriteNumber("roofMs", Math.Round(roofline.LeastMilliseconds(macs, bytes), 4));
    }

    private static string Limit(double intensity, Roofline roofline) => roofline.IsMemoryBound(intensity) ? "memory" : "compute";

    private static string Shape(IReadOnlyList<long> shape) => string.Join('×', shape.Skip(1));

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
