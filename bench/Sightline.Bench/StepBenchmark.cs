using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Torch;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using TorchSharp;

namespace Sightline.Bench;

/// <summary>
/// A full training step of a network (forward, cross-entropy, backward, SGD with Nesterov momentum), Sightline's trainer beside PyTorch's
/// float32 eager step and PyTorch's own bfloat16 channels-last step: interleaved rounds, each in a process of its own, medians, ratios of
/// the medians, and whether the goals are reached (exit code 1 when not). Needs a python3 that can import torch and, for torchvision's
/// networks, torchvision; without one it says so.
/// </summary>
internal static class StepBenchmark
{
    private const int Rounds = 5, Warmup = 3, Steps = 7;

    public static int Run(string[] arguments)
    {
        int flag = Array.IndexOf(arguments, "--threads");
        int threads = flag >= 0 ? int.Parse(arguments[flag + 1], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        string wanted = flag != 0 && arguments.Length > 0 ? arguments[0] : StepCase.All[0].Network;
        if (StepCase.All.FirstOrDefault(c => c.Network == wanted) is not StepCase step)
        {
            Console.Error.WriteLine($"There is no step of '{wanted}'; there are {string.Join(", ", StepCase.All.Select(c => c.Network))}.");
            return 2;
        }
        string? python = new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(p => Works(p, step.Side > 32 ? "import torch, torchvision" : "import torch"));
        if (python is null)
            Console.Error.WriteLine("skipped: PyTorch (no python3 here can import what it needs; Debian's packages are python3-torch and python3-torchvision)");
        string script = Path.Combine(Timings.Root, "bench", "pytorch", "step.py");
        (string self, string[] own) = Timings.Self;
        string[] Ours(string precision) => [.. own, "step-child", step.Network, precision, Text(threads), Text(Warmup), Text(Steps)];
        string[] Theirs(string precision) => [script, step.Network, Text(step.Images), Text(step.Side), precision, Text(threads), Text(Warmup), Text(Steps)];
        var contenders = new List<(string Name, string File, string[] Arguments)>
        {
            ("sightline bf16", self, Ours("bf16")),
            ("sightline float32", self, Ours("float32")),
        };
        if (python is not null)
        {
            // PyTorch 1.13 cannot train MobileNet in bfloat16 (hardtanh has no backward kernel): only what a goal is about runs.
            foreach (string peer in step.Wanted.Select(w => w.Against))
                contenders.Add((peer, python, Theirs(peer == StepGoals.Eager ? "float32" : "bf16")));
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
        var rounds = medians.ToDictionary(m => m.Key, m => (IReadOnlyList<double>)m.Value);
        string fastest = StepGoals.Own(rounds);
        foreach (var (name, values) in medians)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28} {1000 * Timings.Median(values),7:0} ms a step   {Timings.Median(values) / Timings.Median(medians[fastest]):0.00} × {fastest}"));
        IReadOnlyList<StepGoal> goals = StepGoals.Of(step, rounds);
        foreach (StepGoal goal in goals)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(goal.Met ? "reached" : "MISSED")}: {goal.Ratio:0.000} × the speed of {goal.Against}, at least {goal.AtLeast} wanted{(goal.AimingAt is double aim ? $", {aim} aimed at" : "")}"));
        Timings.Save($"step-{step.Network}", $"dotnet run -c Release --project bench/Sightline.Bench -- step {step.Network}", json =>
        {
            json.WriteString("what", string.Create(CultureInfo.InvariantCulture, $"{step.Network}, {step.Images} images of {step.Side} pixels, full training step; each round's value is the median of its steps, ratios are those of the medians over the rounds"));
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
        StepCase step = StepCase.All.First(c => c.Network == arguments[0]);
        var precision = Enum.Parse<PrecisionChoice>(arguments[1], ignoreCase: true);
        int warmup = int.Parse(arguments[3], CultureInfo.InvariantCulture), steps = int.Parse(arguments[4], CultureInfo.InvariantCulture);
        Allocator.Configure();
        torch.set_num_threads(int.Parse(arguments[2], CultureInfo.InvariantCulture));
        using Batch batch = TimedSteps.Noise(step.Images, step.Side, step.Classes);
        double median = TimedSteps.Median(step.Network, step.Classes, batch, precision, warmup, steps);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"median": {{median}}}"""));
        return 0;
    }

    private static bool Works(string python, string imports)
    {
        try
        {
            return Timings.Run(python, "-c", imports).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
