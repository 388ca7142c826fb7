namespace Sightline.Training.Augmentation;

/// <summary>MixUp and CutMix on a whole batch of normalised images, in place. Each row's partner is drawn by a permutation of the batch.</summary>
internal static class LabelMixing
{
    /// <summary>Mixes a batch and writes its label shares.</summary>
    /// <param name="recipe">Which mixing, how often.</param>
    /// <param name="images"><c>[N, 3, H, W] float32</c>.</param>
    /// <param name="labels"><c>[N]</c>.</param>
    /// <param name="targets">Receives <c>[N, K] float32</c>.</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="classes">K.</param>
    /// <param name="stream">Where the draws come from.</param>
    internal static void Apply(
        AugmentationRecipe recipe, Span<float> images, ReadOnlySpan<int> labels, Span<float> targets, int width, int height, int classes, ref SeedStream stream)
    {
        int n = labels.Length;
        double mixUp = recipe.MixUp?.Probability ?? 0, cutMix = recipe.CutMix?.Probability ?? 0;
        double scale = Math.Max(1, mixUp + cutMix);
        double draw = stream.NextDouble() * scale;
        int[] partners = new int[n];
        for (int i = 0; i < n; i++)
            partners[i] = i;
        stream.Shuffle(partners.AsSpan());
        double own = 1;
        if (draw < mixUp)
        {
            own = BetaDistribution.Symmetric(recipe.MixUp!.Alpha, ref stream);
            Blend(images, partners, (float)own);
        }
        else if (draw < mixUp + cutMix)
        {
            own = Paste(images, partners, width, height, BetaDistribution.Symmetric(recipe.CutMix!.Alpha, ref stream), ref stream);
        }
        targets.Clear();
        for (int i = 0; i < n; i++)
        {
            targets[i * classes + labels[i]] += (float)own;
            targets[i * classes + labels[partners[i]]] += (float)(1 - own);
        }
    }

    private static void Blend(Span<float> images, int[] partners, float own)
    {
        int length = images.Length / partners.Length;
        float[] before = images.ToArray();
        for (int i = 0; i < partners.Length; i++)
        {
            Span<float> image = images.Slice(i * length, length);
            for (int k = 0, p = partners[i] * length; k < length; k++)
                image[k] = own * image[k] + (1 - own) * before[p + k];
        }
    }

    /// <summary>Pastes one rectangle for the whole batch; returns the share of pixels that stay.</summary>
    private static double Paste(Span<float> images, int[] partners, int width, int height, double own, ref SeedStream stream)
    {
        double side = Math.Sqrt(1 - own);
        int halfWidth = (int)(width * side) / 2, halfHeight = (int)(height * side) / 2;
        int cx = stream.NextInt(width), cy = stream.NextInt(height);
        int left = Math.Max(0, cx - halfWidth), right = Math.Min(width, cx + halfWidth);
        int top = Math.Max(0, cy - halfHeight), bottom = Math.Min(height, cy + halfHeight);
        if (right <= left || bottom <= top)
            return 1;
        int plane = width * height, length = 3 * plane;
        float[] before = images.ToArray();
        for (int i = 0; i < partners.Length; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                for (int y = top; y < bottom; y++)
                {
                    int at = c * plane + y * width + left;
                    before.AsSpan(partners[i] * length + at, right - left).CopyTo(images[(i * length + at)..]);
                }
            }
        }
        return 1 - (double)(right - left) * (bottom - top) / plane;
    }
}
