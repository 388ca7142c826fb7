using Sightline.Imaging;

namespace Sightline.Training.Augmentation;

/// <summary>The operations of RandAugment, by torchvision's names.</summary>
internal enum RandAugmentOperation
{
    Identity,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
    Rotate,
    Brightness,
    Color,
    Contrast,
    Sharpness,
    Posterize,
    Solarize,
    AutoContrast,
    Equalize,
}

/// <summary>Applies <see cref="RandAugmentRecipe"/>: for each step an operation uniform over fourteen, and a fair coin for the sign where it has one.</summary>
internal static class RandAugment
{
    private const int Bins = 30;

    internal static RgbImage Apply(RandAugmentRecipe recipe, RgbImage image, ref SeedStream stream)
    {
        for (int step = 0; step < recipe.Operations; step++)
        {
            var operation = (RandAugmentOperation)stream.NextInt(14);
            bool negative = stream.NextInt(2) == 1;
            image = Apply(image, operation, Strength(operation, recipe.Magnitude, image.Width, image.Height) * (negative && IsSigned(operation) ? -1 : 1));
        }
        return image;
    }

    /// <summary>The operation's own parameter at a magnitude of 0–30: torchvision's augmentation space with 31 bins.</summary>
    internal static double Strength(RandAugmentOperation operation, int magnitude, int width, int height) => operation switch
    {
        RandAugmentOperation.ShearX or RandAugmentOperation.ShearY => 0.3 * magnitude / Bins,
        RandAugmentOperation.TranslateX => 150.0 / 331 * width * magnitude / Bins,
        RandAugmentOperation.TranslateY => 150.0 / 331 * height * magnitude / Bins,
        RandAugmentOperation.Rotate => 30.0 * magnitude / Bins,
        RandAugmentOperation.Brightness or RandAugmentOperation.Color or RandAugmentOperation.Contrast or RandAugmentOperation.Sharpness => 0.9 * magnitude / Bins,
        RandAugmentOperation.Posterize => 8 - Math.Round(magnitude / (Bins / 4.0), MidpointRounding.ToEven),
        RandAugmentOperation.Solarize => 255 - 255.0 * magnitude / Bins,
        _ => 0,
    };

    internal static bool IsSigned(RandAugmentOperation operation) => operation is >= RandAugmentOperation.ShearX and <= RandAugmentOperation.Sharpness;

    internal static RgbImage Apply(RgbImage image, RandAugmentOperation operation, double strength) => operation switch
    {
        RandAugmentOperation.Identity => image,
        RandAugmentOperation.ShearX => AffineWarp.ShearX(image, strength),
        RandAugmentOperation.ShearY => AffineWarp.ShearY(image, strength),
        RandAugmentOperation.TranslateX => AffineWarp.Translate(image, (int)strength, 0),
        RandAugmentOperation.TranslateY => AffineWarp.Translate(image, 0, (int)strength),
        RandAugmentOperation.Rotate => AffineWarp.Rotate(image, strength),
        RandAugmentOperation.Brightness => ColorAdjustment.Brightness(image, 1 + strength),
        RandAugmentOperation.Color => ColorAdjustment.Saturation(image, 1 + strength),
        RandAugmentOperation.Contrast => ColorAdjustment.Contrast(image, 1 + strength),
        RandAugmentOperation.Sharpness => PixelOperations.Sharpness(image, 1 + strength),
        RandAugmentOperation.Posterize => PixelOperations.Posterize(image, (int)strength),
        RandAugmentOperation.Solarize => PixelOperations.Solarize(image, strength),
        RandAugmentOperation.AutoContrast => PixelOperations.AutoContrast(image),
        RandAugmentOperation.Equalize => PixelOperations.Equalize(image),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "No such operation."),
    };
}
