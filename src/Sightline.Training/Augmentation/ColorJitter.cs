using Sightline.Imaging;

namespace Sightline.Training.Augmentation;

/// <summary>Applies <see cref="ColorJitterRecipe"/>.</summary>
internal static class ColorJitter
{
    internal static RgbImage Apply(ColorJitterRecipe recipe, RgbImage image, ref SeedStream stream)
    {
        Span<int> order = [0, 1, 2, 3];
        stream.Shuffle(order);
        double brightness = Factor(recipe.Brightness, ref stream), contrast = Factor(recipe.Contrast, ref stream);
        double saturation = Factor(recipe.Saturation, ref stream), hue = stream.Uniform(-recipe.Hue, recipe.Hue);
        foreach (int step in order)
        {
            image = step switch
            {
                0 when recipe.Brightness > 0 => ColorAdjustment.Brightness(image, brightness),
                1 when recipe.Contrast > 0 => ColorAdjustment.Contrast(image, contrast),
                2 when recipe.Saturation > 0 => ColorAdjustment.Saturation(image, saturation),
                3 when recipe.Hue > 0 => ColorAdjustment.Hue(image, hue),
                _ => image,
            };
        }
        return image;
    }

    private static double Factor(double strength, ref SeedStream stream) => stream.Uniform(Math.Max(0, 1 - strength), 1 + strength);
}
