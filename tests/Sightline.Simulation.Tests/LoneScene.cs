using System.Numerics;
using Sightline.Simulation;
using Sightline.Simulation.Labels;
using Sightline.Simulation.Recording;
using Sightline.Simulation.Rendering;
using Sightline.Simulation.Surfaces;
using Sightline.Simulation.Worlds;

namespace Sightline.Tests;

/// <summary>Worlds that hold only what a test puts before the camera, so that labels can be told in closed form.</summary>
internal static class LoneScene
{
    public static PinholeCamera Camera { get; } = new(160, 120, 100, 100, 80, 60);

    /// <summary>Renders and labels primitives that are given in the camera's frame: x right, y down, z forward.</summary>
    public static (FrameView View, FrameBuffers Buffers, List<ObjectLabel> Labels) See(params Primitive[] inCamera)
    {
        Yard empty = Yard([], []);
        Affine worldFromCamera = new FrameView(empty, Camera, CameraMount.BodyFromCamera, 1, 0).WorldFromCamera;
        Primitive[] world = [.. inCamera.Select(p => p with { Frame = worldFromCamera.After(p.Frame) })];
        WorldObject[] objects = [.. world.Select((p, i) => new WorldObject(p.Object, p.Semantic, i, 1, false))];
        var view = new FrameView(Yard(world, objects), Camera, CameraMount.BodyFromCamera, 1, 0);
        var buffers = new FrameBuffers(Camera.Width, Camera.Height);
        FrameRenderer.Render(view, buffers);
        return (view, buffers, FrameLabeller.Label(view, buffers, 1));
    }

    public static Primitive Box(int id, Vector3 centre, Vector3 half) =>
        new(PrimitiveKind.Box, Affine.Scale(half) with { Origin = centre }, id, SemanticClass.Crate, 0);

    public static Primitive Ball(int id, Vector3 centre, float radius) =>
        new(PrimitiveKind.Ellipsoid, Affine.Scale(new(radius)) with { Origin = centre }, id, SemanticClass.Barrel, 0);

    private static Yard Yard(Primitive[] world, WorldObject[] objects)
    {
        var layout = new SeedStream(5, "test layout");
        var sky = new SeedStream(5, "test weather");
        Material[] grey = [new(Pattern.Plain, new(0.4f), new(0.4f), 1, 0, 0, 1)];
        return new(grey, new RayCaster(world), [], objects, Weather.Draw(ref sky, 0.5f), new RobotPath(ref layout, 20, 15, 1), new GroundLight(new RayCaster([]), 1, 1));
    }
}
