using System.Diagnostics;
using System.Text.Json;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Bench;

/// <summary>
/// What the test suite leaves out for networks above 30 million parameters: training steps at their own input size and batch 2, in
/// float32 and, where the processor can be trusted with it, in bfloat16; finite loss and weights, times and memory. Each network in a
/// process of its own.
/// </summary>
internal static class RegistryBenchmark
{
    private const int Images = 2, Steps = 3;

    public static int Run()
    {
        (string self, string[] own) = Timings.Self;
        var results = new List<(string Name, JsonElement Result)>();
        foreach (NetworkCard network in Networks.Cards.Where(n => n.Parameters > 30_000_000))
        {
            (_, string output, int code) = Timings.Run(self, [.. own, "registry-child", network.Name]);
            if (code != 0)
            {
                Console.Error.WriteLine($"{network.Name} ended with exit code {code}: {output}");
                return 1;
            }
            using JsonDocument json = JsonDocument.Parse(output);
            results.Add((network.Name, json.RootElement.Clone()));
            Console.WriteLine($"{network.Name}: {output.Trim()}");
        }
        Timings.Save("registry", "dotnet run -c Release --project bench/Sightline.Bench -- registry", json =>
        {
            json.WriteString("what", $"networks above 30 million parameters: median of {Steps} training steps after one, batch {Images}, at the network's own input size");
            foreach ((string name, JsonElement result) in results)
            {
                json.WritePropertyName(name);
                result.WriteTo(json);
            }
        });
        return 0;
    }

    /// <summary>One network in this process.</summary>
    public static int Child(string name)
    {
        Allocator.Configure();
        NetworkCard info = Networks.Find(name);
        using Batch batch = TimedSteps.Noise(Images, info.InputSize, info.Classes);
        double float32 = Seconds(PrecisionChoice.Float32);
        string? fault = PrecisionTiming.Bf16Fault(TimedSteps.Recipe(name), info.Classes, batch);
        double? bf16 = fault is null ? Seconds(PrecisionChoice.Bf16) : null;
        double Seconds(PrecisionChoice precision) => TimedSteps.Median(name, info.Classes, batch, precision, warmup: 1, Steps);
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["input"] = info.InputSize,
            ["float32StepMs"] = Math.Round(1000 * float32),
            ["bf16StepMs"] = bf16 is double s ? Math.Round(1000 * s) : null,
            ["noBf16"] = fault,
            ["peakMemoryBytes"] = Process.GetCurrentProcess().PeakWorkingSet64,
        }));
        return 0;
    }
}
