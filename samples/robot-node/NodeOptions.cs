using System.Globalization;
using Sightline;

namespace Sightline.Samples;

/// <summary>What was typed.</summary>
/// <param name="Bundle">The bundle: the model and its golden frames.</param>
/// <param name="Frames">A folder of images, <c>-</c> for paths on standard input, null for none.</param>
/// <param name="BudgetMs">Milliseconds that a frame may take from reading to decision; null sets none.</param>
/// <param name="Threads">Threads of the network.</param>
internal sealed record NodeOptions(string Bundle, string? Frames, double? BudgetMs, int Threads)
{
    public static NodeOptions Parse(string[] args)
    {
        var places = new List<string>();
        double? budget = null;
        int threads = 1;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--budget":
                    budget = Number(args, ++i);
                    break;
                case "--threads":
                    threads = (int)Number(args, ++i);
                    break;
                default:
                    places.Add(args[i]);
                    break;
            }
        }
        if (places.Count is 0 or > 2 || places.Any(p => p.StartsWith("--", StringComparison.Ordinal)) || budget <= 0 || threads < 1)
            throw new BadInputException("usage", "Usage: robot-node BUNDLE [FOLDER | -] [--budget MS] [--threads N]");
        return new NodeOptions(places[0], places.ElementAtOrDefault(1), budget, threads);
    }

    private static double Number(string[] args, int index) =>
        index < args.Length && double.TryParse(args[index], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new BadInputException("usage", $"{args[index - 1]} needs a number.");
}
