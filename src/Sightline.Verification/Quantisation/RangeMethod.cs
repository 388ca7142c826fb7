namespace Sightline.Verification;

/// <summary>How the range of an activation is chosen from what calibration images gave.</summary>
public enum RangeMethod
{
    /// <summary>All that was seen: nothing is cut off, and one outlier makes every step coarse.</summary>
    MinMax,

    /// <summary>All but 0.01 % at either end.</summary>
    Percentile,

    /// <summary>The cut with the least mean squared error of the rounded values.</summary>
    MeanSquaredError,

    /// <summary>The cut whose rounded values are distributed most like the values (least Kullback-Leibler divergence; Migacz, "8-bit Inference with TensorRT", 2017); of fewer than 32,768 values all are kept.</summary>
    Entropy,
}
