using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sightline.Simulation.Casting;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Worlds;

/// <summary>
/// How much of the sky each spot of the ground sees past what stands there (ambient occlusion), on a grid that is cast once for a drive.
/// It is what ties things to the ground when the sun is away.
/// </summary>
internal sealed class GroundLight
{
    private const float Cell = 0.16f;
    private const float Reach = 2.2f;

    private readonly float[] open;
    private readonly int columns, rows;
    private readonly float left, bottom;

    /// <summary>Casts sixteen rays from each spot.</summary>
    /// <param name="standing">What stands; the ground itself is at height 0.</param>
    /// <param name="halfLength">Half the yard's extent along x, in metres.</param>
    /// <param name="halfWidth">Half the yard's extent along y, in metres.</param>
    public GroundLight(RayCaster standing, float halfLength, float halfWidth)
    {
        (left, bottom) = (-halfLength, -halfWidth);
        columns = (int)MathF.Ceiling(2 * halfLength / Cell) + 1;
        rows = (int)MathF.Ceiling(2 * halfWidth / Cell) + 1;
        open = new float[columns * rows];
        (Lanes x, Lanes y, Lanes z) = Directions();
        Parallel.For(0, rows, j =>
        {
            for (int i = 0; i < columns; i++)
            {
                var packet = new RayPacket
                {
                    Ox = All(left + i * Cell),
                    Oy = All(bottom + j * Cell),
                    Oz = All(0.01f),
                    Dx = x,
                    Dy = y,
                    Dz = z,
                    T = All(Reach),
                };
                packet.Prepare();
                standing.Block(ref packet);
                int free = BitOperations.PopCount((uint)Vector512.ExtractMostSignificantBits(Vector512.GreaterThan(packet.T, Lanes.Zero)));
                open[j * columns + i] = free / 16f;
            }
        });
    }

    /// <summary>The share of the sky that is seen from sixteen spots of the ground, between grid points by halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Lanes At(in Lanes x, in Lanes y)
    {
        Lanes u = Min(Max((x - All(left)) * (1 / Cell), Lanes.Zero), All(columns - 1.01f));
        Lanes v = Min(Max((y - All(bottom)) * (1 / Cell), Lanes.Zero), All(rows - 1.01f));
        IntLanes i = Vector512.ConvertToInt32Native(Vector512.Floor(u)), j = Vector512.ConvertToInt32Native(Vector512.Floor(v));
        Lanes a = u - Vector512.ConvertToSingle(i), b = v - Vector512.ConvertToSingle(j);
        IntLanes at = j * Vector512.Create(columns) + i;
        Span<int> places = stackalloc int[16];
        Span<float> p00 = stackalloc float[16], p10 = stackalloc float[16], p01 = stackalloc float[16], p11 = stackalloc float[16];
        at.CopyTo(places);
        for (int lane = 0; lane < 16; lane++)
        {
            int place = places[lane];
            (p00[lane], p10[lane], p01[lane], p11[lane]) = (open[place], open[place + 1], open[place + columns], open[place + columns + 1]);
        }
        Lanes low = Mix(Load(p00), Load(p10), a), high = Mix(Load(p01), Load(p11), a);
        return Mix(low, high, b);
    }

    private static Lanes Load(Span<float> values) => Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(values));

    /// <summary>Sixteen directions spread evenly over the sky as the ground weighs it: by the cosine to straight up.</summary>
    private static (Lanes X, Lanes Y, Lanes Z) Directions()
    {
        Span<float> x = stackalloc float[16], y = stackalloc float[16], z = stackalloc float[16];
        for (int k = 0; k < 16; k++)
        {
            // A sunflower's spiral on the disc, lifted to the half-sphere (Malley).
            float r = MathF.Sqrt((k + 0.5f) / 16), angle = k * 2.39996f;
            (float sin, float cos) = MathF.SinCos(angle);
            (x[k], y[k], z[k]) = (r * cos, r * sin, MathF.Sqrt(1 - r * r));
        }
        return (Load(x), Load(y), Load(z));
    }
}
