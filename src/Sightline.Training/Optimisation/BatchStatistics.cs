using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>The statistics of BatchNorms, measured by one pass of images instead of gathered while weights move.</summary>
public static class BatchStatistics
{
    /// <summary>
    /// Puts into every BatchNorm that the images pass the mean of its batches' means and variances, each batch counting the same (torch's
    /// momentum of none). All else is in evaluation mode: dropout is off, as when the network is used. BatchNorms that no image passes, such
    /// as those of auxiliary classifiers, stay as they are.
    /// </summary>
    /// <param name="network">The network; it is left in evaluation mode.</param>
    /// <param name="images">Batches of images on the network's device, freed by who gives them; not read when there is no BatchNorm.</param>
    /// <returns>How many BatchNorms were measured.</returns>
    public static int Measure(nn.Module<Tensor, Tensor> network, IEnumerable<Tensor> images)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        network.eval();
        BatchNorm[] norms = [.. network.modules().OfType<BatchNorm>().Where(n => n.track_running_stats)];
        if (norms.Length == 0)
            return 0;
        double?[] usual = [.. norms.Select(n => n.momentum)];
        int[] seen = new int[norms.Length];
        var unhook = new List<Action>();
        using IDisposable noGrad = no_grad();
        using ScalarGuard guard = ScalarGuard.Enter();
        try
        {
            for (int i = 0; i < norms.Length; i++)
            {
                int own = i;
                norms[i].train();
                // The nth batch moves the mean of those before by 1/n of the way; the first replaces whatever stood there.
                unhook.Add(norms[i].register_forward_pre_hook((_, x) =>
                {
                    norms[own].momentum = 1.0 / ++seen[own];
                    return x;
                }).remove);
            }
            foreach (Tensor batch in images)
            {
                using (NewDisposeScope())
                    network.call(batch);
                guard.AtBoundary();
            }
        }
        finally
        {
            unhook.ForEach(remove => remove());
            for (int i = 0; i < norms.Length; i++)
                norms[i].momentum = usual[i];
            network.eval();
        }
        return seen.Count(n => n > 0);
    }
}
