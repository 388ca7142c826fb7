using System.Numerics;

namespace Sightline.Simulation.Worlds;

/// <summary>Linear reflectances of paints and materials, written as they look on a screen.</summary>
internal static class Colours
{
    public static readonly Vector3 Orange = Srgb(236, 92, 22);
    public static readonly Vector3 Red = Srgb(190, 32, 30);
    public static readonly Vector3 Yellow = Srgb(240, 190, 30);
    public static readonly Vector3 Lime = Srgb(190, 226, 40);
    public static readonly Vector3 Green = Srgb(40, 120, 60);
    public static readonly Vector3 Blue = Srgb(30, 80, 165);
    public static readonly Vector3 Navy = Srgb(28, 38, 70);
    public static readonly Vector3 White = Srgb(232, 232, 226);
    public static readonly Vector3 Grey = Srgb(140, 142, 144);
    public static readonly Vector3 DarkGrey = Srgb(66, 68, 72);
    public static readonly Vector3 Black = Srgb(24, 24, 26);
    public static readonly Vector3 Rust = Srgb(128, 68, 40);
    public static readonly Vector3 Wood = Srgb(190, 152, 104);
    public static readonly Vector3 DarkWood = Srgb(122, 88, 58);
    public static readonly Vector3 Cardboard = Srgb(178, 134, 88);
    public static readonly Vector3 Concrete = Srgb(150, 147, 140);
    public static readonly Vector3 Asphalt = Srgb(86, 86, 88);
    public static readonly Vector3 Brick = Srgb(150, 78, 58);
    public static readonly Vector3 Steel = Srgb(120, 128, 138);
    public static readonly Vector3 Glass = Srgb(28, 36, 44);
    public static readonly Vector3 Leaf = Srgb(70, 104, 46);
    public static readonly Vector3 Denim = Srgb(52, 66, 100);
    public static readonly Vector3 Khaki = Srgb(142, 128, 92);

    /// <summary>A colour from its screen values, 0–255.</summary>
    public static Vector3 Srgb(int r, int g, int b) => new(Linear(r), Linear(g), Linear(b));

    private static float Linear(int value)
    {
        float v = value / 255f;
        return v <= 0.04045f ? v / 12.92f : MathF.Pow((v + 0.055f) / 1.055f, 2.4f);
    }
}
