using Sightline.Metrics;

namespace Sightline.Training.Reporting;

/// <summary>The reliability diagram: for each bin of confidence the accuracy, the gap to perfect calibration, and how many decisions fell in.</summary>
internal static class ReliabilityChart
{
    private const double Side = 260, Left = 60, Top = 12, Strip = 44, Gap = 26, Width = Left + Side + 26, Height = Top + Side + Gap + Strip + 34;

    internal static void Write(HtmlWriter html, ReliabilityDiagram diagram)
    {
        double X(double confidence) => Left + confidence * Side;
        double Y(double accuracy) => Top + (1 - accuracy) * Side;
        html.Write($"<svg class=\"reliability\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Reliability diagram\">");
        for (int i = 0; i <= 4; i++)
        {
            html.Write($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Left + Side}\" y1=\"{Y(i / 4.0)}\" y2=\"{Y(i / 4.0)}\"/><text class=\"tick\" x=\"{Left - 6}\" y=\"{Y(i / 4.0) + 4}\" text-anchor=\"end\">{25 * i} %</text>");
            html.Write($"<text class=\"tick\" x=\"{X(i / 4.0)}\" y=\"{Top + Side + 16}\" text-anchor=\"middle\">{25 * i} %</text>");
        }
        int most = Math.Max(1, diagram.Bins.Max(b => b.Count));
        double bottom = Top + Side + Gap + Strip;
        foreach (ReliabilityBin bin in diagram.Bins)
        {
            if (bin.Count == 0)
                continue;
            double accuracy = bin.Accuracy!.Value, confidence = bin.Confidence!.Value;
            double x = X(bin.Low) + 1, width = X(bin.High) - X(bin.Low) - 2, bar = bin.Count * Strip / most;
            string tip = $"{Figure.Count(bin.Count)} decisions with confidence {Figure.Percent(confidence)}: {Figure.Percent(accuracy)} right";
            html.Write($"<g><title>{tip}</title><rect class=\"bar\" x=\"{x:0.##}\" width=\"{width:0.##}\" y=\"{Y(Math.Min(accuracy, confidence)):0.##}\" height=\"{Top + Side - Y(Math.Min(accuracy, confidence)):0.##}\"/>");
            html.Write($"<rect class=\"{(confidence > accuracy ? "over" : "under")}\" x=\"{x:0.##}\" width=\"{width:0.##}\" y=\"{Y(Math.Max(accuracy, confidence)):0.##}\" height=\"{Math.Abs(Y(accuracy) - Y(confidence)):0.##}\"/>");
            html.Write($"<rect class=\"bar faint\" x=\"{x:0.##}\" width=\"{width:0.##}\" y=\"{bottom - bar:0.##}\" height=\"{bar:0.##}\"/></g>");
        }
        html.Write($"<line class=\"ideal\" x1=\"{X(0)}\" y1=\"{Y(0)}\" x2=\"{X(1)}\" y2=\"{Y(1)}\"/>");
        html.Write($"<text class=\"tick axis\" transform=\"translate(10 {Top + Side / 2}) rotate(-90)\" text-anchor=\"middle\">accuracy</text>");
        html.Write($"<text class=\"tick\" x=\"{Left - 6}\" y=\"{bottom - Strip / 2 + 4}\" text-anchor=\"end\">count</text>");
        html.Write($"<text class=\"tick\" x=\"{Left + Side / 2}\" y=\"{Height - 14}\" text-anchor=\"middle\">confidence</text></svg>");
        html.Write($"<p class=\"muted\">Expected calibration error <b>{Figure.Percent(diagram.ExpectedCalibrationError)}</b> over {diagram.Bins.Count} bins, largest gap {Figure.Percent(diagram.MaximumCalibrationError)}. <i class=\"key over\"></i> too sure, <i class=\"key under\"></i> too modest; the dashed line is perfect calibration.</p>");
    }
}
