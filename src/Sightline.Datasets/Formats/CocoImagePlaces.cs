using Sightline.Datasets.Files;

namespace Sightline.Datasets.Formats;

/// <summary>Where the images of a COCO file lie.</summary>
internal static class CocoImagePlaces
{
    /// <summary>Finds an image: beside the annotation file, in <c>images/</c>, or where COCO's own layout has it.</summary>
    /// <param name="tree">The files to search.</param>
    /// <param name="file">The annotation file.</param>
    /// <param name="path">The image's path as the annotation file has it, normalised.</param>
    /// <returns>The image's file; null when there is none.</returns>
    public static TreeFile? Find(FileTree tree, TreeFile file, string path)
    {
        // COCO's own layout: annotations/instances_train2017.json beside train2017/ or images/train2017/.
        string stem = Path.GetFileNameWithoutExtension(file.FileName);
        string folder = stem[(stem.IndexOf('_') + 1)..];
        string above = TreePath.Folder(file.Folder);
        string[] places =
        [
            TreePath.Join(file.Folder, path), TreePath.Join(TreePath.Join(file.Folder, "images"), path), TreePath.Join(above, path),
            TreePath.Join(above, $"images/{path}"), TreePath.Join(above, $"{folder}/{path}"), TreePath.Join(above, $"images/{folder}/{path}"),
        ];
        return places.Select(tree.Find).FirstOrDefault(f => f is not null);
    }
}
