using System.Globalization;
using System.Runtime.InteropServices;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>A layer's filters, and the maps that it gives for an image, as tiles on a sheet.</summary>
public static class LayerPicture
{
    private const int MostFilters = 256, TileSide = 64;

    /// <summary>
    /// The filters of a convolution. Of one that sees the image each filter is a tile in colour, grey where it is zero; of a later one
    /// each tile is the filter's part for the channel that it weighs most, grey. Each filter is stretched to its own largest weight.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">The convolution's path; null takes the first that sees the image.</param>
    /// <returns>The layer's path, and the sheet; of very wide layers the first 256 filters.</returns>
    /// <exception cref="BadInputException">There is no such convolution (<c>layer-unknown</c>, with the nearest name), or its filters are
    /// of 1 × 1 and have no form (<c>filter-form</c>).</exception>
    public static (string Layer, RgbImage Sheet) Filters(Classifier network, string? layer = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        Dictionary<string, Conv2d> convolutions = network.named_modules().Where(m => m.module is Conv2d).ToDictionary(m => m.name, m => (Conv2d)m.module);
        string path = layer ?? convolutions.FirstOrDefault(c => c.Value.weight.shape[1] is 3 or 1 && c.Value.groups == 1).Key
            ?? throw new BadInputException("layer-missing", "No convolution of this network sees the image, so there are no filters to show.");
        if (!convolutions.TryGetValue(path, out Conv2d? convolution))
        {
            throw new BadInputException("layer-unknown", $"There is no convolution '{path}'.",
                fix: NearestName.Find(path, convolutions.Keys) is string near ? $"Did you mean '{near}'?" : $"Convolutions: {string.Join(", ", convolutions.Keys.Take(12))}{(convolutions.Count > 12 ? " …" : "")}.");
        }
        (int filters, int channels, int height, int width) = ((int)convolution.weight.shape[0], (int)convolution.weight.shape[1], (int)convolution.weight.shape[2], (int)convolution.weight.shape[3]);
        if (height * width == 1)
            throw new BadInputException("filter-form", $"The filters of '{path}' are 1 × 1: they mix channels, and have no form to show.", fix: "Choose another convolution by --layer.");
        float[] weights = Values(convolution.weight);
        SheetTile[] tiles = [.. Enumerable.Range(0, Math.Min(filters, MostFilters)).Select(f => Filter(weights.AsSpan(f * channels * height * width, channels * height * width), channels, height, width, f))];
        string shown = filters > MostFilters ? $", the first {MostFilters}" : "";
        return (path, Sheet(tiles, $"{path}: {filters} filters of {width} × {height} over {channels} channels{shown}"));
    }

    /// <summary>The maps that a layer gives for an image, the strongest first, beside the image itself. Each is stretched between its own
    /// least and largest value, which stands below it.</summary>
    /// <param name="network">The network; it is put in evaluation mode for the time being.</param>
    /// <param name="image"><c>[1, 3, H, W] float32</c>, normalised as in training.</param>
    /// <param name="input">The same image as a picture.</param>
    /// <param name="layer">The layer's path; null takes the last with a spatial extent.</param>
    /// <param name="most">How many maps at most.</param>
    /// <returns>The layer's path, and the sheet.</returns>
    /// <exception cref="BadInputException">There is no such layer (<c>layer-unknown</c>, <c>layer-missing</c>).</exception>
    public static (string Layer, RgbImage Sheet) Features(Classifier network, Tensor image, RgbImage input, string? layer = null, int most = 64)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        SpatialLayer map = SpatialLayers.Choose(new Explainer(network).Layers(image), layer);
        float[] values = Maps(network, image, map.Name);
        int size = map.Height * map.Width;
        (int Channel, float Largest)[] strongest = [.. Enumerable.Range(0, map.Channels).Select(c => (Channel: c, Largest: values.AsSpan(c * size, size).ToArray().Max())).OrderByDescending(c => c.Largest).Take(most)];
        SheetTile[] tiles =
        [
            new SheetTile(input, "image"),
            .. strongest.Select(c => new SheetTile(Stretched(values.AsSpan(c.Channel * size, size), map.Width, map.Height), string.Create(CultureInfo.InvariantCulture, $"{c.Channel}: {c.Largest:0.##}"))),
        ];
        string shown = strongest.Length < map.Channels ? $", the {strongest.Length} strongest" : "";
        return (map.Name, Sheet(tiles, $"{map.Name}: {map.Channels} maps of {map.Width} × {map.Height}{shown}"));
    }

    private static SheetTile Filter(ReadOnlySpan<float> weights, int channels, int height, int width, int index)
    {
        int size = height * width, strongest = 0;
        if (channels != 3)
        {
            double most = -1;
            for (int c = 0; c < channels; c++)
            {
                double norm = 0;
                foreach (float w in weights.Slice(c * size, size))
                    norm += w * (double)w;
                (strongest, most) = norm > most ? (c, norm) : (strongest, most);
            }
        }
        float largest = 0;
        foreach (float w in channels == 3 ? weights : weights.Slice(strongest * size, size))
            largest = Math.Max(largest, Math.Abs(w));
        var tile = new RgbImage(width, height);
        for (int i = 0; i < size; i++)
        {
            for (int k = 0; k < 3; k++)
                tile.Pixels[3 * i + k] = (byte)Math.Round(127.5 + 127.5 * (largest > 0 ? weights[(channels == 3 ? k : strongest) * size + i] / largest : 0));
        }
        return new SheetTile(tile, channels == 3 || channels == 1 ? $"{index}" : $"{index} of {strongest}");
    }

    private static float[] Maps(Classifier network, Tensor image, string layer)
    {
        using ScalarGuard guard = ScalarGuard.Enter();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var evaluating = new EvaluationMode(network);
        using var capture = new LayerCapture(network, layer, forGradients: false);
        network.call(ChannelsLast.Of(ComputeDevice.Put(image, ComputeDevice.Of(network))));
        return Values(capture.Output);
    }

    private static float[] Values(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(ComputeDevice.Put(tensor.detach(), DeviceType.CPU).contiguous().bytes).ToArray();
    }

    private static RgbImage Stretched(ReadOnlySpan<float> map, int width, int height)
    {
        (float least, float largest) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float v in map)
            (least, largest) = (Math.Min(least, v), Math.Max(largest, v));
        var picture = new RgbImage(width, height);
        for (int i = 0; i < map.Length; i++)
        {
            Rgb colour = HeatColours.Of(largest > least ? (map[i] - least) / (largest - least) : 0);
            (picture.Pixels[3 * i], picture.Pixels[3 * i + 1], picture.Pixels[3 * i + 2]) = (colour.R, colour.G, colour.B);
        }
        return picture;
    }

    private static RgbImage Sheet(SheetTile[] tiles, string title) =>
        ContactSheet.Draw(tiles, new ContactSheetOptions { TileWidth = TileSide, TileHeight = TileSide, Title = title, FontSize = 11 });
}
