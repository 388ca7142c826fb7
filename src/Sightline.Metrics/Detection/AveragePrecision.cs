using Sightline.Imaging;

namespace Sightline.Metrics.Detection;

/// <summary>A box that a network found.</summary>
/// <param name="Box">The box, in pixels of its image.</param>
/// <param name="Score">How sure the network is; only the order counts.</param>
public readonly record struct ScoredBox(CropBox Box, double Score);

/// <summary>What a network found in one image, beside what is there.</summary>
/// <param name="Found">The boxes found, in any order.</param>
/// <param name="Objects">The true boxes.</param>
public sealed record ImageDetections(IReadOnlyList<ScoredBox> Found, IReadOnlyList<CropBox> Objects);

/// <summary>How well boxes of one class are found over a set of images, as COCO counts it (Lin et al. 2014; pycocotools).</summary>
/// <param name="Ap">The mean over 101 recalls, 0 to 1, of the highest precision at that recall or a higher one; NaN without objects.</param>
/// <param name="Precision">The precision after each box found, from the surest on.</param>
/// <param name="Recall">The recall after each box found.</param>
/// <param name="Scores">The scores of these boxes.</param>
/// <param name="Objects">How many objects there are.</param>
public sealed record AveragePrecision(double Ap, IReadOnlyList<double> Precision, IReadOnlyList<double> Recall, IReadOnlyList<double> Scores, int Objects)
{
    /// <summary>Boxes of an image that count, the surest ones, as in COCO.</summary>
    public const int MostPerImage = 100;

    /// <summary>
    /// Matches found boxes to objects, image by image from the surest box on: each takes the free object that it overlaps most, if by at
    /// least <paramref name="iou"/>. A second box on the same object is wrong.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="iou">The least intersection over union of a match, above 0, at most 1.</param>
    /// <returns>The curve and its mean.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="iou"/> is out of its range.</exception>
    public static AveragePrecision Of(IReadOnlyList<ImageDetections> images, double iou = 0.5)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iou);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iou, 1);
        // A stable order: of equal scores the earlier image's box comes first.
        (double Score, bool Right)[] boxes = [.. images.SelectMany(i => Match(i, iou)).Select(m => (m.Box.Score, m.Object >= 0)).OrderByDescending(b => b.Score)];
        int objects = images.Sum(i => i.Objects.Count), right = 0;
        double[] precision = new double[boxes.Length], recall = new double[boxes.Length];
        for (int i = 0; i < boxes.Length; i++)
        {
            right += boxes[i].Right ? 1 : 0;
            precision[i] = right / (i + 1.0);
            recall[i] = objects == 0 ? double.NaN : right / (double)objects;
        }
        return new AveragePrecision(objects == 0 ? double.NaN : Mean(precision, recall), precision, recall, [.. boxes.Select(b => b.Score)], objects);
    }

    /// <summary>Which object each found box of an image is given, from the surest box on.</summary>
    /// <param name="image">The image.</param>
    /// <param name="iou">The least intersection over union of a match.</param>
    /// <returns>At most <see cref="MostPerImage"/> boxes, each with the index of its object, or -1.</returns>
    public static IReadOnlyList<(ScoredBox Box, int Object)> Match(ImageDetections image, double iou)
    {
        ArgumentNullException.ThrowIfNull(image);
        bool[] taken = new bool[image.Objects.Count];
        var matches = new List<(ScoredBox, int)>();
        foreach (ScoredBox found in image.Found.OrderByDescending(f => f.Score).Take(MostPerImage))
        {
            // pycocotools leaves room for rounding at the threshold itself, and of equal overlaps takes the later object.
            double best = Math.Min(iou, 1 - 1e-10);
            int match = -1;
            for (int o = 0; o < taken.Length; o++)
            {
                if (!taken[o] && found.Box.IoU(image.Objects[o]) is double overlap && overlap >= best)
                    (best, match) = (overlap, o);
            }
            if (match >= 0)
                taken[match] = true;
            matches.Add((found, match));
        }
        return matches;
    }

    private static double Mean(double[] precision, double[] recall)
    {
        double[] envelope = [.. precision];
        for (int i = envelope.Length - 2; i >= 0; i--)
            envelope[i] = Math.Max(envelope[i], envelope[i + 1]);
        double sum = 0;
        for (int k = 0, at = 0; k <= 100; k++)
        {
            while (at < recall.Length && recall[at] < k / 100.0)
                at++;
            sum += at < envelope.Length ? envelope[at] : 0;
        }
        return sum / 101;
    }
}
