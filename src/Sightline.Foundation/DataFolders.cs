namespace Sightline;

/// <summary>Where downloaded and unpacked data is kept.</summary>
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
}
