using System.Numerics;
using Sightline.Simulation;
using Sightline.Simulation.Labels;

namespace Sightline.Tests;

public sealed class LabelTests
{
    [Theory]
    [InlineData(0f, 0f, 4f, 0.51f, 0.41f)]
    [InlineData(1f, -0.7f, 5f, 0.31f, 0.77f)]
    [InlineData(-2.2f, 1.1f, 8f, 0.2f, 0.15f)]
    public void A_lone_box_that_faces_the_camera_covers_the_pixels_whose_middles_lie_in_its_front(float x, float y, float z, float halfX, float halfY)
    {
        ObjectLabel label = Assert.Single(LoneScene.See(LoneScene.Box(1, new(x, y, z + 1e-4f), new(halfX, halfY, 1e-4f))).Labels);
        // The front face is at depth z; the box is too thin for its sides to matter.
        double left = 80 + 100 * (x - halfX) / z, right = 80 + 100 * (x + halfX) / z, top = 60 + 100 * (y - halfY) / z, bottom = 60 + 100 * (y + halfY) / z;
        int x0 = (int)Math.Ceiling(left - 0.5), x1 = (int)Math.Ceiling(right - 0.5), y0 = (int)Math.Ceiling(top - 0.5), y1 = (int)Math.Ceiling(bottom - 0.5);
        Assert.Equal((x0, y0, x1 - x0, y1 - y0), (label.X, label.Y, label.Width, label.Height));
        Assert.Equal((x1 - x0) * (y1 - y0), label.Visible);
        Assert.Equal(label.Visible, label.Mask.Area);
        Assert.Equal((0, 0), (label.Occlusion, label.Truncation));
        Assert.Equal(Math.Min(left, x0), label.Amodal[0], 5e-3);
        Assert.Equal(Math.Min(top, y0), label.Amodal[1], 5e-3);
        Assert.Equal(Math.Max(right, x1), label.Amodal[0] + label.Amodal[2], 5e-3);
        Assert.Equal(Math.Max(bottom, y1), label.Amodal[1] + label.Amodal[3], 5e-3);
    }

    [Theory]
    [InlineData(0f, 0f, 5f, 1f)]
    [InlineData(0f, 0f, 3f, 1.2f)]
    [InlineData(1.5f, -1f, 6f, 0.9f)]
    public void A_lone_sphere_covers_the_area_of_its_conic(float x, float y, float z, float radius)
    {
        ObjectLabel label = Assert.Single(LoneScene.See(LoneScene.Ball(1, new(x, y, z), radius)).Labels);
        // The outline is an ellipse of area π r² √(d² − r²) / (z² − r²)^(3/2) at focal length 1.
        double d2 = x * x + y * y + z * z, r2 = radius * radius;
        double area = Math.PI * r2 * Math.Sqrt(d2 - r2) / Math.Pow(z * (double)z - r2, 1.5) * 100 * 100;
        double outline = 2 * Math.Sqrt(Math.PI * area);
        Assert.InRange(label.Visible, area - outline * 0.35, area + outline * 0.35);
        double half = radius * Math.Sqrt(x * x + z * z - r2) / (z * (double)z - r2) * 100, middle = 80 + 100.0 * x * z / (z * (double)z - r2);
        Assert.Equal(middle - half, label.Amodal[0], 0.51);
        Assert.Equal(middle + half, label.Amodal[0] + label.Amodal[2], 0.51);
        Assert.InRange(label.X, middle - half - 0.51, middle - half + 1.6);
        Assert.InRange(label.X + label.Width, middle + half - 1.6, middle + half + 0.51);
    }

    [Fact]
    public void Half_hidden_is_occlusion_one_half_and_half_outside_is_truncation_one_half()
    {
        // 0.8 m at 4 m are 20 pixels; the wall before it hides the left ten columns.
        List<ObjectLabel> labels = LoneScene.See(
            LoneScene.Box(1, new(0, 0, 4.0005f), new(0.4f, 0.4f, 0.0005f)),
            LoneScene.Box(2, new(-0.4f, 0, 2.0005f), new(0.4f, 0.6f, 0.0005f))).Labels;
        Assert.Equal(0.5, labels[0].Occlusion, 1e-9);
        Assert.Equal((80, 50, 10, 20), (labels[0].X, labels[0].Y, labels[0].Width, labels[0].Height));
        Assert.Equal(70, labels[0].Amodal[0], 1e-2);
        Assert.Equal(20, labels[0].Amodal[2], 1e-2);
        Assert.Equal(0, labels[1].Occlusion);

        ObjectLabel cut = Assert.Single(LoneScene.See(LoneScene.Box(1, new(3.2f, 0, 4.0005f), new(0.4f, 0.4f, 0.0005f))).Labels);
        Assert.Equal(0.5, cut.Truncation, 1e-3);
        Assert.Equal((150, 50, 10, 20), (cut.X, cut.Y, cut.Width, cut.Height));
        Assert.Equal(0, cut.Occlusion);
    }

    [Fact]
    public void Depth_is_along_the_axis_of_the_camera()
    {
        (_, Simulation.Rendering.FrameBuffers b, _) = LoneScene.See(LoneScene.Box(1, new(0, 0, 4.5f), new(20, 20, 0.5f)));
        for (int y = 0; y < b.Height; y += 7)
        {
            for (int x = 0; x < b.Width; x += 7)
                Assert.Equal(4, b.Depth[y * b.Stride + x], 1e-4);
        }
    }

    [Fact]
    public void An_object_that_reaches_behind_the_camera_has_a_finite_amodal_box()
    {
        ObjectLabel label = Assert.Single(LoneScene.See(LoneScene.Box(1, new(2, 0, 0), new(0.5f, 0.5f, 30))).Labels);
        Assert.All(label.Amodal, v => Assert.True(double.IsFinite(v)));
        Assert.InRange(label.Truncation, 0.5, 1);
        Assert.True(label.Amodal[0] + label.Amodal[2] >= label.X + label.Width);
    }

    [Theory]
    [InlineData(PrimitiveKind.Ellipsoid)]
    [InlineData(PrimitiveKind.Frustum)]
    [InlineData(PrimitiveKind.TaperedBox)]
    [InlineData(PrimitiveKind.Box)]
    [InlineData(PrimitiveKind.Triangle)]
    public void The_amodal_box_is_the_extent_of_points_sampled_on_the_surface(PrimitiveKind kind)
    {
        var s = new SeedStream(3, "amodal", (int)kind);
        for (int i = 0; i < 30; i++)
        {
            Primitive p;
            do
            {
                p = RayCasterTests.RandomPrimitive(ref s, i);
            }
            while (p.Kind != kind);
            p = p with { Frame = p.Frame with { Origin = new Vector3(p.Frame.Origin.X / 3, p.Frame.Origin.Y / 3, 7) } };
            AmodalBox box = AmodalBox.Empty;
            box.Add(p, Affine.Identity);
            (double left, double top, double right, double bottom) = box.Edges(LoneScene.Camera);
            (double l, double t, double r, double b) = SampledExtent(p);
            // Samples lie inside, and come near each edge.
            Assert.InRange(l, left - 0.01, left + 0.35);
            Assert.InRange(t, top - 0.01, top + 0.35);
            Assert.InRange(r, right - 0.35, right + 0.01);
            Assert.InRange(b, bottom - 0.35, bottom + 0.01);
        }
    }

    private static (double Left, double Top, double Right, double Bottom) SampledExtent(Primitive p)
    {
        (double l, double t, double r, double b) = (1e9, 1e9, -1e9, -1e9);
        const int n = 240;
        for (int i = 0; i <= n; i++)
        {
            for (int j = 0; j <= n; j++)
            {
                float u = (float)i / n, v = (float)j / n;
                (float sin, float cos) = MathF.SinCos(2 * MathF.PI * u);
                float z = 2 * v - 1, ring = MathF.Sqrt(MathF.Max(0, 1 - z * z));
                float grow = (1 + p.A) / 2 + z * (p.A - 1) / 2;
                Vector3 own = p.Kind switch
                {
                    PrimitiveKind.Ellipsoid => new(ring * cos, ring * sin, z),
                    PrimitiveKind.Frustum => new(grow * cos, grow * sin, z),
                    PrimitiveKind.Triangle => new(u, v * (1 - u), 0),
                    PrimitiveKind.Box => Edge(-1, 1, 1, u, z),
                    _ => Edge(p.A, p.B, p.C, u, z),
                };
                Vector2 seen = LoneScene.Camera.Project(p.Frame.Point(own));
                (l, t, r, b) = (Math.Min(l, seen.X), Math.Min(t, seen.Y), Math.Max(r, seen.X), Math.Max(b, seen.Y));
            }
        }
        return (l, t, r, b);

        static Vector3 Edge(float back, float front, float side, float u, float z)
        {
            // Around the outline of the slice at height z.
            float k = (z + 1) / 2, x0 = -1 + k * (back + 1), x1 = 1 + k * (front - 1), y = 1 + k * (side - 1), turn = u * 4 % 4, part = turn % 1;
            return (int)turn switch
            {
                0 => new(x0 + part * (x1 - x0), -y, z),
                1 => new(x1, -y + 2 * part * y, z),
                2 => new(x1 + part * (x0 - x1), y, z),
                _ => new(x0, y - 2 * part * y, z),
            };
        }
    }
}
