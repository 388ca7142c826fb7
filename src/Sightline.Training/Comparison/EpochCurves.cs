using Sightline.Training.Reporting;
using Sightline.Training.Runs;

namespace Sightline.Training.Comparison;

/// <summary>One run of a chart that shows several.</summary>
/// <param name="Name">What the legend calls it; empty keeps it out of there.</param>
/// <param name="Style">The CSS class of its colour.</param>
/// <param name="Epochs">Its epochs; may be none.</param>
internal sealed record RunCurves(string Name, string Style, IReadOnlyList<EpochMetrics> Epochs);

/// <summary>The learning curves of several runs over each other.</summary>
internal static class EpochCurves
{
    /// <summary>How many colours there are.</summary>
    internal const int Colours = 6;

    /// <summary>The colours, <c>c0</c> to <c>c5</c>.</summary>
    internal const string Css = ".legend{flex-wrap:wrap}.c0{color:var(--train)}.c1{color:var(--val)}.c2{color:var(--good)}.c3{color:var(--rate)}.c4{color:var(--bad)}.c5{color:var(--muted)}";

    /// <summary>Writes the charts: validation accuracy and loss, training loss, learning rate.</summary>
    /// <param name="html">Where they go.</param>
    /// <param name="runs">The runs; later ones are drawn over earlier ones.</param>
    internal static void Write(HtmlWriter html, IReadOnlyList<RunCurves> runs)
    {
        int[] x = [.. runs.SelectMany(r => r.Epochs.Select(e => e.Epoch)).Distinct().Order()];
        Curve[] Of(Func<EpochMetrics, double> value) =>
        [
            .. runs.Select(run =>
            {
                Dictionary<int, double> byEpoch = run.Epochs.ToDictionary(e => e.Epoch, value);
                return new Curve(run.Name, run.Style, [.. x.Select(e => byEpoch.GetValueOrDefault(e, double.NaN))]);
            }),
        ];
        html.Write($"<h2>Learning curves</h2><div class=\"charts\">");
        LineChart.Write(html, "Validation top-1", x, Of(e => e.ValTop1), percent: true);
        LineChart.Write(html, "Validation loss", x, Of(e => e.ValLoss));
        LineChart.Write(html, "Training loss", x, Of(e => e.TrainLoss));
        LineChart.Write(html, "Learning rate", x, Of(e => e.LearningRate));
        html.Write($"</div>");
    }
}
