namespace Sightline.Tests;

/// <summary>The real data sets beside the repository, where they are there.</summary>
internal static class SharedData
{
    /// <summary>The path of a set; the test is skipped by name when it is absent.</summary>
    public static string Require(string name)
    {
        string? root = Environment.GetEnvironmentVariable("SIGHTLINE_SHARED_DATA");
        for (string? folder = AppContext.BaseDirectory; root is null && folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Sightline.slnx")))
                root = Path.Combine(folder, "..", "shared", "data");
        }
        string path = Path.GetFullPath(Path.Combine(root ?? "", name));
        if (root is null || !Path.Exists(path))
            Assert.Skip($"The shared data set '{name}' is not here.");
        return path;
    }
}
