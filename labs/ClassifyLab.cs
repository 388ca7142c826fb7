using System.Globalization;
using Sightline.Datasets;

namespace Sightline.Labs;

/// <summary>
/// Question 19: ResNet-8, the network of answers/19-classify.cs, on a robot's footage and on CIFAR-10; and on the same footage split by
/// frames instead of by drives, which shows how much neighbouring frames on both sides of a split pretend.
/// </summary>
/// <remarks>
/// 42 short drives, each through a yard of its own. By drives, seed s holds out every third drive from the s-th on; by frames, the s-th of
/// three random thirds of all frames. So over three seeds every object is tested exactly once in either way, and the two means are of
/// the same pictures. The few long drives have as many training frames and are tested on the same drives.
/// </remarks>
public sealed class ClassifyLab : Lab
{
    private const int FootageEpochs = 30, CifarEpochs = 10;

    /// <inheritdoc/>
    public override string Name => "classify";

    /// <inheritdoc/>
    public override int Question => 19;

    /// <inheritdoc/>
    public override string Title => "ResNet-8 on footage split by drives and by frames, on few long drives, and on CIFAR-10.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "top1";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        for (ulong seed = 1; seed <= 3; seed++)
        {
            if (ownData)
            {
                cells.Add(Cell("own-data", seed, 5, FootageEpochs, context => LabImages.Open(context.Data!, 32, context.Cancellation)));
                continue;
            }
            cells.Add(Cell("footage", seed, 1.5, FootageEpochs, context => Footage(context, byDrives: true)));
            cells.Add(Cell("footage-random-split", seed, 1.5, FootageEpochs, context => Footage(context, byDrives: false)));
            cells.Add(Cell("footage-few-drives", seed, 2.5, FootageEpochs, FewDrives));
            cells.Add(Cell("cifar10", seed, 5, CifarEpochs, context => LabImages.Cifar10(context.Cancellation)));
        }
        return cells;
    }

    private static LabCell Cell(string group, ulong seed, double minutes, int epochs, Func<LabContext, LabImages> images)
    {
        var setting = new Dictionary<string, string> { ["network"] = "cifar_resnet8", ["epochs"] = epochs.ToString(CultureInfo.InvariantCulture) };
        return new LabCell(group, seed, minutes, setting, context =>
        {
            LabImages data = context is { Quick: true, Data: null } ? LabImages.Synthetic(300, 40) : images(context);
            var plan = new LabTrainingPlan { Network = "cifar_resnet8", Epochs = context.Quick ? 1 : epochs, BatchSize = context.Quick ? 32 : 64, WeightDecay = 5e-4, Light = group == "cifar10" ? 0 : 0.25 };
            using var training = new LabTraining(data, plan, context);
            return training.Run();
        });
    }

    // As many frames as Footage trains on, of three long drives instead of 28 short ones; tested on the same held-out drives.
    private static LabImages FewDrives(LabContext context)
    {
        ImageSet many = LabFootage.Open(context);
        ImageSet few = LabFootage.Open(context, 9, 2 * LabFootage.Drives * LabFootage.FramesPerDrive / 3 / 3, 10, LabFootage.Seed + 1);
        if (!many.Classes.SequenceEqual(few.Classes))
            throw new InvalidOperationException($"The recordings have other classes: {string.Join(", ", many.Classes)} and {string.Join(", ", few.Classes)}.");
        int first = 3 * (int)(context.Seed - 1);
        string[] drives = [.. few.Samples.Select(s => s.Group!).Distinct().Order(StringComparer.Ordinal).Skip(first).Take(3)];
        Func<ImageSample, bool> held = LabFootage.Third(many, context.Seed);
        return LabImages.From(many, [.. few.Samples.Where(s => drives.Contains(s.Group))], [.. many.Samples.Where(held)], 32, context.Cancellation);
    }

    private static LabImages Footage(LabContext context, bool byDrives)
    {
        if (byDrives)
            return LabFootage.ByDrives(context, 32);
        // All objects of a frame go together; frames are dealt out at random, one third a seed.
        ImageSet set = LabFootage.Open(context);
        string[] frames = [.. set.Samples.Select(FrameOf).Distinct().Order(StringComparer.Ordinal)];
        new SeedStream(LabFootage.Seed, "frames").Shuffle<string>(frames);
        HashSet<string> third = [.. frames.Where((_, i) => i % 3 == (int)(context.Seed - 1))];
        return LabImages.From(set, [.. set.Samples.Where(s => !third.Contains(FrameOf(s)))], [.. set.Samples.Where(s => third.Contains(FrameOf(s)))], 32, context.Cancellation);
    }

    private static string FrameOf(ImageSample sample) => sample.Name.Split('#')[0];
}
