namespace Sightline.Models;

/// <summary>The cards of all MobileNets, by version; loads no libtorch.</summary>
internal static class MobileNetCards
{
    /// <summary>All cards.</summary>
    public static IEnumerable<NetworkCard> All { get; } =
    [
        .. MobileNetV1Design.All.Select(d => d.Card), .. MobileNetV2Design.All.Select(d => d.Card),
        .. MobileNetV3Design.All.Select(d => d.Card), .. MobileNetV4Design.All.Select(d => d.Card),
    ];
}
