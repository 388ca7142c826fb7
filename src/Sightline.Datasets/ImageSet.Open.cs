using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sightline.Datasets.Formats;
using Sightline.Datasets.Splits;

namespace Sightline.Datasets;

/// <summary>Opening a set, and knowing it again.</summary>
public sealed partial record ImageSet
{
    /// <summary>
    /// Recognises what is at <paramref name="path"/> and reads its index: a folder per class, a CSV manifest, CIFAR batches, IDX files,
    /// each also in a <c>.tar</c>, <c>.tar.gz</c> or <c>.zip</c> (read in place), or crops of the objects of a COCO file or a Pascal VOC
    /// folder. Images are decoded only when they are asked for.
    /// </summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <returns>The set. What is wrong with single images or labels stands in <see cref="Problems"/>.</returns>
    /// <exception cref="BadInputException">There is nothing at <paramref name="path"/>, nothing that is understood, or its index is damaged.</exception>
    public static ImageSet Open(string path, ImageSetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
            throw new BadInputException("data-missing", "The path of the data set is empty.", fix: "Name a file or a folder.");
        options ??= new ImageSetOptions();
        ImageSet set = new Recognition(options).Open(path);
        if (options.SplitNames is { Count: > 0 } names)
            set = set with { Samples = [.. set.Samples.Select(s => names.TryGetValue(s.Split, out string? other) ? s with { Split = other } : s)] };
        DataProblem[] splits = [.. SplitCheck.Of(set)];
        return splits.Length == 0 ? set : set with { Problems = [.. set.Problems, .. splits] };
    }

    /// <summary>
    /// What the set is known by: a SHA-256 over class names, and of each image its name, label, split, group and stored bytes. The same
    /// on every machine, wherever the set lies; any change of the data changes it.
    /// </summary>
    /// <returns>64 hexadecimal digits.</returns>
    public string Fingerprint()
    {
        byte[][] hashes = new byte[Samples.Count][];
        Parallel.For(0, Samples.Count, i =>
        {
            try
            {
                hashes[i] = Samples[i].Content.StoredHash();
            }
            catch (BadInputException exception)
            {
                hashes[i] = SHA256.HashData(Encoding.UTF8.GetBytes(exception.Code));
            }
        });
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string? text)
        {
            // Lengths before the texts, so that no two sets run together.
            all.AppendData(Encoding.UTF8.GetBytes(text is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}")));
        }
        Add("sightline image set 1");
        Add(Classes.Count.ToString(CultureInfo.InvariantCulture));
        foreach (string name in Classes)
            Add(name);
        foreach ((int i, ImageSample sample) in Samples.Index())
        {
            Add(sample.Name);
            Add(sample.Label.ToString(CultureInfo.InvariantCulture));
            Add(sample.Split);
            Add(sample.Group);
            all.AppendData(hashes[i]);
        }
        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}
