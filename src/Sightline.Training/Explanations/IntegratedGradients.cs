using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>The gradient on the straight way from a blank image to this one (Sundararajan, Taly and Yan 2017).</summary>
internal static class IntegratedGradients
{
    /// <summary>
    /// Equation 1 by the midpoint rule: (x − x′) · mean of ∂F/∂x at x′ + (k − ½)/m · (x − x′), k = 1 … m; the three colours of a pixel
    /// are summed.
    /// </summary>
    /// <param name="network">The network, its parameters frozen.</param>
    /// <param name="image">x: <c>[1, C, H, W] float32</c>.</param>
    /// <param name="wanted">The class whose logit is F.</param>
    /// <param name="logit">F(x).</param>
    /// <param name="options">Steps, blank.</param>
    /// <param name="guard">Lets finalisers run between batches.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns><c>[H, W] float32</c>, and how far it is from complete.</returns>
    public static (Tensor Map, Completeness Completeness) Map(Classifier network, Tensor image, int wanted, double logit, ExplanationOptions options, ScalarGuard guard, CancellationToken cancellationToken)
    {
        Tensor blank = tensor([.. options.Blank], [1, options.Blank.Count, 1, 1]).to(image.device).expand(image.shape);
        Tensor way = image - blank, sum = zeros_like(way);
        double atBlank;
        using (no_grad())
            atBlank = network.call(ChannelsLast.Of(blank))[0, wanted].item<float>();
        foreach (int[] some in Enumerable.Range(0, options.Steps).Chunk(options.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            guard.AtBoundary();
            using DisposeScope scope = NewDisposeScope();
            Tensor shares = tensor([.. some.Select(k => (float)((k + 0.5) / options.Steps))], [some.Length, 1, 1, 1]).to(image.device);
            Tensor points = ChannelsLast.Of(blank + shares * way).detach().requires_grad_(true);
            using (enable_grad())
                network.call(points).select(1, wanted).sum().backward();
            // Where the class's logit doesn't depend on the image at all, there is no gradient to speak of.
            if (points.grad is Tensor gradient)
                sum.add_(gradient.sum(0, keepdim: true));
        }
        Tensor map = (way * sum / options.Steps).sum([0, 1]);
        return (map, Completeness.Of(map.sum().item<float>(), logit - atBlank));
    }
}
