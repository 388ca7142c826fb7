using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Terminal;
using Sightline.Datasets;
using Sightline.Datasets.Audit;
using Sightline.Datasets.Download;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline data</c>: look at a data set, get a published one; loads no libtorch.</summary>
internal static class DataVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create() => new("data", "Look at data sets and get published ones. Example: sightline data info footage --sheet footage.png") { Info(), Get() };

    private static Command Info()
    {
        var defaults = new ImageSetOptions();
        var path = new Argument<string>("path") { Description = "A folder, an archive, a CSV manifest, a COCO file, CIFAR or IDX files." };
        var cropsOf = new Option<string?>("--crops-of") { Description = "Take the objects of a detection set as images: coco or voc (recognised when left out)." };
        var minSide = new Option<double>("--min-side") { Description = "Leave out objects whose shorter side is below this, in pixels.", DefaultValueFactory = _ => defaults.MinCropSide };
        var label = new Option<string?>("--label-column") { Description = "The manifest's column with the class." };
        var paths = new Option<string?>("--path-column") { Description = "The manifest's column with the image's path." };
        var splits = new Option<string?>("--split-column") { Description = "The manifest's column with the split." };
        var groups = new Option<string?>("--group-column") { Description = "The manifest's column with the drive." };
        var imageRoot = new Option<string?>("--image-root") { Description = "The folder that a manifest's or a COCO file's image paths start from." };
        var sheet = new Option<string?>("--sheet") { Description = "Also draw a contact sheet of every class into this file (.png or .jpg)." };
        var json = CommonOptions.Json();
        var command = new Command("info", "Say what a data set is, what is in it and what is wrong with it. Example: sightline data info ../images --sheet images.png")
        {
            path, cropsOf, minSide, label, paths, splits, groups, imageRoot, sheet, json,
        };
        command.SetAction((parsed, cancel) =>
        {
            string root = parsed.GetValue(path)!;
            if (parsed.GetValue(sheet) is string picture && Path.GetExtension(picture).ToLowerInvariant() is not (".png" or ".jpg" or ".jpeg"))
                throw new BadInputException("sheet-format", $"A contact sheet is a picture, not '{Path.GetExtension(picture)}'.", picture, fix: "Name a file that ends in .png, .jpg or .jpeg.");
            ImageSet set = ImageSet.Open(root, defaults with
            {
                CropsOf = parsed.GetValue(cropsOf),
                MinCropSide = parsed.GetValue(minSide),
                PathColumn = parsed.GetValue(paths),
                LabelColumn = parsed.GetValue(label),
                SplitColumn = parsed.GetValue(splits),
                GroupColumn = parsed.GetValue(groups),
                ImageRoot = parsed.GetValue(imageRoot),
            });
            RequireUsed(set, [(label, parsed.GetValue(label)), (paths, parsed.GetValue(paths)), (splits, parsed.GetValue(splits)), (groups, parsed.GetValue(groups))], "csv-manifest");
            RequireUsed(set, [(imageRoot, parsed.GetValue(imageRoot))], "csv-manifest", "coco-crops");
            DataAuditReport report;
            using (var progress = new ProgressReporter())
                report = DataAudit.Run(set, progress, cancel);
            string fingerprint = set.Fingerprint();
            if (parsed.GetValue(sheet) is string file)
            {
                DataSheet.Write(report.UsableSet(), file);
                Messages.Note($"Contact sheet: {file}");
            }
            if (parsed.GetValue(json))
                JsonOutput.WriteObject(writer => DataInfo.WriteJson(writer, report, fingerprint));
            else
                DataInfo.Print(Console.Out, report, fingerprint);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    // An option that changes nothing would leave its writer believing in it.
    private static void RequireUsed(ImageSet set, (Option Option, string? Value)[] options, params string[] formats)
    {
        if (!formats.Contains(set.Format) && options.FirstOrDefault(o => o.Value is not null) is { Option: Option unused, Value: string value })
        {
            throw new BadInputException(
                "option-unused", $"{unused.Name} {value} says nothing about a set of the form {set.Format}; it is for {string.Join(" and ", formats)}.", set.Root,
                fix: "Leave it out, or name the file that it is about.");
        }
    }

    private static Command Get()
    {
        var name = new Argument<string>("name") { Description = $"One of: {string.Join(", ", DatasetCatalogue.All.Select(d => d.Name))}." };
        var mirror = new Option<string?>("--mirror") { Description = "An address that has the files under their own names, asked first (for closed networks)." };
        var json = CommonOptions.Json();
        var command = new Command(
            "get", "Download a published data set into the cache folder (SIGHTLINE_DATA, else the platform's data folder), checked by SHA-256. Example: sightline data get cifar10")
        {
            name, mirror, json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            DatasetRelease release = DatasetCatalogue.Find(parsed.GetValue(name)!);
            var download = new DatasetDownload(mirror: parsed.GetValue(mirror));
            IReadOnlyList<DownloadedFile> files;
            using (var progress = new ProgressReporter())
                files = await download.GetAsync(release, progress, cancel).ConfigureAwait(false);
            string folder = download.FolderOf(release.Name);
            if (parsed.GetValue(json))
            {
                JsonOutput.WriteObject(writer =>
                {
                    writer.WriteString("name", release.Name);
                    writer.WriteString("folder", folder);
                    writer.WriteObjects("files", files, file =>
                    {
                        writer.WriteString("name", file.Name);
                        writer.WriteNumber("bytes", file.Bytes);
                        writer.WriteString("sha256", file.Sha256);
                        writer.WriteNumber("downloaded", file.Downloaded);
                    });
                });
            }
            else
            {
                Console.Out.WriteLine(folder);
                Messages.Note(string.Create(
                    CultureInfo.InvariantCulture, $"{release.Name}: {files.Sum(f => f.Bytes) / 1e6:0.0} MB, {(files.All(f => f.Downloaded == 0) ? "was here already" : "downloaded")}, SHA-256 as published. Next: sightline data info {folder}"));
            }
            return ExitCode.Done;
        });
        return command;
    }
}
