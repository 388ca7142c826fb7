using System.Reflection;
using Sightline.Models.Detection;
using Sightline.Simulation;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>answers/17-where.cs runs, and its heads are those of src/: the same output, loss and boxes; exercise 17 names each planted mistake.</summary>
public sealed class WhereAnswerTests : IDisposable
{
    private const int Side = 64, Stride = 4, Channels = 8;

    private readonly string folder = Directory.CreateTempSubdirectory("answer-17-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answer_runs_and_its_heads_equal_the_modules()
    {
        string footage = Path.Combine(folder, "footage");
        Recorder.Record(new RecordingOptions { Seed = 3, Drives = 8, FramesPerDrive = 5, FramesPerSecond = 0.5, Threads = 1 }, footage);
        string program = AnswerProgram.Built("answers/17-where.cs");
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, Path.Combine(footage, "annotations.json"), "--epochs", "1", "--several"], folder, new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "1" });
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Matches(@"(?m)^class activation map +\d+\.\d pixels from the nearest object's middle, +\d+ % of objects found, count off by \d+\.\d", run.Output);
        Assert.Matches(@"(?m)^points: a map of middles +\d+\.\d pixels", run.Output);

        Nnpack.Disable();
        Assembly answer = Assembly.LoadFrom(program);
        Same(new ClassActivationHead(Channels, Stride), Written(answer, "ActivationMap", (long)Channels, Stride));
        foreach (bool pooled in (bool[])[true, false])
            Same(new BoxRegressionHead(Channels, Stride, Side, Side, pooled), Written(answer, "RegressedBox", (long)Channels, Stride, Side, pooled));
        Same(new CentreHead(Channels, Stride), Written(answer, "Points", (long)Channels, Stride));
    }

    [Fact]
    public void The_exercise_passes_the_reference_and_names_every_planted_mistake()
    {
        Exercise.Check(17, "17-where/reference/Points.cs", "WhereExercise",
            new("AddsBumps", "heat = maximum(heat, (-(dx * dx + dy * dy) / (2 * sigma * sigma)).exp());", "heat = heat + (-(dx * dx + dy * dy) / (2 * sigma * sigma)).exp();", "the bumps of two objects are added"),
            new("RoundsCells", "((int)x, (int)y);", "((int)Math.Round(x), (int)Math.Round(y));", "cells are rounded"),
            new("ExchangesRows", "middles[row, column] = 1;", "middles[column, row] = 1;", "rows and columns are exchanged in middles"),
            new("ForgetsTwo", "(2 * sigma * sigma)", "(sigma * sigma)", "the exponent is −d² / σ²"),
            new("NoLeastSigma", "Math.Max(0.5, Math.Max(b[2] - b[0], b[3] - b[1]) / stride / 6)", "Math.Max(b[2] - b[0], b[3] - b[1]) / stride / 6", "σ has to be at least 0.5 cells"),
            new("ExchangesXAndY", "x - column, y - row, ", "y - row, x - column, ", "x and y in the cell are exchanged"),
            new("PunishesNearMisses", "(1 - heat).pow(4) * ", "", "cells beside a middle count in full"),
            new("PlainEntropy", "Tensor right = middles * (1 - p).square() * p.log();\n        Tensor wrong = (1 - middles) * (1 - heat).pow(4) * p.square() * (1 - p).log();", "Tensor right = middles * p.log();\n        Tensor wrong = (1 - middles) * (1 - heat).pow(4) * (1 - p).log();", "plain cross-entropy"),
            new("NotDivided", "return sum / middles.sum().clamp_min(1);", "return sum;", "not divided by the number of objects"),
            new("DividesByNothing", ".clamp_min(1);", ";", "an image without objects gives no number"),
            new("CountsEverywhere", ".abs() * middles;", ".abs();", "numbers count in cells without a middle too"),
            new("SizesInFull", "0.1 * distance[2..].sum()", "distance[2..].sum()", "width and height weigh as much as x and y"),
            new("FindsNeighbours", "p.eq(highest).logical_and(p.ge(threshold))", "p.ge(threshold)", "the neighbour of a peak is found too"),
            new("ThresholdsLogits", "p.ge(threshold)", "output[..1].ge(threshold - 20)", "`threshold` is a probability, the output a logit"),
            new("SnapsToTheGrid", "(column + output[1][row, column]) * stride, y = (row + output[2][row, column]) * stride", "column * stride, y = row * stride", "boxes snap to the grid"),
            new("OffsetInPixels", "(column + output[1][row, column]) * stride, y = (row + output[2][row, column]) * stride", "column * stride + output[1][row, column], y = row * stride + output[2][row, column]", "shares of a cell"),
            new("TwiceTheSize", "output[3][row, column] / 2, halfHeight = output[4][row, column] / 2", "output[3][row, column], halfHeight = output[4][row, column]", "the box is twice as large"));
    }

    private static object Written(Assembly answer, string name, params object[] arguments) => Activator.CreateInstance(answer.GetType(name, throwOnError: true)!, arguments)!;

    private static void Same(LocatingHead module, object written)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var other = (nn.Module<Tensor, Tensor>)written;
        Dictionary<string, Tensor> from = module.state_dict(), to = other.state_dict();
        Assert.Equal(from.Keys.Order(), to.Keys.Order());
        foreach ((string key, Tensor source) in from)
            to[key].copy_(source);
        manual_seed(17);
        Tensor x = randn(3, Channels, Side / Stride, Side / Stride), output = module.call(x);
        Near(output, other.call(x));
        // Two overlapping objects, none, one at the edge.
        Tensor[] truth = [tensor(new float[] { 3, 5, 44, 60, 10, 8, 40, 63 }, [2, 4]), zeros(0, 4), tensor(new float[] { 50, 2, 64, 20 }, [1, 4])];
        Near(module.Loss(output, truth), (Tensor)written.GetType().GetMethod("Loss")!.Invoke(written, [output, truth])!);
        var found = (IReadOnlyList<Tensor>)written.GetType().GetMethod("Find")!.Invoke(written, [output])!;
        foreach ((Tensor expected, Tensor boxes) in module.Decode(output).Zip(found))
            Near(expected, boxes);
    }

    private static void Near(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.numel() == 0 || (expected - actual).abs().max().item<float>() <= 1e-4f * (1 + expected.abs().max().item<float>()), $"{expected} {actual}");
    }
}
