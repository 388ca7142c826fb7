namespace Sightline;

/// <summary>Where data is kept.</summary>
public static class DataFolders
{
    /// <summary>
    /// The cache folder: <c>SIGHTLINE_DATA</c> when set, else <c>sightline</c> in the platform's data folder (Linux
    /// <c>$XDG_DATA_HOME</c> or <c>~/.local/share</c>, macOS <c>~/Library/Application Support</c>, Windows <c>%LOCALAPPDATA%</c>), else in
    /// the folder for temporary files.
    /// </summary>
    /// <returns>The folder's path; it need not exist.</returns>
    public static string Cache()
    {
        if (Environment.GetEnvironmentVariable("SIGHTLINE_DATA") is { Length: > 0 } asked)
            return Path.GetFullPath(asked);
        string platform = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(platform.Length > 0 ? platform : Path.GetTempPath(), "sightline");
    }

    /// <summary>
    /// Where a known image set is: in the folder that <c>SIGHTLINE_SHARED_DATA</c> names, else in <c>shared/data</c> beside the checkout that
    /// the working folder is in; else where <c>sightline data get</c> put it.
    /// </summary>
    /// <param name="name">Its name, e.g. <c>cifar10</c>.</param>
    /// <returns>Its folder; null when it is nowhere.</returns>
    public static string? Set(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string? shared = Environment.GetEnvironmentVariable("SIGHTLINE_SHARED_DATA");
        for (string? at = Environment.CurrentDirectory; shared is null && at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "Sightline.slnx")))
                shared = Path.Combine(Path.GetDirectoryName(at) ?? "", "shared", "data");
        }
        string[] places = [.. shared is null ? [] : (string[])[Path.Combine(shared, name)], Path.Combine(Cache(), name)];
        return places.FirstOrDefault(Directory.Exists);
    }
}
