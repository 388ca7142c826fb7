using System.Diagnostics;
using System.Globalization;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Signals;
using TorchSharp;

namespace Sightline.Bench;

/// <summary>
/// What it costs to measure a training for its diagnosis: steps that are measured and steps that aren't, in turn, in one process; and the
/// probe once an epoch. As a share of the training's time, with a measured step in ten as recipes have it.
/// </summary>
internal static class SignalsBenchmark
{
    private const int Warmup = 6, Pairs = 40, ProbeImages = 32, StepsOfAnEpoch = 390;
    private const double Asked = 0.01;

    private static readonly (string Network, int Images)[] Cases = [("cifar_resnet20", 128), ("cifar_resnet18", 128)];

    public static int Run()
    {
        Allocator.Configure();
        torch.set_num_threads(Environment.ProcessorCount);
        var shares = new List<(string Network, double Plain, double Measured, double Probe, double Share)>();
        foreach ((string network, int images) in Cases)
            shares.Add(Time(network, images));
        foreach ((string network, double plain, double measured, double probe, double share) in shares)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{network,-16} a step {1000 * plain:0.0} ms, measured {1000 * measured:0.0} ms, the probe {1000 * probe:0.0} ms an epoch: {100 * share:0.00} % of a training"));
        bool met = shares.TrueForAll(s => s.Share < Asked);
        Timings.Save("signals", "dotnet run -c Release --project bench/Sightline.Bench -- signals", json =>
        {
            json.WriteString("what", $"training steps of {Cases[0].Images} images of 32 pixels in float32, measured and not in turn, medians of {Pairs}; the probe of {ProbeImages} images once in {StepsOfAnEpoch} steps; share of a training with one measured step in {new CheckpointingRecipe().SignalsEverySteps}");
            json.WriteStartArray("cases");
            foreach ((string network, double plain, double measured, double probe, double share) in shares)
            {
                json.WriteStartObject();
                json.WriteString("network", network);
                json.WriteNumber("plainMs", Math.Round(1000 * plain, 2));
                json.WriteNumber("measuredMs", Math.Round(1000 * measured, 2));
                json.WriteNumber("probeMs", Math.Round(1000 * probe, 2));
                json.WriteNumber("share", Math.Round(share, 5));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("verdict", met ? "reached" : "missed");
        });
        return met ? 0 : 1;
    }

    private static (string Network, double Plain, double Measured, double Probe, double Share) Time(string name, int images)
    {
        using ScalarGuard guard = ScalarGuard.Enter();
        using Classifier network = Networks.Create(name, 10, seed: 1);
        using var trainer = new Trainer(TimedSteps.Recipe(name), network, 1000, PrecisionChoice.Float32);
        using Batch batch = TimedSteps.Noise(images, 32, 10), few = TimedSteps.Noise(ProbeImages, 32, 10);
        using var probe = new TrainingProbe(few.Images, few.Labels);
        trainer.BeginEpoch(0);
        List<double> plain = [], measured = [], probes = [];
        double Seconds(Action what)
        {
            var watch = Stopwatch.StartNew();
            what();
            return watch.Elapsed.TotalSeconds;
        }
        for (int i = 0; i < Warmup + Pairs; i++)
        {
            // In turn, and which comes first in turn as well: a machine that slows down favours neither.
            bool first = i % 2 == 0;
            double one = Seconds(() => trainer.Step([batch], measure: first)), other = Seconds(() => trainer.Step([batch], measure: !first));
            guard.AtBoundary();
            if (i < Warmup)
                continue;
            measured.Add(first ? one : other);
            plain.Add(first ? other : one);
        }
        for (int i = 0; i < Warmup; i++)
            probes.Add(Seconds(() => probe.Measure(network, trainer.Blocks, channelsLast: true)));
        double step = Timings.Median(plain), extra = Math.Max(0, Timings.Median(measured) - step), once = Timings.Median(probes);
        double share = (extra / new CheckpointingRecipe().SignalsEverySteps + once / StepsOfAnEpoch) / step;
        return (name, step, Timings.Median(measured), once, share);
    }
}
