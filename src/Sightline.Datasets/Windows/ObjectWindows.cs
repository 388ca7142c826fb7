using Sightline.Datasets.Coco;
using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Datasets.Formats;
using Sightline.Imaging;

namespace Sightline.Datasets.Windows;

/// <summary>A square part of an image, scaled, with the objects in it.</summary>
/// <param name="Name">The image's path and the part: <c>images/drive-01/000003.jpg@12,40+96</c>.</param>
/// <param name="Group">The drive of the image, when known: splits never cut through a group.</param>
/// <param name="Image">The scaled part.</param>
/// <param name="Objects">The visible boxes in pixels of <paramref name="Image"/>, cut off at its edges; none when there is no object.</param>
public sealed record ImageWindow(string Name, string? Group, RgbImage Image, IReadOnlyList<CropBox> Objects);

/// <summary>
/// Cuts windows with a wanted number of objects out of a COCO set: whether a network can say where things are is a question of its own
/// for images with one object and for images with several.
/// </summary>
public static class ObjectWindows
{
    /// <summary>Draws windows; the same options give the same windows.</summary>
    /// <param name="annotations">A COCO file, its images beside it or in <c>images/</c>.</param>
    /// <param name="options">Which windows.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>The windows, image by image.</returns>
    /// <exception cref="BadInputException">
    /// An option is out of range (<c>window-option</c>), the file cannot be read (<c>coco-…</c>), has no such class
    /// (<c>window-class</c>), or names an image that is missing (<c>image-missing</c>), unreadable, or of another size than labelled
    /// (<c>image-size-differs</c>).
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was set.</exception>
    public static IReadOnlyList<ImageWindow> Cut(string annotations, WindowOptions options, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(annotations);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        CocoDataset dataset = CocoJson.Read(annotations);
        string[] classes = [.. dataset.Categories.Select(c => c.Name)];
        CocoCategory category = dataset.Categories.FirstOrDefault(c => c.Name == options.Class) ?? throw new BadInputException(
            "window-class", $"There is no class '{options.Class}' in this file; it has {string.Join(", ", classes)}.", annotations,
            fix: NearestName.Find(options.Class, classes) is string near ? $"Did you mean '{near}'?" : null);
        FolderTree tree = FolderTree.List(Path.GetDirectoryName(Path.GetFullPath(annotations))!);
        TreeFile file = tree.Find(Path.GetFileName(annotations))!;
        var drives = dataset.Videos.DistinctBy(v => v.Id).ToDictionary(v => v.Id, v => v.Name);
        ILookup<long, CocoAnnotation> objects = dataset.Annotations.Where(a => a.CategoryId == category.Id).ToLookup(a => a.ImageId);
        var windows = new IReadOnlyList<ImageWindow>[dataset.Images.Count];
        ParallelWork.Run(() => Parallel.For(0, windows.Length, new ParallelOptions { CancellationToken = cancellation }, index =>
        {
            CocoImage image = dataset.Images[index];
            string? group = image.VideoId is int id ? drives.GetValueOrDefault(id, $"video-{id}") : null;
            IReadOnlyList<DrawnWindow> drawn = DrawnWindow.Draw(image, [.. objects[image.Id]], options);
            RgbImage? whole = drawn.Count > 0 ? Decode(tree, file, image) : null;
            windows[index] = [.. drawn.Select(w => new ImageWindow(
                FormattableString.Invariant($"{image.FileName}@{w.Part.X},{w.Part.Y}+{w.Part.Width}"), group, Resize.Crop(whole!, w.Part, options.Side, options.Side), w.Objects))];
        }));
        return [.. windows.SelectMany(w => w)];
    }

    private static RgbImage Decode(FolderTree tree, TreeFile file, CocoImage image)
    {
        TreeFile found = (TreePath.Normalise(image.FileName) is string path ? CocoImagePlaces.Find(tree, file, path) : null) ?? throw new BadInputException(
            "image-missing", $"There is no image '{image.FileName}' (id {image.Id}) below this file's folder.", file.Location, fix: "Restore the image, or put the annotation file beside its images.");
        return EncodedImage.Decode(found, (image.Width, image.Height));
    }
}
