// Inception v3. Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: "Rethinking the Inception Architecture for Computer Vision", CVPR 2016
// (arXiv 1512.00567), table 1.
//
// The inception block again, by rules: large windows made of small ones (5×5 as two 3×3, 7×7 as 1×7 and 7×1), the map halved by
// convolutions and a pool side by side instead of one behind the other, and BatchNorm everywhere. One auxiliary classifier at 17×17,
// which the paper calls a regulariser: it helps at the end of training, not at its beginning (section 4).
//
//   299 → 3×3/2, 3×3, 3×3 → pool → 73 → 1×1, 3×3 → pool → 35 → A A A → B → 17 → C C C C → D → 8 → E E → average → linear
//                                                                              C → AuxLogits

using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Inception v3, as torchvision has it.</summary>
public sealed class InceptionV3 : InceptionNetwork
{
    /// <summary>Builds the network.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal InceptionV3(int classes, NetworkOptions options)
        : base(InceptionV3Card.Card)
    {
        Add("Conv2d_1a_3x3", new ConvolutionUnit(3, 32, 3, stride: 2, padded: false));   // 299 → 149
        Add("Conv2d_2a_3x3", new ConvolutionUnit(32, 32, 3, padded: false));             // 149 → 147
        Add("Conv2d_2b_3x3", new ConvolutionUnit(32, 64, 3));
        Add("maxpool1", MaxPool2d(kernel_size: 3, stride: 2));                           // 147 → 73
        Add("Conv2d_3b_1x1", new ConvolutionUnit(64, 80, 1));
        Add("Conv2d_4a_3x3", new ConvolutionUnit(80, 192, 3, padded: false));            // 73 → 71
        Add("maxpool2", MaxPool2d(kernel_size: 3, stride: 2));                           // 71 → 35
        Add("Mixed_5b", new InceptionA(192, pooled: 32));
        Add("Mixed_5c", new InceptionA(256, pooled: 64));
        Add("Mixed_5d", new InceptionA(288, pooled: 64));
        Add("Mixed_6a", new InceptionB(288));                                            // 35 → 17
        Add("Mixed_6b", new InceptionC(768, inner: 128));
        Add("Mixed_6c", new InceptionC(768, inner: 160));
        Add("Mixed_6d", new InceptionC(768, inner: 160));
        Add("Mixed_6e", new InceptionC(768, inner: 192));
        if (options.Auxiliary != false)
            AddAuxiliary("AuxLogits", new InceptionV3Auxiliary(768, classes));
        Add("Mixed_7a", new InceptionD(768));                                            // 17 → 8
        Add("Mixed_7b", new InceptionE(1280));
        Add("Mixed_7c", new InceptionE(2048));
        AddHead("fc", Linear(2048, classes), options.Dropout ?? 0.5);
    }

    /// <summary>The paper doesn't say; 0.4 is what its authors' code and everybody since take.</summary>
    public override double AuxiliaryWeight => 0.4;
}
