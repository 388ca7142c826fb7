using System.Numerics;

namespace Sightline.Simulation.Worlds;

/// <summary>Light and air of a drive. Colours are linear, the sun on a white surface is about 1.</summary>
internal sealed record Weather
{
    /// <summary>Where the sun stands, a unit vector towards it.</summary>
    public required Vector3 SunDirection { get; init; }

    /// <summary>The sun's light.</summary>
    public required Vector3 SunColour { get; init; }

    /// <summary>The sky's light on a surface that looks up.</summary>
    public required Vector3 Ambient { get; init; }

    /// <summary>The sky overhead.</summary>
    public required Vector3 Zenith { get; init; }

    /// <summary>The sky at the horizon, and the fog.</summary>
    public required Vector3 Horizon { get; init; }

    /// <summary>How much of the sky is clouds, 0–1.</summary>
    public required float Clouds { get; init; }

    /// <summary>Extinction of the fog, per metre.</summary>
    public required float Fog { get; init; }

    /// <summary>The factor from light to the sensor's range.</summary>
    public required float Exposure { get; init; }

    /// <summary>How long the shutter is open, in seconds.</summary>
    public required double ShutterSeconds { get; init; }

    /// <summary>Shot noise: variance per unit of signal.</summary>
    public required float ShotNoise { get; init; }

    /// <summary>Read noise: standard deviation.</summary>
    public required float ReadNoise { get; init; }

    /// <summary>How the camera balances white, a factor for each channel.</summary>
    public required Vector3 WhiteBalance { get; init; }

    /// <summary>Makes the clouds of each drive their own.</summary>
    public required int CloudSeed { get; init; }

    /// <summary>The light at a moment: clouds pass before the sun, and the camera's exposure and white balance follow late.</summary>
    /// <param name="seconds">Time since the drive began.</param>
    /// <returns>The weather then.</returns>
    public Weather At(double seconds)
    {
        float phase = CloudSeed % 628 / 100f, t = (float)seconds;
        // From nearly hidden to full sun and back, about twice a minute.
        float sun = 0.72f + 0.28f * MathF.Sin(0.21f * t + phase) * MathF.Cos(0.093f * t + 2 * phase);
        float exposure = MathF.Pow(2, 0.3f * MathF.Sin(0.33f * t + 3 * phase));
        float warm = 0.05f * MathF.Sin(0.17f * t + 5 * phase);
        return this with
        {
            SunColour = SunColour * sun,
            Exposure = Exposure * exposure,
            WhiteBalance = WhiteBalance * new Vector3(1 + warm, 1, 1 - warm),
        };
    }

    /// <summary>Draws a drive's weather.</summary>
    /// <param name="s">Draws.</param>
    /// <param name="difficulty">0–1: how much fog, noise and wrong exposure there may be.</param>
    public static Weather Draw(ref SeedStream s, float difficulty)
    {
        float azimuth = s.Range(0, 2 * MathF.PI), elevation = s.Range(0.28f, 1.15f);
        float clouds = s.Range(0.05f, 0.95f), overcast = Math.Clamp((clouds - 0.5f) * 2, 0, 1);
        float low = 1 - Math.Clamp((elevation - 0.25f) / 0.5f, 0, 1);
        var direction = new Vector3(MathF.Cos(azimuth) * MathF.Cos(elevation), MathF.Sin(azimuth) * MathF.Cos(elevation), MathF.Sin(elevation));
        Vector3 sun = Vector3.Lerp(new(1.0f, 0.95f, 0.87f), new(1.0f, 0.74f, 0.47f), low) * (1.55f * (1 - 0.85f * overcast));
        Vector3 zenith = Vector3.Lerp(new(0.16f, 0.32f, 0.66f), new(0.52f, 0.55f, 0.6f), overcast);
        Vector3 horizon = Vector3.Lerp(Vector3.Lerp(new(0.62f, 0.74f, 0.88f), new(0.88f, 0.72f, 0.55f), low * 0.7f), new(0.66f, 0.68f, 0.7f), overcast);
        Vector3 ambient = (zenith * 0.5f + horizon * 0.5f) * (0.62f + 0.35f * overcast);
        float dark = s.Range(0, 1), wrong = s.Range(-0.45f, 0.3f) * difficulty * 2;
        return new()
        {
            SunDirection = direction,
            SunColour = sun,
            Ambient = ambient,
            Zenith = zenith,
            Horizon = horizon,
            Clouds = clouds,
            Fog = s.Chance(0.4) ? s.Range(0.006f, 0.045f) * difficulty * 2 : s.Range(0.0008f, 0.004f),
            Exposure = 0.95f * MathF.Pow(2, wrong) * (1 + 0.45f * overcast),
            ShutterSeconds = s.Uniform(0.003, 0.012) * (1 + difficulty + overcast),
            ShotNoise = (0.00025f + 0.0011f * dark) * (0.3f + 1.4f * difficulty),
            ReadNoise = (0.0012f + 0.0035f * dark) * (0.3f + 1.4f * difficulty),
            WhiteBalance = new(s.Range(0.93f, 1.07f), 1, s.Range(0.93f, 1.07f)),
            CloudSeed = s.SurfaceSeed(),
        };
    }
}
