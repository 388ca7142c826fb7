using System.Numerics;

namespace Sightline.Simulation.Worlds;

/// <summary>A smooth closed way through the yard (a Catmull–Rom curve), driven at nearly constant speed.</summary>
internal sealed class RobotPath
{
    private readonly Vector2[] points;
    private readonly double[] distances;
    private readonly double speed, swayAmount, swayRate, lookAmount, lookRate, lookPhase;

    /// <summary>Draws a way inside the yard.</summary>
    /// <param name="s">Draws.</param>
    /// <param name="halfLength">Half the yard's extent along x, in metres.</param>
    /// <param name="halfWidth">Half its extent along y.</param>
    /// <param name="scale">The yard's size relative to an ordinary one: a longer way has more points, as far apart.</param>
    public RobotPath(ref SeedStream s, float halfLength, float halfWidth, float scale)
    {
        int stepsPerSegment = (int)(64 * scale);
        int corners = 8 + s.NextInt(3);
        double start = s.Uniform(0, 2 * Math.PI);
        int turn = s.Chance(0.5) ? 1 : -1;
        var waypoints = new Vector2[corners];
        for (int i = 0; i < corners; i++)
        {
            double angle = start + turn * 2 * Math.PI * (i + s.Uniform(-0.22, 0.22)) / corners;
            float reach = s.Range(0.42f, 0.8f);
            waypoints[i] = new((float)Math.Cos(angle) * reach * halfLength, (float)Math.Sin(angle) * reach * halfWidth);
        }
        points = new Vector2[corners * stepsPerSegment + 1];
        for (int i = 0; i < points.Length; i++)
        {
            int k = i / stepsPerSegment % corners;
            points[i] = CatmullRom(
                waypoints[(k + corners - 1) % corners], waypoints[k], waypoints[(k + 1) % corners], waypoints[(k + 2) % corners],
                i % stepsPerSegment / (float)stepsPerSegment);
        }
        distances = new double[points.Length];
        for (int i = 1; i < points.Length; i++)
            distances[i] = distances[i - 1] + Vector2.Distance(points[i - 1], points[i]);
        speed = s.Uniform(1.1, 1.6);
        swayAmount = s.Uniform(0.003, 0.009);
        swayRate = s.Uniform(5, 9);
        lookAmount = s.Uniform(0.1, 0.35);
        lookRate = s.Uniform(0.25, 0.5);
        lookPhase = s.Uniform(0, 6);
    }

    /// <summary>The distance from a place to the nearest point of the way, in metres.</summary>
    public float Distance(Vector2 place)
    {
        float least = float.PositiveInfinity;
        for (int i = 0; i < points.Length; i += 2)
            least = MathF.Min(least, Vector2.DistanceSquared(points[i], place));
        return MathF.Sqrt(least);
    }

    /// <summary>Points along the way, less than half a metre apart.</summary>
    public IEnumerable<Vector2> Samples()
    {
        for (int i = 0; i < points.Length; i += 2)
            yield return points[i];
    }

    /// <summary>World from robot at a moment.</summary>
    /// <param name="seconds">Time since the drive began.</param>
    /// <returns>The robot's place and attitude.</returns>
    public RobotPose At(double seconds)
    {
        // The speed swells and falls a little; its integral is written out so that any moment can be asked for.
        double travelled = speed * (seconds + 0.35 * Math.Sin(0.5 * seconds));
        double length = distances[^1], along = travelled % length;
        if (along < 0)
            along += length;
        Vector2 here = Point(along);
        Vector2 ahead = Point((along + 0.3) % length) - Point((along - 0.3 + length) % length);
        double yaw = Math.Atan2(ahead.Y, ahead.X) + lookAmount * Math.Sin(lookRate * seconds + lookPhase);
        double pitch = swayAmount * Math.Sin(swayRate * seconds) + swayAmount * 0.6 * Math.Sin(2.3 * swayRate * seconds + 1);
        double roll = swayAmount * 0.8 * Math.Sin(0.77 * swayRate * seconds + 2);
        Quaternion rotation = Quaternion.CreateFromAxisAngle(Vector3.UnitZ, (float)yaw)
            * Quaternion.CreateFromAxisAngle(Vector3.UnitY, (float)pitch)
            * Quaternion.CreateFromAxisAngle(Vector3.UnitX, (float)roll);
        return new(new(here, 0), Quaternion.Normalize(rotation));
    }

    private Vector2 Point(double along)
    {
        int i = Array.BinarySearch(distances, along);
        if (i < 0)
            i = Math.Max(0, ~i - 1);
        i = Math.Min(i, points.Length - 2);
        double part = (along - distances[i]) / Math.Max(1e-9, distances[i + 1] - distances[i]);
        return Vector2.Lerp(points[i], points[i + 1], (float)part);
    }

    private static Vector2 CatmullRom(Vector2 a, Vector2 b, Vector2 c, Vector2 d, float t) => 0.5f * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * (t * t) + (3 * b - a - 3 * c + d) * (t * t * t));
}
