// A small network of inception blocks for 32-pixel images: what the lab of question 12 varies.
//
//   32 → 3×3 → max pool → 16 → blocks → max pool → 8 → blocks, twice as wide → average → linear
//        auxiliary classifiers behind the first and second third of the blocks

using Sightline.Torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Inception blocks at 16×16 and 8×8 pixels.</summary>
public sealed class CifarInception : InceptionNetwork
{
    private const int Stem = 32;

    /// <summary>Builds a design.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Dropout in front of the classifier, and whether there are auxiliary classifiers.</param>
    public CifarInception(CifarInceptionDesign design, int classes, NetworkOptions options)
        : base(CifarInceptionDesign.Card)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(design.Blocks, 2);
        Add("stem", new ConvolutionUnit(3, Stem, 3, norm: design.Norm));
        Add("pool1", MaxPool2d(kernel_size: 3, stride: 2, padding: 1));            // 32 → 16
        int channels = Stem, blocks = 2 * design.Blocks;
        for (int block = 1; block <= blocks; block++)
        {
            int scale = block <= design.Blocks ? 1 : 2;
            if (block == design.Blocks + 1)
                Add("pool2", MaxPool2d(kernel_size: 3, stride: 2, padding: 1));    // 16 → 8
            InceptionWidths widths = design.Widths.Times(scale);
            Add($"inception{block}", new InceptionBlock(channels, widths, design.Norm, factorisation: design.Factorisation));
            channels = widths.Outputs;
            if (options.Auxiliary != false && (block == blocks / 3 || block == 2 * blocks / 3))
                AddAuxiliary(block == blocks / 3 ? "aux1" : "aux2", new GoogLeNetAuxiliary(channels, classes, width: 32, hidden: 128, norm: design.Norm));
        }
        AddHead("fc", Linear(channels, classes), options.Dropout ?? 0);

        // Blocks of 8 channels: see Airbench94, where the same holds.
        ChannelsLast.Apply(this);
    }

    /// <inheritdoc/>
    public override double AuxiliaryWeight => 0.3;
}
