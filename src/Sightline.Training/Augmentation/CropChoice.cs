using Sightline.Imaging;

namespace Sightline.Training.Augmentation;

/// <summary>Draws the rectangles of random resized crop and of random erasing.</summary>
internal static class CropChoice
{
    private const int Attempts = 10;

    /// <summary>A rectangle of whole pixels, its area and aspect within the recipe's bounds.</summary>
    /// <param name="recipe">The bounds.</param>
    /// <param name="stream">Where the draws come from.</param>
    /// <param name="width">The image's width in pixels.</param>
    /// <param name="height">The image's height in pixels.</param>
    /// <returns>The rectangle; when ten draws don't fit, the largest centred one of the nearest aspect, as torchvision does.</returns>
    internal static CropBox RandomResized(RandomResizedCropRecipe recipe, ref SeedStream stream, int width, int height)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            (double w, double h) = Sides(ref stream, (double)width * height, recipe.ScaleMin, recipe.ScaleMax, recipe.RatioMin, recipe.RatioMax);
            if (w >= 1 && h >= 1 && w <= width && h <= height)
                return new CropBox(stream.NextInt(width - (int)w + 1), stream.NextInt(height - (int)h + 1), w, h);
        }
        double aspect = (double)width / height;
        int cropWidth = width, cropHeight = height;
        if (aspect < recipe.RatioMin)
            cropHeight = Math.Clamp((int)Math.Round(width / recipe.RatioMin), 1, height);
        else if (aspect > recipe.RatioMax)
            cropWidth = Math.Clamp((int)Math.Round(height * recipe.RatioMax), 1, width);
        return new CropBox((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight);
    }

    /// <summary>The rectangle to erase, or null when ten draws don't fit (torchvision then erases nothing).</summary>
    /// <param name="recipe">The bounds.</param>
    /// <param name="stream">Where the draws come from.</param>
    /// <param name="width">The image's width in pixels.</param>
    /// <param name="height">The image's height in pixels.</param>
    internal static (int X, int Y, int Width, int Height)? Erase(RandomErasingRecipe recipe, ref SeedStream stream, int width, int height)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            (double w, double h) = Sides(ref stream, (double)width * height, recipe.ScaleMin, recipe.ScaleMax, recipe.RatioMin, recipe.RatioMax);
            if (w >= 1 && h >= 1 && w < width && h < height)
                return (stream.NextInt(width - (int)w + 1), stream.NextInt(height - (int)h + 1), (int)w, (int)h);
        }
        return null;
    }

    private static (double Width, double Height) Sides(ref SeedStream stream, double area, double scaleMin, double scaleMax, double ratioMin, double ratioMax)
    {
        double target = area * stream.Uniform(scaleMin, scaleMax);
        double ratio = Math.Exp(stream.Uniform(Math.Log(ratioMin), Math.Log(ratioMax)));
        return (Math.Round(Math.Sqrt(target * ratio)), Math.Round(Math.Sqrt(target / ratio)));
    }
}
