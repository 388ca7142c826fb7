using System.Numerics;
using System.Text;

namespace Sightline;

/// <summary>
/// A stream of random numbers that depends on the run's seed, the stream's name and an index, and on nothing else: not on threads,
/// not on how often another stream was drawn. Adding a stream never disturbs another.
/// </summary>
/// <remarks>
/// xoshiro256** (Blackman and Vigna 2018), seeded by SplitMix64 over the seed and the FNV-1a hash of the name. A mutable struct:
/// pass it by reference.
/// </remarks>
public struct SeedStream
{
    private ulong s0, s1, s2, s3;

    /// <summary>Derives the stream of <paramref name="name"/> and <paramref name="index"/> from <paramref name="seed"/>.</summary>
    /// <param name="seed">The one seed of the run.</param>
    /// <param name="name">What the numbers are for, e.g. <c>augmentation</c>.</param>
    /// <param name="index">Which of the like streams, e.g. the sample's index.</param>
    /// <param name="round">Which pass, e.g. the epoch.</param>
    public SeedStream(ulong seed, string name, long index = 0, long round = 0)
    {
        ulong state = Derive(seed, name, index, round);
        s0 = SplitMix64(ref state);
        s1 = SplitMix64(ref state);
        s2 = SplitMix64(ref state);
        s3 = SplitMix64(ref state);
    }

    /// <summary>A 64-bit seed for another generator (e.g. torch's), derived like a stream.</summary>
    /// <param name="seed">The one seed of the run.</param>
    /// <param name="name">What the numbers are for.</param>
    /// <param name="index">Which of the like streams.</param>
    /// <param name="round">Which pass.</param>
    /// <returns>A seed; equal arguments give equal seeds.</returns>
    public static ulong Derive(ulong seed, string name, long index = 0, long round = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 1099511628211;
        ulong state = seed;
        ulong mixed = SplitMix64(ref state) ^ hash;
        mixed = SplitMix64(ref mixed) ^ unchecked((ulong)index);
        mixed = SplitMix64(ref mixed) ^ unchecked((ulong)round);
        return SplitMix64(ref mixed);
    }

    /// <summary>The next 64 random bits.</summary>
    /// <returns>A number uniform over all of <see cref="ulong"/>.</returns>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        ulong t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>A number uniform in [0, 1).</summary>
    /// <returns>A double with 53 random bits.</returns>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="low">The lower bound, included.</param>
    /// <param name="high">The upper bound, excluded.</param>
    /// <returns>A uniform number.</returns>
    public double Uniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>An integer uniform in [0, <paramref name="count"/>), without modulo bias (Lemire 2019).</summary>
    /// <param name="count">How many values there are; at least 1.</param>
    /// <returns>A uniform integer.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ulong range = (uint)count;
        ulong product = (NextUInt64() >> 32) * range;
        uint low = (uint)product;
        if (low < range)
        {
            uint threshold = (uint)((0x1_0000_0000UL - range) % range);
            while (low < threshold)
            {
                product = (NextUInt64() >> 32) * range;
                low = (uint)product;
            }
        }
        return (int)(product >> 32);
    }

    /// <summary>A normally distributed number (Box and Muller 1958).</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <returns>A normal number.</returns>
    public double Normal(double mean = 0, double deviation = 1)
    {
        double u = 1 - NextDouble();
        double v = NextDouble();
        return mean + deviation * Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v);
    }

    /// <summary>Shuffles <paramref name="items"/> in place (Fisher and Yates).</summary>
    /// <typeparam name="T">What is shuffled.</typeparam>
    /// <param name="items">The items.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix64(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
