using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Fills in what only the network and the data can tell, so that the recipe in a run folder leaves nothing open.</summary>
public static class RecipeResolution
{
    private const int MeasuredImages = 2000, RgbChannels = 3;

    /// <summary>Resolves a recipe.</summary>
    /// <param name="recipe">As read.</param>
    /// <param name="data">Its opened data.</param>
    /// <param name="imagenet">The weights of <c>pretrained: imagenet</c>; null when there are none.</param>
    /// <returns>The same recipe with full data path, the network's registered name, input size, mean, deviation and device.</returns>
    /// <exception cref="BadInputException">There is no such network, the input is too small for it, there is one class only, it takes grey images, or the device is missing.</exception>
    public static Recipe Resolve(Recipe recipe, TrainingData data, Func<PretrainedSource>? imagenet = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(data);
        NetworkCard card = Networks.Find(recipe.Network.Name);
        if (data.Set.Classes.Count < 2)
            throw new BadInputException("one-class", $"The set has {(data.Set.Classes.Count == 0 ? "no class" : $"one class only ('{data.Set.Classes[0]}')")}; a classifier needs at least two.", data.Set.Root);
        if (card.Channels != RgbChannels)
            throw new BadInputException("network-channels", $"{card.Name} takes images of {card.Channels} {(card.Channels == 1 ? "channel, grey" : "channels")}; a recipe's images have {RgbChannels}, RGB.", fix: "Take a network for RGB images (sightline models list).");
        PreprocessingRecipe p = recipe.Preprocessing;
        int width = p.Width ?? card.InputSize, height = p.Height ?? card.InputSize;
        if (card.OneInputSize && (width, height) != (card.InputSize, card.InputSize))
            throw new BadInputException("input-size", $"{card.Name} takes images of {card.InputSize}×{card.InputSize} only; the recipe asks for {width}×{height}.", fix: "Set preprocessing.width and preprocessing.height, or leave them out.");
        if (Math.Min(width, height) < card.SmallestInput)
            throw new BadInputException("input-too-small", $"{card.Name} takes images of at least {card.SmallestInput} pixels a side; the recipe asks for {width}×{height}.", fix: "Set preprocessing.width and preprocessing.height.");
        if (!RecipeChecks.BatchFits(width, height, recipe.Training.BatchSize))
            throw new BadInputException("input-too-large", $"A batch of {recipe.Training.BatchSize} images of {width}×{height} holds more than {Array.MaxLength} numbers.", fix: "Set preprocessing.width and preprocessing.height, or a smaller training.batchSize.");
        ValueList<float>? mean = p.Mean, std = p.Std;
        if (recipe.Network.Pretrained == PretrainedWeights.Imagenet)
        {
            PretrainedSource source = Source(card, imagenet);
            if (width % source.SideMultiple != 0 || height % source.SideMultiple != 0)
                throw new BadInputException("pretrained-size", $"The ImageNet weights of {card.Name} hold for sides that are multiples of {source.SideMultiple}; the recipe asks for {width}×{height}.", fix: "Set preprocessing.width and preprocessing.height.");
            mean ??= ValueList.Create<float>([.. source.Mean]);
            std ??= ValueList.Create<float>([.. source.Std]);
        }
        if (mean is null || std is null)
        {
            (ValueList<float> measuredMean, ValueList<float> measuredStd) = Measure(data.Train, recipe.Seed);
            mean ??= measuredMean;
            std ??= measuredStd;
        }
        return recipe with
        {
            Data = recipe.Data with { Path = Path.GetFullPath(data.Set.Root) },
            Training = recipe.Training with { Device = recipe.Training.Device.Resolve() },
            Network = recipe.Network with { Name = card.Name, Weights = recipe.Network.Weights is { } weights ? Path.GetFullPath(weights) : null },
            Preprocessing = p with
            {
                Width = width,
                Height = height,
                ShorterSide = p.ShorterSide ?? (int)Math.Round(Math.Min(width, height) * 8 / 7.0),
                Mean = mean,
                Std = std,
            },
        };
    }

    /// <summary>The weights of <c>pretrained: imagenet</c> for a network.</summary>
    internal static PretrainedSource Source(NetworkCard card, Func<PretrainedSource>? imagenet)
    {
        if (imagenet is null)
            throw new BadInputException("pretrained-unavailable", "This program comes without ImageNet weights.", fix: "Give a weight file by network.weights, or set network.pretrained to none.");
        PretrainedSource source = imagenet();
        return source.Network == card.Name
            ? source
            : throw new BadInputException("pretrained-network", $"There are ImageNet weights for {source.Network}, and the recipe's network is {card.Name}.", fix: $"Set network.name to {source.Network}, or give a weight file by network.weights.");
    }

    // Channel mean and deviation over the pixels of up to 2,000 training images, each image counting the same.
    private static (ValueList<float> Mean, ValueList<float> Std) Measure(IReadOnlyList<ImageSample> samples, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        new SeedStream(seed, "measure").Shuffle<int>(order);
        int count = Math.Min(MeasuredImages, order.Length);
        var sums = new double[count * 6];
        Parallel.For(0, count, i =>
        {
            RgbImage image = samples[order[i]].Content.Decode();
            Span<long> sum = stackalloc long[6];
            for (int k = 0; k < image.Pixels.Length; k++)
            {
                int v = image.Pixels[k];
                sum[k % 3] += v;
                sum[3 + k % 3] += v * v;
            }
            for (int k = 0; k < 6; k++)
                sums[i * 6 + k] = sum[k] / (image.Pixels.Length / 3.0);
        });
        var mean = new float[3];
        var std = new float[3];
        for (int c = 0; c < 3; c++)
        {
            double m = 0, s = 0;
            for (int i = 0; i < count; i++)
            {
                m += sums[i * 6 + c] / count;
                s += sums[i * 6 + 3 + c] / count;
            }
            mean[c] = MathF.Round((float)(m / 255), 4);
            std[c] = MathF.Max(MathF.Round((float)(Math.Sqrt(Math.Max(0, s - m * m)) / 255), 4), 0.001f);
        }
        return (ValueList.Create<float>(mean), ValueList.Create<float>(std));
    }
}
