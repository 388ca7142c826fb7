using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Sightline.Simulation.Surfaces;
using Sightline.Simulation.Worlds;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Rendering;

/// <summary>The sky: a gradient, the sun with its glow, clouds on a plane overhead.</summary>
internal static class SkyModel
{
    /// <summary>The sky's light from sixteen directions of length 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Light(Weather w, in Lanes x, in Lanes y, in Lanes z, out Lanes red, out Lanes green, out Lanes blue)
    {
        Gradient(w, z, out red, out green, out blue);
        Lanes up = Max(z, All(0.015f));
        Lanes scale = All(1.3f) / (up + All(0.08f));
        Lanes u = x * scale, v = y * scale;
        Lanes n = Noise.Value(u, v, w.CloudSeed) * 0.5f;
        n = MulAdd(Noise.Value(u * 2.1f, v * 2.1f, w.CloudSeed + 1), All(0.27f), n);
        n = MulAdd(Noise.Value(u * 4.3f, v * 4.3f, w.CloudSeed + 2), All(0.15f), n);
        n = MulAdd(Noise.Value(u * 8.9f, v * 8.9f, w.CloudSeed + 3), All(0.08f), n);
        Lanes cover = Saturate((n - All(0.78f - 0.55f * w.Clouds)) * 4.5f) * Saturate((z - All(0.01f)) * 9f);
        Lanes thick = Saturate((n - All(0.85f - 0.5f * w.Clouds)) * 3f);
        Lanes towardsSun = Saturate(Dot(x, y, z, All(w.SunDirection.X), All(w.SunDirection.Y), All(w.SunDirection.Z)));
        Lanes p2 = towardsSun * towardsSun, p4 = p2 * p2, p8 = p4 * p4, p32 = p8 * p8 * p8 * p8, p256 = p32 * p32;
        p256 = p256 * p256 * p256 * p256;
        Lanes light = MulAdd(thick, All(-0.3f), All(1.02f));
        red = Mix(red, MulAdd(All(w.SunColour.X * 0.35f), light, All(w.Horizon.X * 0.55f)) * light, cover);
        green = Mix(green, MulAdd(All(w.SunColour.Y * 0.35f), light, All(w.Horizon.Y * 0.55f)) * light, cover);
        blue = Mix(blue, MulAdd(All(w.SunColour.Z * 0.35f), light, All(w.Horizon.Z * 0.55f)) * light, cover);
        Lanes clear = MulAdd(cover, All(-0.8f), Lanes.One);
        Lanes glow = MulAdd(p8, All(0.08f), MulAdd(p32, All(0.25f), p256 * 6f)) * clear;
        red = MulAdd(glow, All(w.SunColour.X), red);
        green = MulAdd(glow, All(w.SunColour.Y), green);
        blue = MulAdd(glow, All(w.SunColour.Z), blue);
    }

    /// <summary>The sky without sun and clouds, which glossy surfaces mirror.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gradient(Weather w, Lanes z, out Lanes red, out Lanes green, out Lanes blue)
    {
        Lanes down = Lanes.One - Saturate(z);
        Lanes low = down * down * down;
        red = Mix(All(w.Zenith.X), All(w.Horizon.X), low);
        green = Mix(All(w.Zenith.Y), All(w.Horizon.Y), low);
        blue = Mix(All(w.Zenith.Z), All(w.Horizon.Z), low);
    }
}
