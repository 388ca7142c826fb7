namespace Sightline.Training.Evaluation;

/// <summary>How images are run through a network.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Images in one forward pass.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Copies of each image whose logits are averaged.</summary>
    public TestTimeAugmentation Augmentation { get; init; } = TestTimeAugmentation.None;

    /// <summary>Threads that decode; 0 takes the machine's cores.</summary>
    public int Workers { get; init; }

    /// <summary>Whether convolutions see images in channels-last order.</summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>What the progress is called.</summary>
    public string Stage { get; init; } = "evaluate";
}

/// <summary>Copies of each image whose logits are averaged.</summary>
public enum TestTimeAugmentation
{
    /// <summary>The image itself.</summary>
    None,

    /// <summary>The image and its mirror image.</summary>
    Flip,

    /// <summary>The image, moved by one pixel up-left and down-right, and the mirror images of these: six views; the unmoved ones count
    /// half (Jordan 2024, section 3.5).</summary>
    FlipShift,
}
