using System.Numerics;
using Sightline.Simulation.Worlds.Shapes;

namespace Sightline.Simulation.Worlds;

/// <summary>Something that goes round and round on a circle.</summary>
/// <param name="Centre">The circle's middle.</param>
/// <param name="Radius">The circle's radius in metres.</param>
/// <param name="Speed">Along the circle, in metres per second; negative clockwise.</param>
/// <param name="Phase">Where it starts, in radians.</param>
/// <param name="Id">Its track id.</param>
/// <param name="Class">What it is.</param>
/// <param name="Rigid">Its parts when it does not bend.</param>
/// <param name="Walker">The person, when it is one.</param>
internal sealed record Mover(
    Vector2 Centre, float Radius, float Speed, float Phase, int Id, SemanticClass Class, IReadOnlyList<Primitive>? Rigid, PersonShape? Walker)
{
    /// <summary>World from object at a moment.</summary>
    public Affine Pose(double seconds)
    {
        double angle = Phase + Speed / Radius * seconds;
        var place = new Vector3(Centre.X + Radius * (float)Math.Cos(angle), Centre.Y + Radius * (float)Math.Sin(angle), 0);
        return Affine.Turn((float)(angle + (Speed < 0 ? -Math.PI / 2 : Math.PI / 2)), place);
    }

    /// <summary>Its parts at a moment: always the same parts in the same order.</summary>
    /// <param name="seconds">Time since the drive began.</param>
    /// <param name="parts">Receives the parts.</param>
    public void Parts(double seconds, List<Primitive> parts)
    {
        Affine pose = Pose(seconds);
        IReadOnlyList<Primitive> own;
        if (Walker is null)
        {
            own = Rigid!;
        }
        else
        {
            // A step is about 0.7 m; a double step is one turn of the phase.
            var builder = new ShapeBuilder([]);
            Walker.Build(builder, (float)(Math.Abs(Speed) * seconds / 1.4 * 2 * Math.PI + Phase), 0.42f);
            own = builder.Parts;
        }
        foreach (Primitive part in own)
            parts.Add(part with { Frame = pose.After(part.Frame), Object = Id, Semantic = Class });
    }
}
