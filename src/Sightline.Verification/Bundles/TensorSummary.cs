using System.Text.Json;

namespace Sightline.Verification;

/// <summary>
/// What is kept of a tensor to tell later whether another is the same: its extent, and some of its elements, at places that depend on
/// nothing but how many there are.
/// </summary>
/// <param name="Count">How many elements it has.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Samples">Up to <see cref="MostSamples"/> of them, in their order.</param>
public sealed record TensorSummary(long Count, double Mean, double Deviation, float Minimum, float Maximum, IReadOnlyList<float> Samples)
{
    /// <summary>How many elements are kept.</summary>
    public const int MostSamples = 256;

    /// <summary>Summarises numbers.</summary>
    /// <param name="values">The elements, row-major.</param>
    /// <returns>The summary.</returns>
    public static TensorSummary Of(ReadOnlySpan<float> values)
    {
        double sum = 0, squares = 0;
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (float value in values)
        {
            sum += value;
            squares += (double)value * value;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        int count = values.Length, kept = Math.Min(count, MostSamples);
        float[] samples = new float[kept];
        for (int i = 0; i < kept; i++)
            samples[i] = values[PlaceOf(i, kept, count)];
        double mean = count == 0 ? double.NaN : sum / count;
        return new TensorSummary(count, mean, count == 0 ? double.NaN : Math.Sqrt(Math.Max(0, squares / count - mean * mean)), low, high, samples);
    }

    /// <summary>Summarises the pixels of an image.</summary>
    /// <param name="values">The bytes.</param>
    /// <returns>The summary, on the scale 0–255.</returns>
    public static TensorSummary Of(ReadOnlySpan<byte> values)
    {
        float[] numbers = new float[values.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = values[i];
        return Of(numbers);
    }

    /// <summary>
    /// How far another tensor is from this one: the root mean square of the differences of the kept elements, or the difference of the
    /// means or deviations if that is more, each by this one's deviation (its largest magnitude where all elements are equal).
    /// </summary>
    /// <param name="other">The other's summary.</param>
    /// <returns>0 when they are the same; infinite when they have not the same number of elements, or the other has one that is no finite number.</returns>
    public double DistanceTo(TensorSummary other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count != Count)
            return double.PositiveInfinity;
        if (Count == 0)
            return 0;
        double scale = Deviation > 1e-6 * Math.Abs(Mean) ? Deviation : Math.Max(Math.Abs(Minimum), Math.Abs(Maximum));
        double squares = 0;
        for (int i = 0; i < Samples.Count; i++)
            squares += ((double)other.Samples[i] - Samples[i]) * ((double)other.Samples[i] - Samples[i]);
        double worst = Math.Max(Math.Sqrt(squares / Samples.Count), Math.Max(Math.Abs(other.Mean - Mean), Math.Abs(other.Deviation - Deviation)));
        return double.IsNaN(worst) ? double.PositiveInfinity : worst == 0 ? 0 : scale == 0 ? double.PositiveInfinity : worst / scale;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("count", Count);
        json.WriteNumber("mean", Mean);
        json.WriteNumber("deviation", Deviation);
        json.WriteNumber("minimum", Minimum);
        json.WriteNumber("maximum", Maximum);
        json.WriteStartArray("samples");
        foreach (float sample in Samples)
            json.WriteNumberValue(sample);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static TensorSummary Read(JsonElement json)
    {
        var summary = new TensorSummary(json.GetProperty("count").GetInt64(), json.GetProperty("mean").GetDouble(), json.GetProperty("deviation").GetDouble(),
            json.GetProperty("minimum").GetSingle(), json.GetProperty("maximum").GetSingle(), [.. json.GetProperty("samples").EnumerateArray().Select(s => s.GetSingle())]);
        return summary.Samples.Count == Math.Min(summary.Count, MostSamples) ? summary : throw new FormatException($"A summary of {summary.Count} elements keeps {summary.Samples.Count}.");
    }

    // One in each of equal parts, at a place in it that no row length meets twice in a row.
    private static int PlaceOf(int sample, int samples, int count)
    {
        long start = (long)sample * count / samples, end = (long)(sample + 1) * count / samples;
        return (int)(start + (long)((ulong)sample * 0x9E3779B97F4A7C15 % (ulong)(end - start)));
    }
}
