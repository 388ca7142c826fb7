using System.Numerics;
using Sightline.Datasets.Coco;
using Sightline.Simulation;
using Sightline.Simulation.Labels;
using Sightline.Simulation.Recording;
using Sightline.Simulation.Rendering;
using Sightline.Simulation.Worlds;

namespace Sightline.Tests;

public sealed class FrameTests
{
    private static readonly PinholeCamera camera = PinholeCamera.FromView(100, 75, 1.2);

    [Fact]
    public void Every_pixel_shows_what_the_plain_twin_meets()
    {
        (FrameView view, FrameBuffers b, _) = Render(3, 1, 4.2);
        var world = Enumerable.Range(0, view.Scene.FirstMoving + view.MovingParts.Count).Select(i => view.Scene.Primitive(i)).ToList();
        int odd = 0, looked = 0;
        for (int y = 2; y < b.Height; y += 5)
        {
            for (int x = 1; x < b.Width; x += 5)
            {
                Vector3 direction = view.WorldFromCamera.Direction(camera.Direction(x + 0.5, y + 0.5));
                (double distance, int primitive) = ReferenceCaster.Cast(world, new Ray(view.WorldFromCamera.Origin, direction));
                int at = y * b.Stride + x, seen = b.Surface[at] < 0 ? -1 : b.Surface[at] & ~SurfaceShader.Sunlit;
                looked++;
                // On the very edge of a thing rounding decides.
                if (seen != primitive && !(Math.Abs(distance - b.Depth[at]) < 1e-3))
                    odd++;
                else if (primitive >= 0)
                    Assert.Equal(distance, b.Depth[at], 1e-3 + 1e-4 * distance);
                int expected = primitive < 0 ? 0 : world[primitive].Object > 0 ? world[primitive].Object : -(int)world[primitive].Semantic;
                if (seen == primitive)
                    Assert.Equal(expected, b.Object[at]);
            }
        }
        Assert.True(odd <= looked / 100, $"{odd} of {looked} pixels differ");
    }

    [Fact]
    public void The_scene_gives_cameras_and_lidars_the_same_hits()
    {
        (FrameView view, FrameBuffers b, _) = Render(3, 1, 4.2);
        var rays = new List<Ray>();
        for (int x = 0; x < b.Width; x++)
            rays.Add(new Ray(view.WorldFromCamera.Origin, view.WorldFromCamera.Direction(camera.Direction(x + 0.5, 40.5))));
        var hits = new Hit[rays.Count];
        view.Scene.Cast([.. rays], hits);
        for (int x = 0; x < b.Width; x++)
        {
            int at = 40 * b.Stride + x;
            Assert.Equal(b.Surface[at] < 0 ? -1 : b.Surface[at] & ~SurfaceShader.Sunlit, hits[x].Primitive);
            if (hits[x].IsHit)
                Assert.Equal(b.Depth[at], hits[x].Distance, 1e-3);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void Labels_agree_with_each_other(ulong seed)
    {
        int labelled = 0;
        for (int frame = 0; frame < 12; frame++)
        {
            (FrameView view, FrameBuffers b, List<ObjectLabel> labels) = Render(seed, 1, frame * 3.1);
            var taken = new bool[b.Width * b.Height];
            foreach (ObjectLabel l in labels)
            {
                labelled++;
                Assert.Equal((l.X, l.Y, l.Width, l.Height), l.Mask.BoundingBox());
                Assert.Equal(l.Visible, l.Mask.Area);
                Assert.Equal(b.Width * b.Height, l.Mask.Counts.Sum());
                Assert.All(l.Mask.Counts.Skip(1), c => Assert.True(c > 0));
                Assert.InRange(l.Occlusion, 0, 1);
                Assert.InRange(l.Truncation, 0, 1);
                Assert.True(l.Amodal[0] <= l.X && l.Amodal[1] <= l.Y, "the amodal box holds the visible one");
                Assert.True(l.Amodal[0] + l.Amodal[2] >= l.X + l.Width && l.Amodal[1] + l.Amodal[3] >= l.Y + l.Height, "the amodal box holds the visible one");
                Assert.Equal(view.Yard.Objects[l.Track - 1].Class, l.Class);
                byte[] mask = l.Mask.ToBitmap();
                for (int i = 0; i < mask.Length; i++)
                {
                    Assert.Equal(mask[i] == 1, b.Object[i / b.Width * b.Stride + i % b.Width] == l.Track);
                    Assert.False(mask[i] == 1 && taken[i], "masks are disjoint");
                    taken[i] |= mask[i] == 1;
                }
            }
        }
        Assert.True(labelled > 100, $"only {labelled} objects: the test would prove little");
    }

    [Fact]
    public void Movement_over_the_image_is_that_of_the_point_seen()
    {
        (FrameView view, FrameBuffers b, _) = Render(1, 1, 2.5, turn: true);
        double half = view.Yard.Weather.ShutterSeconds / 2;
        int moved = 0;
        for (int y = 3; y < b.Height; y += 6)
        {
            for (int x = 3; x < b.Width; x += 6)
            {
                int at = y * b.Stride + x;
                if (b.Object[at] >= 0 || float.IsInfinity(b.Depth[at]))
                    continue;
                // The point is still; the camera goes by. What is seen at mid-exposure is found again from where the robot was.
                Vector3 point = view.WorldFromCamera.Point(camera.Direction(x + 0.5, y + 0.5) * b.Depth[at]);
                Vector2 open = camera.Project(view.Yard.Path.At(2.5 - half).Frame.After(CameraMount.BodyFromCamera).Inverse().Point(point));
                Vector2 close = camera.Project(view.Yard.Path.At(2.5 + half).Frame.After(CameraMount.BodyFromCamera).Inverse().Point(point));
                Assert.Equal(close.X - open.X, b.MotionX[at], 0.02);
                Assert.Equal(close.Y - open.Y, b.MotionY[at], 0.02);
                moved += (close - open).Length() > 0.05f ? 1 : 0;
            }
        }
        Assert.True(moved > 20, $"only {moved} points move");
    }

    [Fact]
    public void Blur_smears_along_the_movement_and_keeps_what_stands_still()
    {
        var b = new FrameBuffers(64, 16);
        for (int y = 0; y < 16; y++)
        {
            b.Red[y * b.Stride + 32] = 1;
            for (int x = 0; x < 64; x++)
                b.MotionX[y * b.Stride + x] = y < 8 ? 8 : 0;
        }
        MotionBlur.Apply(b);
        Assert.Equal(1, b.BlurRed[12 * b.Stride + 32]);
        Assert.Equal(0, b.BlurRed[12 * b.Stride + 33]);
        float sum = 0;
        for (int x = 0; x < 64; x++)
            sum += b.BlurRed[4 * b.Stride + x];
        Assert.Equal(1, sum, 0.05);
        Assert.InRange(b.BlurRed[4 * b.Stride + 32], 0.05f, 0.2f);
        Assert.InRange(b.BlurRed[4 * b.Stride + 35], 0.05f, 0.2f);
        Assert.Equal(0, b.BlurRed[4 * b.Stride + 38]);
    }

    [Fact]
    public void Yards_differ_from_drive_to_drive_and_hold_every_class()
    {
        Yard one = YardBuilder.Build(4, 1, 0.5f), two = YardBuilder.Build(4, 2, 0.5f), again = YardBuilder.Build(4, 1, 0.5f);
        Assert.Equal(one.Standing.Primitives, again.Standing.Primitives);
        Assert.NotEqual(one.Standing.Primitives.Take(20), two.Standing.Primitives.Take(20));
        Assert.NotEqual(one.Weather.SunDirection, two.Weather.SunDirection);
        foreach (Yard yard in new[] { one, two })
        {
            foreach (SemanticClass kind in SemanticClasses.Objects)
                Assert.True(yard.Objects.Count(o => o.Class == kind) >= 5, $"{kind}: {yard.Objects.Count(o => o.Class == kind)}");
            Assert.Equal(Enumerable.Range(1, yard.Objects.Count), yard.Objects.Select(o => o.Id));
            Assert.Contains(yard.Objects, o => o.Moves);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void The_robot_drives_smoothly_and_through_nothing(float scale)
    {
        for (int drive = 1; drive <= 4; drive++)
        {
            Yard yard = YardBuilder.Build(11, drive, 0.5f, scale);
            var obstacles = new RayCaster([.. yard.Standing.Primitives.Where(p => p.Semantic != SemanticClass.Ground)]);
            Vector3 last = yard.Path.At(0).Position;
            for (double t = 0.05; t < 40 * scale; t += 0.05)
            {
                RobotPose pose = yard.Path.At(t);
                Assert.InRange(Vector3.Distance(last, pose.Position), 0.02f, 0.15f);
                last = pose.Position;
                // Nothing stands within 40 cm of the camera, all around.
                var rays = new Ray[16];
                for (int i = 0; i < rays.Length; i++)
                    rays[i] = new Ray(pose.Position + new Vector3(0, 0, 0.5f), new(MathF.Cos(i * MathF.PI / 8), MathF.Sin(i * MathF.PI / 8), 0), 0.4f);
                var hits = new Hit[rays.Length];
                obstacles.Cast(rays, hits);
                Assert.All(hits, h => Assert.False(h.IsHit));
            }
        }
    }

    private static (FrameView View, FrameBuffers Buffers, List<ObjectLabel> Labels) Render(ulong seed, int drive, double seconds, bool turn = false)
    {
        Yard yard = YardBuilder.Build(seed, drive, 0.5f);
        if (turn)
            yard = yard with { Weather = yard.Weather with { ShutterSeconds = 0.02 } };
        var view = new FrameView(yard, camera, CameraMount.BodyFromCamera, seconds, 1);
        var buffers = new FrameBuffers(camera.Width, camera.Height);
        FrameRenderer.Render(view, buffers);
        return (view, buffers, FrameLabeller.Label(view, buffers, 4));
    }
}
