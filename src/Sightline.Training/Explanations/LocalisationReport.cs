using Sightline.Imaging;
using Sightline.Metrics;

namespace Sightline.Training.Explanations;

/// <summary>A mean over images.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Interval">Its 95 % interval: images drawn with replacement (Efron 1979).</param>
public readonly record struct MeanOverImages(double Mean, Interval Interval);

/// <summary>Pointing game and energy of one kind of map.</summary>
/// <param name="Pointing">How often the most evidence is on the object.</param>
/// <param name="Energy">The share of the evidence on the object.</param>
public sealed record LocalisationScore(MeanOverImages Pointing, MeanOverImages Energy);

/// <summary>
/// Maps of evidence against where the objects are, beside what maps get that know nothing of the image. Images are taken as independent;
/// frames of one drive are not, and the true intervals are wider.
/// </summary>
/// <param name="Images">How many images were scored.</param>
/// <param name="Empty">In how many of them nothing spoke for the class.</param>
/// <param name="Method">Of the method.</param>
/// <param name="Even">Of an even map: the object's share of the image.</param>
/// <param name="Centred">Of a normal distribution in the middle (<see cref="Localisation.Centred"/>).</param>
/// <param name="AboveCentred">The method less the distribution in the middle, image by image.</param>
/// <param name="PointingByClass">The pointing game's mean for each class that occurs; their mean is what Zhang et al. report.</param>
public sealed record LocalisationReport(
    int Images, int Empty, LocalisationScore Method, LocalisationScore Even, LocalisationScore Centred, LocalisationScore AboveCentred, IReadOnlyDictionary<int, double> PointingByClass)
{
    private const int Replicates = 1000;

    /// <summary>Scores maps.</summary>
    /// <param name="maps">For each image its map by the pixel, where the object is, and the object's class; at least one.</param>
    /// <param name="seed">The seed of the intervals; equal seeds give equal intervals.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">There is no image, or a map and its mask differ in size.</exception>
    public static LocalisationReport Of(IReadOnlyList<(Plane<float> Map, Plane<byte> Truth, int Class)> maps, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(maps);
        if (maps.Count == 0)
            throw new ArgumentException("There is no map to score.", nameof(maps));
        double[] pointing = [.. maps.Select(m => Localisation.Pointing(m.Map, m.Truth))], energy = [.. maps.Select(m => Localisation.Energy(m.Map, m.Truth))];
        double[] area = [.. maps.Select(m => Localisation.Area(m.Truth))];
        (double[] middlePointing, double[] middleEnergy) = Middle(maps);
        LocalisationScore Score(double[] first, double[] second) => new(Mean(first, seed), Mean(second, seed));
        return new LocalisationReport(
            maps.Count, maps.Count(m => m.Map.Values.Max() <= 0), Score(pointing, energy), Score(area, area), Score(middlePointing, middleEnergy),
            Score(Less(pointing, middlePointing), Less(energy, middleEnergy)),
            maps.Select((m, i) => (m.Class, Hit: pointing[i])).GroupBy(m => m.Class).OrderBy(g => g.Key).ToDictionary(g => g.Key, g => g.Average(m => m.Hit)));
    }

    /// <summary>The mean of values and its interval; of few or nearly equal hits and misses Wilson's, as for an accuracy.</summary>
    internal static MeanOverImages Mean(IReadOnlyList<double> values, ulong seed)
    {
        int n = values.Count;
        var means = new double[Replicates];
        for (int r = 0; r < Replicates; r++)
        {
            // The same draws for every number: differences stay paired.
            var draw = new SeedStream(seed, "explanation-bootstrap", r);
            double sum = 0;
            for (int i = 0; i < n; i++)
                sum += values[draw.NextInt(n)];
            means[r] = sum / n;
        }
        return new MeanOverImages(values.Average(),
            values.All(v => v is 0 or 1) ? Interval.OfProportion(values.Count(v => v == 1), n, means) : Interval.Percentile(means));
    }

    private static (double[] Pointing, double[] Energy) Middle(IReadOnlyList<(Plane<float> Map, Plane<byte> Truth, int Class)> maps)
    {
        Dictionary<(int, int), Plane<float>> middles = maps.Select(m => (m.Map.Width, m.Map.Height)).Distinct().ToDictionary(s => s, s => Localisation.Centred(s.Width, s.Height));
        Plane<float>[] middle = [.. maps.Select(m => middles[(m.Map.Width, m.Map.Height)])];
        return ([.. maps.Zip(middle, (m, c) => Localisation.Pointing(c, m.Truth))], [.. maps.Zip(middle, (m, c) => Localisation.Energy(c, m.Truth))]);
    }

    private static double[] Less(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x - y)];
}
