namespace Sightline.Datasets.Files;

/// <summary>What can be wrong with one entry of an archive; such entries are passed over.</summary>
internal static class ArchiveProblems
{
    public static DataProblem UnsafePath(string location, string entry) => new(
        "archive-unsafe-path", $"{location}!{entry}", $"The archive holds a file named '{entry}', which leads out of the archive; it was not read.",
        "Get the archive from a source you trust, or pack it again without such names.");

    public static DataProblem Link(string location, string entry, string kind) => new(
        "archive-link", $"{location}!{entry}", $"'{entry}' is not a file but a {kind}; it was not followed.", "Pack the archive again with the files themselves (tar --dereference --hard-dereference).",
        StopsTraining: false, Unusable: 1);

    public static DataProblem TooLarge(string location, string entry, long length, long limit) => new(
        "archive-bomb", $"{location}!{entry}", $"'{entry}' unpacks to {length} bytes; more than {limit} is taken for a bomb, and it was not read.",
        "Get the archive again from a source you trust.");

    public static DataProblem Ratio(string location, string entry, long length, long packed) => new(
        "archive-bomb", $"{location}!{entry}", $"'{entry}' unpacks from {packed} to {length} bytes, as only a bomb does; it was not read.",
        "Get the archive again from a source you trust.");

    public static DataProblem Encrypted(string location, string entry) => new(
        "archive-encrypted", $"{location}!{entry}", $"'{entry}' is encrypted.", "Unpack the archive with its password and pack it again without.", StopsTraining: false, Unusable: 1);

    public static DataProblem Method(string location, string entry, int method) => new(
        "archive-method", $"{location}!{entry}", $"'{entry}' is packed by method {method}; stored (0) and deflate (8) can be read.", "Pack the archive again with an ordinary zip program.",
        StopsTraining: false, Unusable: 1);
}
