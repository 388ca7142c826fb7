using System.Globalization;
using Sightline.Imaging;

namespace Sightline.Training.Explanations;

/// <summary>Maps of evidence as pictures.</summary>
public static class HeatPicture
{
    private const int ShorterSide = 256, SmallSide = 128;

    /// <summary>What the network sees, beside it the same under the evidence, above both the class and its probability.</summary>
    /// <param name="input">The picture at the network's size (<see cref="Preprocessing.Fit"/>).</param>
    /// <param name="explanation">The evidence.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <param name="truth">The true object at the network's size, outlined in both; null for none.</param>
    /// <returns>The picture; small inputs are enlarged by a whole factor.</returns>
    public static RgbImage Draw(RgbImage input, Explanation explanation, IReadOnlyList<string> classes, Plane<byte>? truth = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(classes);
        RgbImage large = Enlarged(input, ShorterSide);
        RgbImage heat = Overlay(large, HeatMap.Positive(explanation.PixelMap()));
        if (truth is not null)
        {
            large = Outlined(large, truth);
            heat = Outlined(heat, truth);
        }
        string verdict = explanation.Predicted == explanation.Class ? "" : $", predicted: {classes[explanation.Predicted]}";
        string place = explanation.Layer is null ? "" : $" at {explanation.Layer}";
        return ContactSheet.Draw(
            [new SheetTile(large, "what the network sees"), new SheetTile(heat, NameOf(explanation.Method) + place)],
            new ContactSheetOptions
            {
                TileWidth = large.Width,
                TileHeight = large.Height,
                Columns = 2,
                FontSize = 14,
                Title = string.Create(CultureInfo.InvariantCulture, $"{classes[explanation.Class]} {explanation.Probability:0.000}{verdict}"),
            });
    }

    /// <summary>A method as it is typed, e.g. <c>grad-cam</c>.</summary>
    /// <param name="method">The method.</param>
    /// <returns>Its name.</returns>
    public static string NameOf(ExplanationMethod method) => Recipes.RecipeShape.Kebab(method.ToString());

    /// <summary>The maps of a sanity check side by side: the trained network's, then with ever more random weights.</summary>
    /// <param name="input">The picture at the network's size.</param>
    /// <param name="sanity">The check.</param>
    /// <param name="image">Which of its images.</param>
    /// <returns>The sheet.</returns>
    public static RgbImage DrawSanity(RgbImage input, WeightSanity sanity, int image)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sanity);
        RgbImage large = Enlarged(input, SmallSide);
        RgbImage Over(Plane<float> map) => Overlay(large, HeatMap.Positive(HeatMap.Resize(map, input.Width, input.Height)));
        return ContactSheet.Draw(
            [
                new SheetTile(large, "image"),
                new SheetTile(Over(sanity.Trained[image].Map), "trained"),
                .. sanity.Steps.Select(s => new SheetTile(Over(s.Maps[image]), string.Create(CultureInfo.InvariantCulture, $"{s.Layer}: {s.Similarity[image]:0.00}"))),
            ],
            new ContactSheetOptions { TileWidth = large.Width, TileHeight = large.Height, FontSize = 11, Title = "weights random from the classifier down to …: rank correlation with the trained map" });
    }

    /// <summary>Where a cell looks, and its theoretical field as a frame.</summary>
    /// <param name="field">What the cell makes use of.</param>
    /// <param name="theoretical">What it could see; null draws no frame.</param>
    /// <returns>The picture; small inputs are enlarged by a whole factor.</returns>
    public static RgbImage DrawField(EffectiveField field, ReceptiveField? theoretical)
    {
        ArgumentNullException.ThrowIfNull(field);
        int width = field.Share.Width, height = field.Share.Height, factor = Factor(width, height, 2 * ShorterSide);
        var black = new RgbImage(width * factor, height * factor);
        // Shares fall off like a bell: their root shows how far they reach.
        Plane<float> roots = HeatMap.Positive(field.Share);
        for (int i = 0; i < roots.Values.Length; i++)
            roots.Values[i] = MathF.Sqrt(roots.Values[i]);
        for (int y = 0; y < black.Height; y++)
        {
            for (int x = 0; x < black.Width; x++)
            {
                Rgb colour = HeatColours.Of(roots[x / factor, y / factor]);
                (black.Row(y)[3 * x], black.Row(y)[3 * x + 1], black.Row(y)[3 * x + 2]) = (colour.R, colour.G, colour.B);
            }
        }
        using var drawing = new Drawing(black);
        if (theoretical is not null)
        {
            (double left, double right) = Edges(theoretical.Horizontal, field.CellX, width);
            (double top, double bottom) = Edges(theoretical.Vertical, field.CellY, height);
            drawing.Rectangle(new CropBox(left * factor + 1, top * factor + 1, (right - left) * factor - 2, (bottom - top) * factor - 2), new Rgb(0, 255, 128));
        }
        drawing.Label(6, 6, string.Create(CultureInfo.InvariantCulture, $"{field.Layer}: deviation {field.DeviationX:0.0} × {field.DeviationY:0.0} pixels"), 16, Rgb.Black);
        return drawing.ToImage();

        static (double, double) Edges(FieldSpan span, int cell, int side) => (Math.Clamp(span.Start + cell * span.Stride, 0, side), Math.Clamp(span.Start + cell * span.Stride + span.Size, 0, side));
    }

    /// <summary>Lays a map over a picture: the more evidence, the less of the picture shows.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="map">0–1, of any size.</param>
    /// <returns>A new picture.</returns>
    public static RgbImage Overlay(RgbImage picture, Plane<float> map)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Plane<float> fine = HeatMap.Resize(map, picture.Width, picture.Height);
        var result = new RgbImage(picture.Width, picture.Height);
        for (int i = 0; i < fine.Values.Length; i++)
        {
            double value = Math.Clamp(fine.Values[i], 0, 1), share = 0.2 + 0.6 * value;
            Rgb colour = HeatColours.Of(value);
            result.Pixels[3 * i] = Mixed(picture.Pixels[3 * i], colour.R);
            result.Pixels[3 * i + 1] = Mixed(picture.Pixels[3 * i + 1], colour.G);
            result.Pixels[3 * i + 2] = Mixed(picture.Pixels[3 * i + 2], colour.B);
            byte Mixed(byte below, byte above) => (byte)Math.Round((1 - share) * below + share * above);
        }
        return result;
    }

    private static int Factor(int width, int height, int shorterSide) => Math.Max(1, (int)Math.Ceiling(shorterSide / (double)Math.Min(width, height)));

    private static RgbImage Enlarged(RgbImage input, int shorterSide)
    {
        int factor = Factor(input.Width, input.Height, shorterSide);
        return Resize.To(input, input.Width * factor, input.Height * factor, Interpolation.Nearest);
    }

    // The pixels of the object that have a neighbour outside it.
    private static RgbImage Outlined(RgbImage picture, Plane<byte> truth)
    {
        Plane<byte> fine = Resize.Nearest(truth, picture.Width, picture.Height);
        RgbImage result = picture.Clone();
        for (int y = 0; y < fine.Height; y++)
        {
            for (int x = 0; x < fine.Width; x++)
            {
                if (fine[x, y] != 0 && (Outside(x - 1, y) || Outside(x + 1, y) || Outside(x, y - 1) || Outside(x, y + 1)))
                    (result.Row(y)[3 * x], result.Row(y)[3 * x + 1], result.Row(y)[3 * x + 2]) = (0, 255, 128);
            }
        }
        return result;
        bool Outside(int x, int y) => (uint)x >= (uint)fine.Width || (uint)y >= (uint)fine.Height || fine[x, y] == 0;
    }
}
