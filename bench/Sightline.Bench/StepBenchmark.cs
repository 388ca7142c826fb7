using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Torch;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using TorchSharp;

namespace Sightline.Bench;

/// <summary>
/// A full training step of the CIFAR ResNet-18 at batch 64 (forward, cross-entropy, backward, SGD with Nesterov momentum), Sightline's
/// trainer beside PyTorch's float32 eager step and PyTorch's own bfloat16 channels-last step: interleaved rounds, each in a process of
/// its own, medians, ratios of the medians, and whether the goals are reached (exit code 1 when not). Needs a python3 that can import torch; without one it says so.
/// </summary>
internal static class StepBenchmark
{
    private const int Rounds = 5, Warmup = 3, Steps = 7;

    public static int Run(string[] arguments)
    {
        int threads = arguments is ["--threads", var given] ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        string? python = new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(p => Works(p));
        if (python is null)
            Console.Error.WriteLine("skipped: PyTorch (no python3 here can import torch; Debian's package is python3-torch)");
        string script = Path.Combine(Timings.Root, "bench", "pytorch", "resnet18_step.py");
        (string self, string[] own) = Timings.Self;
        string[] Ours(string precision) => [.. own, "step-child", precision, Text(threads), Text(Warmup), Text(Steps)];
        var contenders = new List<(string Name, string File, string[] Arguments)>
        {
            ("sightline bf16", self, Ours("bf16")),
            ("sightline float32", self, Ours("float32")),
        };
        if (python is not null)
        {
            contenders.Add(("pytorch float32 eager", python, [script, "float32", Text(threads), Text(Warmup), Text(Steps)]));
            contenders.Add(("pytorch bf16 channels-last", python, [script, "bf16", Text(threads), Text(Warmup), Text(Steps)]));
        }
        var medians = contenders.ToDictionary(c => c.Name, _ => new List<double>());
        string version = "none";
        for (int round = 0; round < Rounds; round++)
        {
            foreach (var (name, file, args) in contenders)
            {
                (_, string output, int code) = Timings.Run(file, args);
                if (code != 0)
                    throw new InvalidOperationException($"{name} ended with exit code {code}: {output}");
                using JsonDocument json = JsonDocument.Parse(output);
                medians[name].Add(json.RootElement.GetProperty("median").GetDouble());
                if (name.StartsWith("pytorch", StringComparison.Ordinal))
                    version = json.RootElement.GetProperty("torch").GetString()!;
            }
            Console.Error.WriteLine($"round {round + 1}/{Rounds}: " + string.Join(", ", medians.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {1000 * m.Value[^1]:0} ms"))));
        }
        double bf16 = Timings.Median(medians[StepGoals.Own]);
        foreach (var (name, values) in medians)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28} {1000 * Timings.Median(values),7:0} ms a step   {Timings.Median(values) / bf16:0.00} × {StepGoals.Own}"));
        IReadOnlyList<StepGoal> goals = StepGoals.Of(medians.ToDictionary(m => m.Key, m => (IReadOnlyList<double>)m.Value));
        foreach (StepGoal goal in goals)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(goal.Met ? "reached" : "MISSED")}: {goal.Ratio:0.000} × the speed of {goal.Against}, at least {goal.AtLeast} wanted{(goal.AimingAt is double aim ? $", {aim} aimed at" : "")}"));
        Timings.Save("step", "dotnet run -c Release --project bench/Sightline.Bench -- step", json =>
        {
            json.WriteString("what", "CIFAR ResNet-18, batch 64, full training step; each round's value is the median of its steps, ratios are those of the medians over the rounds");
            json.WriteNumber("threads", threads);
            json.WriteNumber("rounds", Rounds);
            json.WriteString("pytorch", version);
            json.WriteStartObject("roundsMs");
            foreach (var (name, values) in medians)
                json.WriteNumbers(name, values.Select(value => Math.Round(1000 * value, 2)));
            json.WriteEndObject();
            json.WriteStartObject("medianMs");
            foreach (var (name, values) in medians)
                json.WriteNumber(name, Math.Round(1000 * Timings.Median(values), 1));
            json.WriteEndObject();
            json.WriteObjects("goals", goals, goal =>
            {
                json.WriteString("against", goal.Against);
                json.WriteNumber("timesFaster", Math.Round(goal.Ratio, 3));
                json.WriteNumber("atLeast", goal.AtLeast);
                if (goal.AimingAt is double aim)
                    json.WriteNumber("aimingAt", aim);
                json.WriteBoolean("met", goal.Met);
            });
            json.WriteString("verdict", goals.Count == 0 ? "not judged: no PyTorch" : goals.All(g => g.Met) ? "reached" : "missed");
        });
        return goals.All(g => g.Met) ? 0 : 1;
    }

    /// <summary>One process: warm-up, then timed steps of Sightline's trainer.</summary>
    public static int Child(string[] arguments)
    {
        var precision = Enum.Parse<PrecisionChoice>(arguments[0], ignoreCase: true);
        int warmup = int.Parse(arguments[2], CultureInfo.InvariantCulture), steps = int.Parse(arguments[3], CultureInfo.InvariantCulture);
        Allocator.Configure();
        torch.set_num_threads(int.Parse(arguments[1], CultureInfo.InvariantCulture));
        using Batch batch = TimedSteps.Noise(64, 32, 10);
        double median = TimedSteps.Median("cifar_resnet18", 10, batch, precision, warmup, steps);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"median": {{median}}}"""));
        return 0;
    }

    private static bool Works(string python)
    {
        try
        {
            return Timings.Run(python, "-c", "import torch").ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
