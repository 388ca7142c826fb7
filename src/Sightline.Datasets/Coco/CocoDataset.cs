namespace Sightline.Datasets.Coco;

/// <summary>A COCO detection file (Lin et al. 2014), with the extensions for video that TAO and YouTube-VIS use.</summary>
/// <param name="Categories">The classes.</param>
/// <param name="Images">The images.</param>
/// <param name="Annotations">The labelled objects.</param>
/// <param name="Videos">The drives that the images come from; empty for single images.</param>
public sealed record CocoDataset(
    IReadOnlyList<CocoCategory> Categories,
    IReadOnlyList<CocoImage> Images,
    IReadOnlyList<CocoAnnotation> Annotations,
    IReadOnlyList<CocoVideo> Videos);

/// <summary>A class of objects.</summary>
/// <param name="Id">Its id, from 1.</param>
/// <param name="Name">Its name.</param>
/// <param name="Supercategory">The group it belongs to.</param>
public sealed record CocoCategory(int Id, string Name, string? Supercategory = null);

/// <summary>A drive.</summary>
/// <param name="Id">Its id, from 1.</param>
/// <param name="Name">Its name, e.g. <c>drive-01</c>.</param>
public sealed record CocoVideo(int Id, string Name);

/// <summary>An image.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FileName">Its path, relative to the annotation file's folder, or to an <c>images</c> folder beside it.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="VideoId">The drive it belongs to.</param>
/// <param name="FrameIndex">Its place in the drive, from 0.</param>
/// <param name="TimestampNs">When it was taken, in nanoseconds.</param>
public sealed record CocoImage(long Id, string FileName, int Width, int Height, int? VideoId = null, int? FrameIndex = null, long? TimestampNs = null);

/// <summary>A labelled object.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ImageId">The image it is in.</param>
/// <param name="CategoryId">Its class.</param>
/// <param name="X">Left edge of the visible box in pixels, continuous.</param>
/// <param name="Y">Top edge of the visible box in pixels, continuous.</param>
/// <param name="Width">Width of the visible box in pixels.</param>
/// <param name="Height">Height of the visible box in pixels.</param>
/// <param name="Area">Visible area in pixels.</param>
/// <param name="IsCrowd">Whether it stands for a group that was not told apart.</param>
/// <param name="Mask">The visible pixels, when known.</param>
/// <param name="Polygons">The outline as COCO polygons (x, y, x, y …), when given so; united.</param>
/// <param name="TrackId">The object's identity over the frames of its drive.</param>
/// <param name="AmodalBox">The box of the whole object, seen or hidden, as (x, y, width, height) in pixels; may reach outside the image.</param>
/// <param name="Occlusion">The hidden share of the object's pixels inside the image, 0–1.</param>
/// <param name="Truncation">The share of the amodal box outside the image, 0–1.</param>
public sealed record CocoAnnotation(
    long Id,
    long ImageId,
    int CategoryId,
    double X,
    double Y,
    double Width,
    double Height,
    double Area,
    bool IsCrowd = false,
    RleMask? Mask = null,
    IReadOnlyList<IReadOnlyList<double>>? Polygons = null,
    int? TrackId = null,
    IReadOnlyList<double>? AmodalBox = null,
    double? Occlusion = null,
    double? Truncation = null);

/// <summary>A mask as COCO run lengths: column-major, starting with a run of zeros.</summary>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Counts">Run lengths, alternately of zeros and ones; they add up to height · width.</param>
public sealed partial record RleMask(int Height, int Width, IReadOnlyList<int> Counts);
