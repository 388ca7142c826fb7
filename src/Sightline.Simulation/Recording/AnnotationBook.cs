using Sightline.Datasets.Coco;
using Sightline.Simulation.Labels;

namespace Sightline.Simulation.Recording;

/// <summary>Gathers the labels of all drives into one COCO data set.</summary>
/// <param name="options">What is recorded.</param>
internal sealed class AnnotationBook(RecordingOptions options)
{
    private readonly List<CocoVideo> videos = [];
    private readonly List<CocoImage> images = [];
    private readonly List<CocoAnnotation> annotations = [];

    /// <summary>What was gathered so far.</summary>
    public CocoDataset Dataset => new(
        [.. SemanticClasses.Objects.Select(c => new CocoCategory((int)c, SemanticClasses.Name(c), "yard"))], images, annotations, videos);

    /// <summary>Adds a drive.</summary>
    public void Add(int drive, IReadOnlyList<FrameRecord> frames)
    {
        string name = Recorder.DriveName(drive);
        videos.Add(new CocoVideo(drive, name));
        for (int frame = 0; frame < frames.Count; frame++)
        {
            long image = images.Count + 1;
            images.Add(new CocoImage(
                image, $"images/{name}/{frame:000000}.jpg", options.Width, options.Height, drive, frame, Recorder.TimestampNs(options, frame)));
            foreach (ObjectLabel l in frames[frame].Labels)
            {
                annotations.Add(new CocoAnnotation(
                    annotations.Count + 1, image, (int)l.Class, l.X, l.Y, l.Width, l.Height, l.Visible, false, l.Mask, null, l.Track,
                    [Round(l.Amodal[0]), Round(l.Amodal[1]), Round(l.Amodal[2]), Round(l.Amodal[3])], Math.Round(l.Occlusion, 4), Math.Round(l.Truncation, 4)));
            }
        }
    }

    /// <summary>How many annotations of each class.</summary>
    public IReadOnlyDictionary<string, int> PerClass() => SemanticClasses.Objects.ToDictionary(
        SemanticClasses.Name, c => annotations.Count(a => a.CategoryId == (int)c));

    private static double Round(double pixels) => Math.Round(pixels, 3);
}
