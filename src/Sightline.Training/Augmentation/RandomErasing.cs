namespace Sightline.Training.Augmentation;

/// <summary>Applies <see cref="RandomErasingRecipe"/> to a normalised image.</summary>
internal static class RandomErasing
{
    /// <summary>Erases in place.</summary>
    /// <param name="recipe">The bounds.</param>
    /// <param name="image"><c>[3, H, W] float32</c>.</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="stream">Where the draws come from.</param>
    internal static void Apply(RandomErasingRecipe recipe, Span<float> image, int width, int height, ref SeedStream stream)
    {
        if (stream.NextDouble() >= recipe.Probability || CropChoice.Erase(recipe, ref stream, width, height) is not (int x, int y, int w, int h))
            return;
        for (int c = 0; c < 3; c++)
        {
            for (int row = y; row < y + h; row++)
            {
                Span<float> erased = image.Slice((c * height + row) * width + x, w);
                if (recipe.Fill == EraseFill.Mean)
                {
                    erased.Clear();
                    continue;
                }
                for (int i = 0; i < w; i++)
                    erased[i] = (float)stream.Normal();
            }
        }
    }
}
