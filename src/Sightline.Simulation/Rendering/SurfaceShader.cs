using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Sightline.Simulation.Casting;
using Sightline.Simulation.Surfaces;
using Sightline.Simulation.Worlds;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Rendering;

/// <summary>Follows sixteen rays from the camera to what they see: surface, texture, sun and its shadow, sky light, gloss, fog.</summary>
/// <param name="view">The frame.</param>
internal sealed class SurfaceShader(FrameView view)
{
    /// <summary>Set in <see cref="Shaded.Surface"/> where the sun reaches the surface.</summary>
    public const int Sunlit = 1 << 30;

    private readonly FrameScene scene = view.Scene;
    private readonly Weather weather = view.Yard.Weather;

    /// <summary>Casts the rays and shades what they meet.</summary>
    /// <param name="p">A prepared packet; afterwards it holds the hits.</param>
    /// <param name="motion">Whether to compute the movement over the image.</param>
    /// <param name="o">Receives what is seen.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Shade(ref RayPacket p, bool motion, out Shaded o)
    {
        scene.Closest(ref p);
        IntLanes prim = p.Primitive;
        uint hits = (uint)Vector512.ExtractMostSignificantBits(~Vector512.LessThan(prim, IntLanes.Zero));
        Lanes length = Vector512.Sqrt(Dot(p.Dx, p.Dy, p.Dz, p.Dx, p.Dy, p.Dz)), perLength = Lanes.One / length;
        Lanes vx = p.Dx * perLength, vy = p.Dy * perLength, vz = p.Dz * perLength;
        o = default;
        o.Surface = prim;
        if (hits != 0xffff)
        {
            SkyModel.Light(weather, vx, vy, vz, out o.Red, out o.Green, out o.Blue);
            if (motion)
                Movement(p.Dx, p.Dy, p.Dz, p.Dx, p.Dy, p.Dz, 0, out o.MotionX, out o.MotionY);
        }
        if (hits == 0)
            return;

        Lanes t = Pick(Vector512.LessThan(prim, IntLanes.Zero).AsSingle(), All(1), p.T);
        Lanes wx = MulAdd(t, p.Dx, p.Ox), wy = MulAdd(t, p.Dy, p.Oy), wz = MulAdd(t, p.Dz, p.Oz);
        var s = default(Surface);
        uint left = hits;
        bool still = false;
        while (left != 0)
        {
            int index = prim.GetElement(BitOperations.TrailingZeroCount(left));
            IntLanes same = Vector512.Equals(prim, Vector512.Create(index));
            left &= ~(uint)Vector512.ExtractMostSignificantBits(same);
            Look(index, same.AsSingle(), wx, wy, wz, t * length, vx, vy, vz, ref s, ref o);
            if (!motion)
                continue;
            if (index >= scene.FirstMoving)
                MoveWith(index, same.AsSingle(), wx, wy, wz, ref o);
            else
                still = true;
        }
        if (still)
        {
            Movement(wx, wy, wz, wx, wy, wz, 1, out Lanes mx, out Lanes my);
            Lanes standing = Vector512.LessThan(prim, Vector512.Create(scene.FirstMoving)).AsSingle();
            standing = Vector512.AndNot(standing, Vector512.LessThan(prim, IntLanes.Zero).AsSingle());
            o.MotionX = Pick(standing, mx, o.MotionX);
            o.MotionY = Pick(standing, my, o.MotionY);
        }
        Illuminate(prim, wx, wy, wz, t * length, vx, vy, vz, ref s, ref o);
    }

    private struct Surface
    {
        public Lanes Nx, Ny, Nz, Red, Green, Blue, Gloss;
    }

    /// <summary>Normal and reflectance of the lanes that see one primitive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Look(
        int index, in Lanes lanes, in Lanes wx, in Lanes wy, in Lanes wz, in Lanes distance, in Lanes vx, in Lanes vy, in Lanes vz, ref Surface s, ref Shaded o)
    {
        ref readonly PackedPrimitive f = ref scene.Packed(index);
        ref readonly Primitive primitive = ref scene.Primitive(index);
        Material material = view.Yard.Materials[primitive.Material];
        Lanes x = MulAdd(All(f.Xx), wx, MulAdd(All(f.Xy), wy, MulAdd(All(f.Xz), wz, All(f.Xo))));
        Lanes y = MulAdd(All(f.Yx), wx, MulAdd(All(f.Yy), wy, MulAdd(All(f.Yz), wz, All(f.Yo))));
        Lanes z = MulAdd(All(f.Zx), wx, MulAdd(All(f.Zy), wy, MulAdd(All(f.Zz), wz, All(f.Zo))));
        float sx = primitive.Frame.X.Length(), sy = primitive.Frame.Y.Length(), sz = primitive.Frame.Z.Length();
        var point = default(SurfacePoint);
        LocalSurface.Find(f, sx, sy, sz, x, y, z, out Lanes lx, out Lanes ly, out Lanes lz, out point.U, out point.V);
        // Normals go through the transposed inverse.
        Lanes nx = MulAdd(All(f.Xx), lx, MulAdd(All(f.Yx), ly, All(f.Zx) * lz));
        Lanes ny = MulAdd(All(f.Xy), lx, MulAdd(All(f.Yy), ly, All(f.Zy) * lz));
        Lanes nz = MulAdd(All(f.Xz), lx, MulAdd(All(f.Yz), ly, All(f.Zz) * lz));
        Lanes scale = Lanes.One / Vector512.Sqrt(Max(Dot(nx, ny, nz, nx, ny, nz), All(1e-20f)));
        if (f.Kind == PrimitiveKind.Triangle)
            scale = Vector512.CopySign(scale, -Dot(nx, ny, nz, vx, vy, vz));
        (nx, ny, nz) = (nx * scale, ny * scale, nz * scale);
        Lanes facing = Max(-Dot(nx, ny, nz, vx, vy, vz), All(0.04f));
        point.Z = z * sz;
        point.Height = wz;
        point.Footprint = distance * (1 / (float)view.Camera.Fx) / Vector512.Sqrt(facing);
        (point.HalfWidth, point.HalfHeight) = f.Kind == PrimitiveKind.Frustum ? (sx, sy) : (sy, sz);
        Painter.Paint(material, point, out Lanes r, out Lanes g, out Lanes b);
        s.Nx = Pick(lanes, nx, s.Nx);
        s.Ny = Pick(lanes, ny, s.Ny);
        s.Nz = Pick(lanes, nz, s.Nz);
        s.Red = Pick(lanes, r, s.Red);
        s.Green = Pick(lanes, g, s.Green);
        s.Blue = Pick(lanes, b, s.Blue);
        s.Gloss = Pick(lanes, All(material.Gloss), s.Gloss);
        int seen = primitive.Object > 0 ? primitive.Object : -(int)primitive.Semantic;
        o.Object = Vector512.ConditionalSelect(lanes.AsInt32(), Vector512.Create(seen), o.Object);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Illuminate(
        in IntLanes prim, in Lanes wx, in Lanes wy, in Lanes wz, in Lanes distance, in Lanes vx, in Lanes vy, in Lanes vz, ref Surface s, ref Shaded o)
    {
        Vector3 sun = weather.SunDirection;
        Lanes sunX = All(sun.X), sunY = All(sun.Y), sunZ = All(sun.Z);
        Lanes towards = Dot(s.Nx, s.Ny, s.Nz, sunX, sunY, sunZ);
        Lanes seen = ~Vector512.LessThan(prim, IntLanes.Zero).AsSingle();
        Lanes lit = Vector512.GreaterThan(towards, Lanes.Zero) & seen;
        if (Vector512.ExtractMostSignificantBits(lit) != 0)
        {
            // A little off the surface, or it would shade itself.
            Lanes lift = MulAdd(distance, All(2e-4f), All(1.5e-3f));
            var shadow = new RayPacket
            {
                Ox = MulAdd(s.Nx, lift, wx),
                Oy = MulAdd(s.Ny, lift, wy),
                Oz = MulAdd(s.Nz, lift, wz),
                Dx = sunX,
                Dy = sunY,
                Dz = sunZ,
                T = Pick(lit, All(200), All(-1)),
            };
            shadow.Prepare();
            scene.Block(ref shadow);
            lit &= Vector512.GreaterThan(shadow.T, Lanes.Zero);
        }
        o.Surface = Vector512.ConditionalSelect(lit.AsInt32(), o.Surface | Vector512.Create(Sunlit), o.Surface);
        Lanes direct = Max(towards, Lanes.Zero) & lit;
        // The sky lights from above, the ground from below; less of the sky is seen near the ground.
        Lanes up = MulAdd(s.Nz, All(0.4f), All(0.6f));
        Lanes open = MulAdd(Saturate(wz * 1.6f + Max(s.Nz, Lanes.Zero)), All(0.35f), All(0.65f));
        Lanes ground = Vector512.Equals(o.Object, Vector512.Create(-(int)SemanticClass.Ground)).AsSingle();
        if (Vector512.ExtractMostSignificantBits(ground) != 0)
            open = Pick(ground, MulAdd(view.Yard.GroundLight.At(wx, wy), All(0.88f), All(0.12f)), open);
        Lanes ambient = up * open, bounce = MulAdd(s.Nz, All(-0.12f), All(0.14f));
        Lanes red = MulAdd(direct, All(weather.SunColour.X), MulAdd(ambient, All(weather.Ambient.X), bounce * weather.SunColour.X)) * s.Red;
        Lanes green = MulAdd(direct, All(weather.SunColour.Y), MulAdd(ambient, All(weather.Ambient.Y), bounce * weather.SunColour.Y)) * s.Green;
        Lanes blue = MulAdd(direct, All(weather.SunColour.Z), MulAdd(ambient, All(weather.Ambient.Z), bounce * weather.SunColour.Z)) * s.Blue;

        Lanes along = Dot(s.Nx, s.Ny, s.Nz, vx, vy, vz) * 2f;
        Lanes rx = vx - along * s.Nx, ry = vy - along * s.Ny, rz = vz - along * s.Nz;
        Lanes graze = Lanes.One - Saturate(along * -0.5f);
        Lanes mirror = s.Gloss * MulAdd(graze * graze * graze, All(0.85f), All(0.15f));
        SkyModel.Gradient(weather, rz, out Lanes skyRed, out Lanes skyGreen, out Lanes skyBlue);
        Lanes fromSky = MulAdd(Saturate(rz * 4f + All(0.4f)), All(0.75f), All(0.25f));
        Lanes spot = Saturate(Dot(rx, ry, rz, sunX, sunY, sunZ));
        spot *= spot;
        spot *= spot;
        spot *= spot;
        spot *= spot;
        spot *= spot;
        Lanes shine = (spot * spot * s.Gloss * 3f) & lit;
        red = MulAdd(shine, All(weather.SunColour.X), Mix(red, skyRed * fromSky, mirror));
        green = MulAdd(shine, All(weather.SunColour.Y), Mix(green, skyGreen * fromSky, mirror));
        blue = MulAdd(shine, All(weather.SunColour.Z), Mix(blue, skyBlue * fromSky, mirror));

        Lanes fog = Lanes.One - Vector512.Exp(distance * -weather.Fog);
        o.Red = Pick(seen, Mix(red, All(weather.Horizon.X), fog), o.Red);
        o.Green = Pick(seen, Mix(green, All(weather.Horizon.Y), fog), o.Green);
        o.Blue = Pick(seen, Mix(blue, All(weather.Horizon.Z), fog), o.Blue);
    }

    /// <summary>The movement of lanes on a moving part: the same point of the part when the shutter opens and when it closes.</summary>
    private void MoveWith(int index, in Lanes lanes, in Lanes wx, in Lanes wy, in Lanes wz, ref Shaded o)
    {
        int part = index - scene.FirstMoving;
        Affine back = view.MovingParts[part].Frame.Inverse();
        Affine opening = view.MovingAtOpening[part].Frame.After(back), closing = view.MovingAtClosing[part].Frame.After(back);
        Map(opening, wx, wy, wz, 1, out Lanes ax, out Lanes ay, out Lanes az);
        Map(closing, wx, wy, wz, 1, out Lanes bx, out Lanes by, out Lanes bz);
        Movement(ax, ay, az, bx, by, bz, 1, out Lanes mx, out Lanes my);
        o.MotionX = Pick(lanes, mx, o.MotionX);
        o.MotionY = Pick(lanes, my, o.MotionY);
    }

    /// <summary>How far over the image points go that are at one place when the shutter opens and at another when it closes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Movement(in Lanes ax, in Lanes ay, in Lanes az, in Lanes bx, in Lanes by, in Lanes bz, float isPoint, out Lanes mx, out Lanes my)
    {
        Map(view.CameraAtOpening, ax, ay, az, isPoint, out Lanes px, out Lanes py, out Lanes pz);
        Map(view.CameraAtClosing, bx, by, bz, isPoint, out Lanes qx, out Lanes qy, out Lanes qz);
        pz = Lanes.One / Max(pz, All(0.02f));
        qz = Lanes.One / Max(qz, All(0.02f));
        mx = (qx * qz - px * pz) * (float)view.Camera.Fx;
        my = (qy * qz - py * pz) * (float)view.Camera.Fy;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Map(in Affine a, in Lanes x, in Lanes y, in Lanes z, float isPoint, out Lanes ox, out Lanes oy, out Lanes oz)
    {
        ox = MulAdd(All(a.X.X), x, MulAdd(All(a.Y.X), y, MulAdd(All(a.Z.X), z, All(a.Origin.X * isPoint))));
        oy = MulAdd(All(a.X.Y), x, MulAdd(All(a.Y.Y), y, MulAdd(All(a.Z.Y), z, All(a.Origin.Y * isPoint))));
        oz = MulAdd(All(a.X.Z), x, MulAdd(All(a.Y.Z), y, MulAdd(All(a.Z.Z), z, All(a.Origin.Z * isPoint))));
    }
}
