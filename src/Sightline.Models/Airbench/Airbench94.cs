// The network of Jordan: "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024 (arXiv 2404.00498).
//
// Not residual: three groups of two 3×3 convolutions, each halving the map. What makes it train fast:
//   a first convolution of 2×2 that is fixed beforehand to whiten patches of the training images, followed by its own negative;
//   convolutions that start as partial identities; BatchNorms without a scale, with a short memory; logits scaled by 1/9.
//
//   32 → whiten 2×2 → 31 → group 64 → 15 → group 256 → 7 → group 256 → 3 → max → 1 → linear → × 1/9

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>
/// A network whose first layer is computed from training images instead of being drawn or learnt. The trainer calls it once, before
/// the first step of a new run; a checkpoint holds the result.
/// </summary>
public interface IPreparedFromImages
{
    /// <summary>How many training images the published recipe takes.</summary>
    int ImagesWanted { get; }

    /// <summary>Computes the layer.</summary>
    /// <param name="images"><c>[N, 3, H, W] float32</c>, normalised as in training, without augmentation.</param>
    void PrepareFrom(Tensor images);
}

/// <summary>conv 3×3 → max pool → BatchNorm → GELU → conv 3×3 → BatchNorm → GELU, at half the resolution.</summary>
public sealed class AirbenchGroup : Module<Tensor, Tensor>, IInitialised
{
    // The paper gives momentum 0.6 for what is kept; torch's momentum is what is taken in.
    private const double BatchNormMomentum = 1 - 0.6;
    private const double BatchNormEpsilon = 1e-12;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d norm1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d norm2;

    /// <summary>Creates the group.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    public AirbenchGroup(long inChannels, long outChannels)
        : base(nameof(AirbenchGroup))
    {
        conv1 = Conv2d(inChannels, outChannels, kernel_size: 3, padding: 1, bias: false);
        norm1 = BatchNorm2d(outChannels, BatchNormEpsilon, BatchNormMomentum);
        conv2 = Conv2d(outChannels, outChannels, kernel_size: 3, padding: 1, bias: false);
        norm2 = BatchNorm2d(outChannels, BatchNormEpsilon, BatchNormMomentum);
        RegisterComponents();
        norm1.weight!.requires_grad = false;
        norm2.weight!.requires_grad = false;
    }

    /// <summary>Two convolutions with a pool between, each normalised and activated.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / 2, W / 2] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = functional.max_pool2d(conv1.call(x), 2);
        x = functional.gelu(norm1.call(x));
        x = functional.gelu(norm2.call(conv2.call(x)));
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The first filters pass their input on: filter i is 1 at channel i in the middle (section 3.3). The others have torch's usual
    /// variance of 1 / (3 · fan-in), which the paper's code leaves in force: before a BatchNorm a filter's length sets how fast it turns.
    /// </summary>
    void IInitialised.Initialise(FirstWeights draw)
    {
        foreach (Conv2d conv in (Conv2d[])[conv1, conv2])
        {
            long outChannels = conv.weight.shape[0], inChannels = conv.weight.shape[1];
            using Scalar fromHe = Math.Sqrt(outChannels / (6.0 * inChannels));
            conv.weight.mul_(fromHe);
            using Tensor first = conv.weight.narrow(0, 0, Math.Min(inChannels, outChannels));
            init.dirac_(first);
        }
    }
}

/// <summary>The network of airbench94. Logits come scaled by 1/9, as the paper's loss sees them.</summary>
public sealed class Airbench94 : Classifier, IInitialised, IPreparedFromImages
{
    private const int PatchSide = 2;
    private const int PatchValues = 3 * PatchSide * PatchSide;
    private const double Scale = 1.0 / 9;

    // Added to the patches' variances before dividing by them: directions that hardly occur are not blown up.
    private const double WhiteningEpsilon = 5e-4;

    private readonly Conv2d whiten;
    private readonly AirbenchGroup group1;
    private readonly AirbenchGroup group2;
    private readonly AirbenchGroup group3;

    /// <summary>Builds the network.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal Airbench94(int classes, NetworkOptions options)
        : base(Airbench94Card.Card)
    {
        whiten = Conv2d(3, 2 * PatchValues, kernel_size: PatchSide);
        group1 = new AirbenchGroup(2 * PatchValues, 64);
        group2 = new AirbenchGroup(64, 256);
        group3 = new AirbenchGroup(256, 256);
        RegisterComponents();
        AddHead("head", Linear(256, classes, hasBias: false), options.Dropout ?? 0);
        whiten.weight.requires_grad = false;
        // oneDNN 3.7.1 (libtorch 2.10.0) computes convolutions whose channels are no multiple of 16, here the 24 of the whitening layer,
        // from uninitialised memory on some AVX-512 processors, in float32 too, unless the layout is channels-last. Weights laid so
        // make it so from the first layer on, whatever the images' layout.
        ChannelsLast.Apply(this);
    }

    /// <inheritdoc/>
    public int ImagesWanted => 5000;

    private protected override double LogitScale => Scale;

    /// <inheritdoc/>
    public override Tensor forward(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return (base.forward(images) * Scale).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.gelu(whiten.call(images));
        x = group3.call(group2.call(group1.call(x)));
        return x.amax([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Sets the first convolution's filters to the eigenvectors of the covariance of all 2×2 patches, each divided by the root of its
    /// eigenvalue, and to their negatives (section 3.2): its outputs are uncorrelated, with variance one.
    /// </summary>
    /// <inheritdoc/>
    public void PrepareFrom(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        // [N, 3·2·2, L] → [N·L, 12]; the order of the 12 is that of a filter's values.
        Tensor patches = functional.unfold(images.to(float32), PatchSide).transpose(1, 2).reshape(-1, PatchValues).to(float64);
        Tensor covariance = patches.t().mm(patches) / patches.shape[0];
        (Tensor values, Tensor vectors) = linalg.eigh(covariance, 'U');
        Tensor scaled = vectors / (values + WhiteningEpsilon).sqrt();
        // Columns are eigenvectors, smallest first; filters are rows, largest first.
        Tensor filters = scaled.t().flip(0).reshape(PatchValues, 3, PatchSide, PatchSide);
        whiten.weight.copy_(cat([filters, -filters]).to(float32));
    }

    /// <inheritdoc/>
    void IInitialised.Initialise(FirstWeights draw) => whiten.bias!.zero_();
}
