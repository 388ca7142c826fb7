namespace Sightline.Pretrained;

/// <summary>
/// Where the package with the ImageNet weights lies: in NuGet's own folder of packages, put there by restoring
/// <see cref="Project"/>. Nothing else needs its 59 MB, so no other build fetches it.
/// </summary>
public static class ImageNetPackage
{
    /// <summary>The project of a checkout whose restore fetches the package.</summary>
    public const string Project = "src/Sightline.Pretrained.Weights";

    /// <summary>The package's ResNet-18: features only, BGR minus a mean image.</summary>
    public static string Network => Model("ResNet18Onnx", "ResNet18.onnx");

    /// <summary>The package's pre-processing: the mean image.</summary>
    public static string MeanImage => Model("ResNetPrepOnnx", "ResNetPreprocess.onnx");

    /// <summary>True once the package has been fetched.</summary>
    public static bool IsHere => File.Exists(Network) && File.Exists(MeanImage);

    private static string Model(string folder, string file)
    {
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Path.Combine(packages, "microsoft.ml.dnnimagefeaturizer.resnet18", "0.23.1", "tools", "DnnImageModels", folder, file);
    }
}
