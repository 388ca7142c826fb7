namespace Sightline.Datasets.Download;

/// <summary>A file of a published data set.</summary>
/// <param name="Name">Its name in the cache folder.</param>
/// <param name="Sha256">Its SHA-256, 64 hexadecimal digits.</param>
/// <param name="Addresses">Where it is published: the authors' own address first, then mirrors. The hash makes them equal.</param>
/// <param name="Bytes">Its length, when known.</param>
public sealed record DatasetFile(string Name, string Sha256, IReadOnlyList<string> Addresses, long? Bytes = null);

/// <summary>A published data set.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Description">What it holds, and whose it is.</param>
/// <param name="Files">Its files; <see cref="ImageSet.Open"/> reads the folder with them as it is.</param>
public sealed record DatasetRelease(string Name, string Description, IReadOnlyList<DatasetFile> Files);

/// <summary>The data sets that <c>sightline data get</c> knows.</summary>
public static class DatasetCatalogue
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DatasetRelease> All { get; } =
    [
        new("cifar10", "60,000 images 32×32 in 10 classes (Krizhevsky 2009), binary version, 170 MB.",
        [
            new("cifar-10-binary.tar.gz", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"], 170_052_171),
        ]),
        new("cifar100", "60,000 images 32×32 in 100 classes (Krizhevsky 2009), binary version, 169 MB.",
        [
            new("cifar-100-binary.tar.gz", "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"]),
        ]),
        new("mnist", "70,000 grey images 28×28 of digits (LeCun, Cortes, Burges), 12 MB.",
        [
            Mnist("train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9_912_422),
            Mnist("train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28_881),
            Mnist("t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1_648_877),
            Mnist("t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4_542),
        ]),
        new("fashion-mnist", "70,000 grey images 28×28 of clothes in 10 classes (Xiao, Rasul, Vollgraf 2017), 31 MB.",
        [
            Fashion("train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            Fashion("train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            Fashion("t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            Fashion("t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ]),
        new("imagenette", "13,394 photos in 10 classes of ImageNet, shorter side 160 (fast.ai, imagenette2-160), 99 MB.",
        [
            new("imagenette2-160.tgz", "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5",
                ["https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz"], 99_003_388),
        ]),
    ];

    /// <summary>Finds a data set by its name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The data set.</returns>
    /// <exception cref="BadInputException">There is none of this name (<c>dataset-unknown</c>).</exception>
    public static DatasetRelease Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (All.FirstOrDefault(d => d.Name == name) is DatasetRelease found)
            return found;
        string? nearest = NearestName.Find(name, All.Select(d => d.Name));
        throw new BadInputException(
            "dataset-unknown", $"There is no data set '{name}' to get.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}", fix: $"There are: {string.Join(", ", All.Select(d => d.Name))}.");
    }

    private static DatasetFile Mnist(string name, string sha256, long bytes) => new(
        name, sha256, [$"http://yann.lecun.com/exdb/mnist/{name}", $"https://ossci-datasets.s3.amazonaws.com/mnist/{name}", $"https://storage.googleapis.com/cvdf-datasets/mnist/{name}"], bytes);

    private static DatasetFile Fashion(string name, string sha256) => new(
        name, sha256,
        [
            $"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{name}",
            $"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/{name}",
        ]);
}
