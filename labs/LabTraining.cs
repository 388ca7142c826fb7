namespace Sightline.Labs;

/// <summary>One training as the labs do it.</summary>
internal static class LabTraining
{
    /// <summary>How many validation images the curve uses at each epoch; the last number goes over all of them.</summary>
    public const int CurveImages = 500;
}
