using Sightline.Datasets.Coco;

namespace Sightline.Simulation.Labels;

/// <summary>One object in one frame.</summary>
/// <param name="Track">Its track id.</param>
/// <param name="Class">What it is.</param>
/// <param name="X">The visible box: the pixels' extent; likewise the next three.</param>
/// <param name="Y">See <paramref name="X"/>.</param>
/// <param name="Width">See <paramref name="X"/>.</param>
/// <param name="Height">See <paramref name="X"/>.</param>
/// <param name="Mask">The visible pixels.</param>
/// <param name="Visible">How many there are.</param>
/// <param name="Amodal">The box of the whole object (x, y, width, height).</param>
/// <param name="Occlusion">The hidden share of its pixels inside the image.</param>
/// <param name="Truncation">The share of its amodal box outside the image.</param>
internal sealed record ObjectLabel(
    int Track, SemanticClass Class, int X, int Y, int Width, int Height, RleMask Mask, int Visible, double[] Amodal, double Occlusion, double Truncation);
