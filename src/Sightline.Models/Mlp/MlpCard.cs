namespace Sightline.Models;

/// <summary>The card of <c>mlp</c>; loads no libtorch.</summary>
internal static class MlpCard
{
    /// <summary>What is known of it without building it.</summary>
    public static NetworkCard Card { get; } = new()
    {
        Name = "mlp",
        Family = "MLP",
        Paper = "Rumelhart, Hinton, Williams: Learning representations by back-propagating errors, Nature 323, 1986",
        Section = "dropout as in Srivastava et al. 2014 (JMLR 15), section 6.1.1",
        Parameters = 1_841_162,
        Macs = 1_840_128,
        InputSize = 32,
        SmallestInput = 32,
        OneInputSize = true,
        Variants = NetworkVariants.Dropout | NetworkVariants.DropoutScaling,
        Classes = 10,
        Ours = "Two hidden layers of 512 units with ReLU; the papers have other widths, and the older one sigmoids.",
    };
}
