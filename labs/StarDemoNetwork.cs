using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>
/// Blocks of one width and one resolution, as the paper's demonstration network (Ma et al. 2024, section 3.4.1; there 12 blocks of 96 to 288
/// channels at 14×14): what differs is only how a block joins its branches.
/// </summary>
internal sealed class StarDemoNetwork : Classifier
{
    private const int Depth = 6, Ratio = 3, Patch = 4;

    private readonly Sequential body;

    /// <summary>Builds it.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="width">Channels everywhere.</param>
    /// <param name="join">How blocks join their branches.</param>
    public StarDemoNetwork(int classes, int width, BranchJoin join)
        : base(nameof(StarDemoNetwork))
    {
        body = Sequential(
        [
            Conv2d(3, width, kernel_size: Patch, stride: Patch), // 32 → 8
            BatchNorm2d(width),
            .. Enumerable.Range(0, Depth).Select(_ => new StarBlock(width, Ratio, join: join)),
            BatchNorm2d(width),
            AdaptiveAvgPool2d(1),
            Flatten(),
        ]);
        RegisterComponents();
        AddHead("head", Linear(width, classes));
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor images) => body.call(images);
}
