namespace Sightline.Training.Explanations;

/// <summary>How a decision is traced back to places in the image.</summary>
public enum ExplanationMethod
{
    /// <summary>
    /// The last map's channels, each weighted by how much the class's logit rises with it, rectified: Selvaraju et al., "Grad-CAM",
    /// ICCV 2017 (arXiv 1610.02391), equations 1 and 2.
    /// </summary>
    GradCam,

    /// <summary>
    /// The last map's channels, each weighted by its weight in the classifier layer: Zhou et al., "Learning Deep Features for
    /// Discriminative Localization", CVPR 2016 (arXiv 1512.04150), equation 2. Only for a network that ends with the mean over the map
    /// and one linear layer.
    /// </summary>
    Cam,

    /// <summary>
    /// How far the class's probability falls when a patch is covered: Zeiler and Fergus, "Visualizing and Understanding Convolutional
    /// Networks", ECCV 2014 (arXiv 1311.2901), section 4.2.
    /// </summary>
    Occlusion,

    /// <summary>
    /// The gradient, integrated on the straight way from a blank image to this one: Sundararajan, Taly, Yan, "Axiomatic Attribution for
    /// Deep Networks", ICML 2017 (arXiv 1703.01365), equation 1.
    /// </summary>
    IntegratedGradients,
}
