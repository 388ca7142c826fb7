namespace Sightline.Datasets.Files;

/// <summary>What an archive may unpack to before it counts as a bomb.</summary>
/// <param name="MemoryBytes">Up to here a compressed tar is unpacked into memory, beyond into the cache folder.</param>
/// <param name="TotalBytes">The most that one compressed file may unpack to.</param>
/// <param name="EntryBytes">The most that one file in an archive may have.</param>
/// <param name="CacheFolder">Where compressed tars too large for memory are unpacked.</param>
internal sealed record ArchiveLimits(long MemoryBytes, long TotalBytes, long EntryBytes, string CacheFolder)
{
    // Photographs hardly shrink; tar's padding and raw digits shrink some tens of times; deflate's limit is 1,032 times.
    private const int MaxRatio = 250;
    private const long RatioCountsFrom = 1 << 24;

    /// <summary>Whether so much from so little is a bomb.</summary>
    /// <param name="unpacked">Bytes after.</param>
    /// <param name="packed">Bytes before.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsBomb(long unpacked, long packed) => unpacked > RatioCountsFrom && unpacked / MaxRatio > packed;

    /// <summary>The error for a bomb.</summary>
    /// <param name="location">The archive.</param>
    /// <param name="found">What is wrong with it.</param>
    /// <returns>The error.</returns>
    public static BadInputException Bomb(string location, string found) =>
        new("archive-bomb", $"{found}: this is not an honest archive of images.", location, fix: "Get the archive again from a source you trust.");
}
