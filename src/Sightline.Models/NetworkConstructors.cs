namespace Sightline.Models;

/// <summary>How each registered network is built. Apart from <see cref="Networks"/>, since reading cards must not load TorchSharp.</summary>
internal static class NetworkConstructors
{
    /// <summary>The constructor of each card: classes and variants in, the network out, not yet initialised.</summary>
    public static IReadOnlyDictionary<NetworkCard, Func<int, NetworkOptions, Classifier>> All { get; } = Table();

    private static Dictionary<NetworkCard, Func<int, NetworkOptions, Classifier>> Table()
    {
        var table = new Dictionary<NetworkCard, Func<int, NetworkOptions, Classifier>>(ReferenceEqualityComparer.Instance)
        {
            [LeNetCard.Card] = (classes, _) => new LeNet(classes),
            [Airbench94Card.Card] = (classes, options) => new Airbench94(classes, options),
            [VisionTransformerCard.Card] = (classes, options) => new VisionTransformer(classes, options),
            [MlpCard.Card] = (classes, options) => new Mlp(classes, options),
            [GoogLeNetCards.TorchVision] = (classes, options) => new GoogLeNet(GoogLeNetCards.TorchVision, classes, options),
            [GoogLeNetCards.AsInThePaper] = (classes, options) => new GoogLeNet(GoogLeNetCards.AsInThePaper, classes, options),
            [InceptionV3Card.Card] = (classes, options) => new InceptionV3(classes, options),
            [CifarInceptionDesign.Card] = (classes, options) => new CifarInception(CifarInceptionDesign.Default, classes, options),
        };
        foreach (VggDesign design in VggDesign.All)
            table[design.Card] = (classes, options) => new Vgg(design, classes, options);
        foreach (ResNetDesign design in ResNetDesign.All)
            table[design.Card] = (classes, options) => new ResNet(design, classes, options);
        foreach (MobileNetV1Design design in MobileNetV1Design.All)
            table[design.Card] = (classes, options) => new MobileNetV1(design, classes, options);
        foreach (MobileNetV2Design design in MobileNetV2Design.All)
            table[design.Card] = (classes, options) => new MobileNetV2(design, classes, options);
        foreach (MobileNetV3Design design in MobileNetV3Design.All)
            table[design.Card] = (classes, options) => new MobileNetV3(design, classes, options);
        foreach (MobileNetV4Design design in MobileNetV4Design.All)
            table[design.Card] = (classes, options) => new MobileNetV4(design, classes, options);
        foreach (EfficientNetDesign design in EfficientNetDesign.All)
            table[design.Card] = (classes, options) => new EfficientNet(design, classes, options);
        foreach (ConvNeXtDesign design in ConvNeXtDesign.All)
            table[design.Card] = (classes, options) => new ConvNeXt(design, classes, options);
        foreach (StarNetDesign design in StarNetDesign.All)
            table[design.Card] = (classes, options) => new StarNet(design, classes, options);
        return table;
    }
}
