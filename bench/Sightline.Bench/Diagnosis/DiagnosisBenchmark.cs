using System.Diagnostics;
using System.Globalization;
using Sightline.Torch;
using TorchSharp;

namespace Sightline.Bench.Diagnosis;

/// <summary>Injures trainings on purpose and keeps their curves, so that rules can be scored without training.</summary>
internal static class DiagnosisBenchmark
{
    /// <summary>Runs a command.</summary>
    /// <param name="args"><c>plan</c>, <c>run [--part I/N] [--only TEXT] [--most N] [--again]</c>, <c>collect</c> or <c>score HALF</c>.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args)
    {
        switch (args)
        {
            case ["plan", ..]:
                foreach (IGrouping<string, PlannedRun> group in InjuryPlan.All.GroupBy(r => $"{(r.Unseen ? "unseen" : "known"),-7} {(r.Injuries.Count == 0 ? "healthy" : r.Injuries.Count > 1 ? "two faults" : r.Injuries[0].Code)}"))
                    Console.WriteLine($"{group.Key,-40}{group.Count(),6}");
                Console.WriteLine($"{"all",-40}{InjuryPlan.All.Count,6}");
                return 0;
            case ["rates"]:
                return Rates();
            case ["run", .. var rest]:
                return Train(rest);
            case ["score", .. var rest]:
                return ScoreCommand.Run(rest);
            case ["collect"]:
                foreach (string half in (string[])["known", "unseen"])
                {
                    (int runs, long bytes) = InjuryStore.Runs.Compress(half);
                    Console.WriteLine($"{half}: {runs} runs, {bytes / 1e6:0.00} MB");
                }
                return 0;
            default:
                Console.Error.WriteLine("diagnosis plan | rates | run [--part I/N] [--only TEXT] [--most N] [--again] | collect | score known|unseen");
                return 2;
        }
    }

    // What the healthy rates were chosen by: loss and accuracy on test images at a third, once and three times the rate.
    private static int Rates()
    {
        torch.set_num_threads(1);
        Allocator.Configure();
        Nnpack.Disable();
        foreach (IGrouping<(SmallKind Kind, string Data), PlannedRun> group in InjuryPlan.All.Where(r => r.Id.EndsWith("/healthy-cosine/seed-1", StringComparison.Ordinal)).GroupBy(r => (r.Training.Network.Kind, r.Training.Data)))
        {
            var pool = ImagePool.Open(group.Key.Data);
            Console.Write($"{group.Key.Kind,-10} {group.Key.Data,-10}");
            foreach (double factor in (double[])[1 / 3.0, 1, 3])
            {
                InjuredTraining training = group.First().Training with { Rate = factor * group.First().Training.Rate };
                SmallRun run = new SmallTraining(training, DrawnImages.Of(pool, training)).Run();
                Console.Write(FormattableString.Invariant($"   {training.Rate:0.#####}: {run.Tests.LastOrDefault().Loss:0.000} {run.Tests.LastOrDefault().Top1:0.000} (train {run.Epochs.LastOrDefault()?.TrainAccuracy:0.00}, lowest test loss {run.Tests.Select(t => t.Loss).DefaultIfEmpty(double.NaN).Min():0.000})"));
            }
            Console.WriteLine();
        }
        return 0;
    }

    private static int Train(string[] args)
    {
        string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : otherwise;
        int[] part = [.. Option("--part", "0/1").Split('/').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
        string only = Option("--only", "");
        int most = int.Parse(Option("--most", "1000000"), CultureInfo.InvariantCulture);
        torch.set_num_threads(1);
        Allocator.Configure();
        Nnpack.Disable();
        HashSet<string> done = args.Contains("--again") ? [] : [.. InjuryStore.Runs.Loose().Keys, .. InjuryStore.Runs.Committed("known").Keys, .. InjuryStore.Runs.Committed("unseen").Keys];
        PlannedRun[] left = [.. InjuryPlan.All.Where((r, i) => i % part[1] == part[0] && !done.Contains(r.Id) && r.Id.Contains(only, StringComparison.Ordinal)).Take(most)];
        var pools = new Dictionary<string, ImagePool>();
        string folder = Path.Combine(InjuryStore.Folder, "runs");
        Directory.CreateDirectory(folder);
        using var file = new StreamWriter(new FileStream(Path.Combine(folder, $"part-{part[0]}-of-{part[1]}.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        var all = Stopwatch.StartNew();
        for (int i = 0; i < left.Length; i++)
        {
            InjuredTraining training = left[i].Training;
            if (!pools.TryGetValue(training.Data, out ImagePool? pool))
                pools[training.Data] = pool = ImagePool.Open(training.Data);
            var watch = Stopwatch.StartNew();
            SmallRun run = new SmallTraining(training, DrawnImages.Of(pool, training)).Run();
            file.WriteLine(InjuryStore.Line(left[i], run, watch.Elapsed.TotalSeconds));
            (int _, double _, double test) = run.Tests.LastOrDefault();
            Console.WriteLine(FormattableString.Invariant($"{i + 1}/{left.Length} {left[i].Id} {watch.Elapsed.TotalSeconds:0.0} s  train {run.Epochs.LastOrDefault()?.TrainAccuracy:0.000} val {run.Epochs.LastOrDefault()?.ValAccuracy:0.000} test {test:0.000}{(run.Diverged is null ? "" : " diverged")}  {all.Elapsed.TotalMinutes / (i + 1) * (left.Length - i - 1):0} min left"));
        }
        return 0;
    }
}
