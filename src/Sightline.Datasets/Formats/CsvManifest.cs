using System.Globalization;
using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Datasets.Splits;

namespace Sightline.Datasets.Formats;

/// <summary>A CSV manifest: a row per image with path and label, and perhaps split and group.</summary>
internal sealed class CsvManifest
{
    private static readonly string[] PathNames = ["path", "image", "file", "filename", "file_name", "image_path", "filepath"];
    private static readonly string[] LabelNames = ["label", "class", "category", "class_name"];
    private static readonly string[] SplitColumnNames = ["split", "set", "subset"];
    private static readonly string[] GroupNames = ["group", "drive", "sequence", "video"];

    private readonly FileTree tree;
    private readonly ImageSetOptions options;
    private readonly List<DataProblem> problems;
    private readonly List<Row> rows = [];
    private readonly Dictionary<string, Row> byPath = new(StringComparer.Ordinal);

    private CsvManifest(FileTree tree, ImageSetOptions options)
    {
        this.tree = tree;
        this.options = options;
        problems = [.. tree.Problems];
    }

    private sealed record Row(TreeFile File, string Label, string Split, string? Group, string Manifest, int Line);

    /// <summary>Whether a CSV file has the columns of a manifest.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">The options.</param>
    /// <returns>Whether it has.</returns>
    public static bool IsManifest(TreeFile file, ImageSetOptions options)
    {
        CsvRecord? header = CsvReader.Read(file.ReadBytes(), file.Location, strict: false).FirstOrDefault();
        return header is not null && Column(header, options.PathColumn, PathNames) >= 0 && Column(header, options.LabelColumn, LabelNames) >= 0;
    }

    /// <summary>Reads the set.</summary>
    /// <param name="tree">The files that the paths lead to.</param>
    /// <param name="manifests">The manifests; several are one for each split, by their names.</param>
    /// <param name="root">What the person opened.</param>
    /// <param name="options">The options.</param>
    /// <param name="beside">The files beside the manifest, where its list of classes lies.</param>
    /// <returns>The set.</returns>
    /// <exception cref="BadInputException">A column is missing, or a manifest is no CSV.</exception>
    public static ImageSet Open(FileTree tree, IReadOnlyList<TreeFile> manifests, string root, ImageSetOptions options, FileTree beside)
    {
        var manifest = new CsvManifest(tree, options);
        string found = "";
        foreach (TreeFile file in manifests)
            found = manifest.ReadRows(file, manifests.Count > 1 ? SplitNames.In(file.FileName) : "");
        return manifest.Build(beside, root, $"{string.Join(" and ", manifests.Select(m => m.FileName))} with the columns {found}", manifests[0]);
    }

    private static int Column(CsvRecord header, string? asked, string[] usual)
    {
        string[] names = asked is null ? usual : [asked];
        foreach (string name in names)
        {
            for (int i = 0; i < header.Fields.Count; i++)
            {
                if (header.Fields[i].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                    return i;
            }
        }
        return -1;
    }

    private string ReadRows(TreeFile file, string split)
    {
        using IEnumerator<CsvRecord> records = CsvReader.Read(file.ReadBytes(), file.Location).GetEnumerator();
        if (!records.MoveNext())
            throw new BadInputException("manifest-empty", "The manifest is empty.", file.Location, fix: "Write a header (path,label) and a row for each image.");
        CsvRecord header = records.Current;
        int path = Require(header, options.PathColumn, PathNames, file), label = Require(header, options.LabelColumn, LabelNames, file);
        int splitColumn = options.SplitColumn is null ? Column(header, null, SplitColumnNames) : Require(header, options.SplitColumn, SplitColumnNames, file);
        int group = options.GroupColumn is null ? Column(header, null, GroupNames) : Require(header, options.GroupColumn, GroupNames, file);
        bool any = false;
        while (records.MoveNext())
        {
            any = true;
            CsvRecord record = records.Current;
            if (record.Fields.Count != header.Fields.Count)
            {
                problems.Add(new DataProblem(
                    "manifest-row", file.Location, $"The row has {record.Fields.Count} fields, the header {header.Fields.Count}.", "Correct the row; quote fields that hold the separator.",
                    record.Line, StopsTraining: false, Unusable: 1));
                continue;
            }
            string labelText = record.Fields[label].Trim();
            if (IsMissing(labelText))
            {
                problems.Add(new DataProblem(
                    "manifest-label-missing", file.Location, $"The label is {(labelText.Length == 0 ? "empty" : $"'{labelText}'")}.", "Write the class, or remove the row.", record.Line, Unusable: 1));
                continue;
            }
            string? drive = group < 0 || IsMissing(record.Fields[group]) ? null : record.Fields[group].Trim();
            string splitText = splitColumn < 0 ? split : SplitNames.Normalise(record.Fields[splitColumn]);
            if (splitText.Length > 0 && IsMissing(splitText))
            {
                problems.Add(SplitMissing(file.Location, $"The split is '{splitText}'.", record.Line));
                continue;
            }
            if (FindImage(record.Fields[path].Trim(), file, record.Line) is TreeFile image)
                AddRow(new Row(image, labelText, splitText, drive, file.Location, record.Line));
        }
        if (!any)
            problems.Add(new DataProblem("manifest-empty", file.Location, "The manifest has a header, but no row.", "Write a row for each image."));
        int[] used = [.. new[] { path, label, splitColumn, group }.Where(c => c >= 0)];
        return string.Join(", ", used.Select(c => header.Fields[c].Trim()));
    }

    // What tables write where they know nothing.
    private static bool IsMissing(string text) => text.Trim().ToLowerInvariant() is "" or "nan" or "null" or "n/a";

    private static DataProblem SplitMissing(string manifest, string found, int line) =>
        new("manifest-split-missing", manifest, found, "Write train, val or test, or remove the row.", line, Unusable: 1);

    private static int Require(CsvRecord header, string? asked, string[] usual, TreeFile file)
    {
        if (Column(header, asked, usual) is >= 0 and int column)
            return column;
        string wanted = asked ?? usual[0];
        string? nearest = NearestName.Find(wanted, header.Fields);
        throw new BadInputException(
            "manifest-column-missing", $"There is no column '{wanted}'{(nearest is null ? "" : $" (did you mean '{nearest}'?)")}; the header has: {string.Join(", ", header.Fields)}.",
            file.Location, header.Line, $"Name the column '{wanted}', or say which column to take (data.columns in a recipe; --path-column, --label-column, --split-column, --group-column for data info).");
    }

    private TreeFile? FindImage(string path, TreeFile manifest, int line)
    {
        string? inside = Path.IsPathRooted(path) && tree is FolderTree
            ? TreePath.Normalise(Path.GetRelativePath(Path.GetFullPath(tree.Location), path))
            : TreePath.Normalise(path);
        if (inside is null && path.Length > 0)
        {
            problems.Add(new DataProblem(
                "path-outside-set", manifest.Location, $"The path '{path}' leads out of the set's folder; it was not followed.",
                "Write paths below the manifest's folder, or give the folder they start from (data.imageRoot in a recipe, --image-root for data info).", line, Unusable: 1));
            return null;
        }
        TreeFile? file = inside is null ? null : tree.Find(inside) ?? tree.Find(TreePath.Join(manifest.Folder, inside)) ?? tree.Find("images/" + inside);
        if (file is null)
        {
            problems.Add(new DataProblem(
                "image-missing", manifest.Location, path.Length == 0 ? "The path is empty." : $"There is no file '{path}'.", "Correct the path, restore the file, or remove the row; where all paths start from another folder, give it (data.imageRoot in a recipe, --image-root for data info).",
                line, StopsTraining: false, Unusable: 1));
        }
        return file;
    }

    private void AddRow(Row row)
    {
        if (byPath.TryAdd(row.File.Path, row))
        {
            rows.Add(row);
            return;
        }
        Row first = byPath[row.File.Path];
        bool same = first.Label == row.Label && first.Split == row.Split;
        problems.Add(new DataProblem(
            same ? "manifest-repeats-image" : "manifest-contradicts-itself", row.Manifest,
            $"'{row.File.Path}' is already on line {first.Line}{(same ? "" : $", as '{first.Label}'{(first.Split.Length > 0 ? $" in '{first.Split}'" : "")}, and here as '{row.Label}'{(row.Split.Length > 0 ? $" in '{row.Split}'" : "")}")}; this row is not used.",
            "Keep one of the two rows.", row.Line, StopsTraining: !same));
    }

    private ImageSet Build(FileTree beside, string root, string found, TreeFile manifest)
    {
        IReadOnlyList<string>? given = options.Classes ?? ClassList.Beside(beside, manifest.Folder);
        IReadOnlyList<string> classes = given ?? ClassList.Of(rows.Select(r => r.Label));
        var labels = classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        var samples = new List<ImageSample>(rows.Count);
        bool splitKnown = rows.Any(r => r.Split.Length > 0), groupKnown = rows.Any(r => r.Group is not null);
        var bySplit = new Dictionary<string, SortedDictionary<string, (string Path, int? Line)>>();
        foreach (Row row in rows)
        {
            if (splitKnown && row.Split.Length == 0)
            {
                problems.Add(SplitMissing(row.Manifest, "The split is empty, while other rows name one.", row.Line));
                continue;
            }
            bool isNumber = int.TryParse(row.Label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number);
            if (!labels.TryGetValue(row.Label, out int label))
                label = given is not null && isNumber && number < classes.Count ? number : -1;
            if (label < 0 || (isNumber && number < 0))
            {
                problems.Add(LabelOutside(row.Manifest, row.Label, classes, row.Line));
                continue;
            }
            if (groupKnown && row.Group is null)
            {
                problems.Add(new DataProblem(
                    "manifest-group-missing", row.Manifest, "The drive is empty, while other rows name one; this image stands for itself when the set is split by drive.",
                    "Write the drive it was taken in: its neighbours look almost the same.", row.Line, StopsTraining: false));
            }
            samples.Add(new ImageSample(row.File.Name, label, row.Split, row.Group ?? (groupKnown ? row.File.Name : null), new EncodedImage(row.File)));
            if (!bySplit.TryGetValue(row.Split, out SortedDictionary<string, (string Path, int? Line)>? names))
                bySplit[row.Split] = names = new(StringComparer.Ordinal);
            names.TryAdd(classes[label], (row.Manifest, row.Line));
        }
        problems.AddRange(ClassNameCheck.Compare(bySplit));
        return new ImageSet("csv-manifest", root, $"{found}: {samples.Count} images in {classes.Count} classes.", classes, samples, problems);
    }

    private static DataProblem LabelOutside(string path, string label, IReadOnlyList<string> classes, int line)
    {
        string? nearest = NearestName.Find(label, classes);
        return new DataProblem(
            "label-outside-classes", path, $"The label '{label}' is none of the {classes.Count} classes{(nearest is null || nearest == label ? "" : $" (did you mean '{nearest}'?)")}.",
            "Correct the label, or add the class to the list of classes.", line, Unusable: 1);
    }
}
