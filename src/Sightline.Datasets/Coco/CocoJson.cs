using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sightline.Datasets.Coco;

/// <summary>Reads and writes COCO annotation files.</summary>
/// <remarks>
/// Beside COCO's own fields: <c>videos</c>, <c>video_id</c>, <c>frame_index</c>, <c>timestamp_ns</c> of images, <c>track_id</c>,
/// <c>amodal_bbox</c>, <c>occlusion</c> and <c>truncation</c> of annotations. Other readers of COCO files pass over them.
/// </remarks>
public static class CocoJson
{
    /// <summary>
    /// Reads an annotation file. Polygons, compressed and uncompressed run lengths are understood; a missing box comes from the mask or
    /// the polygons, a missing area from the mask or the box, other missing optional fields stay empty; unknown fields are passed over.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>What it holds. References between its records are not checked here.</returns>
    /// <exception cref="BadInputException">
    /// The file is missing (<c>coco-missing</c>), no JSON (<c>coco-syntax</c>, with the line), no COCO detection file
    /// (<c>coco-not-detection</c>), or a record misses or mistypes a field (<c>coco-record</c>, with record and line).
    /// </exception>
    public static CocoDataset Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException("coco-missing", "There is no such annotation file.", path, fix: "Give the path of a COCO annotation file.", inner: exception);
        }
        return CocoJsonReader.Read(bytes, path);
    }

    /// <summary>Writes an annotation file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="dataset">What to write. Masks are written as compressed run lengths, else polygons are.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, CocoDataset dataset)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(dataset);
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            Write(json, dataset);
        });
    }

    private static void Write(Utf8JsonWriter json, CocoDataset dataset)
    {
        json.WriteStartObject();
        WriteRecords(json, "categories", dataset.Categories, WriteCategory);
        if (dataset.Videos.Count > 0)
            WriteRecords(json, "videos", dataset.Videos, WriteVideo);
        WriteRecords(json, "images", dataset.Images, WriteImage);
        WriteRecords(json, "annotations", dataset.Annotations, WriteAnnotation);
        json.WriteEndObject();
    }

    private static void WriteRecords<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> records, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T record in records)
        {
            json.WriteStartObject();
            write(json, record);
            json.WriteEndObject();
            // The writer buffers: hand on what is finished, so that a file of any size needs little memory.
            if (json.BytesPending > 1 << 16)
                json.Flush();
        }
        json.WriteEndArray();
    }

    private static void WriteCategory(Utf8JsonWriter json, CocoCategory category)
    {
        json.WriteNumber("id", category.Id);
        json.WriteString("name", category.Name);
        if (category.Supercategory is not null)
            json.WriteString("supercategory", category.Supercategory);
    }

    private static void WriteVideo(Utf8JsonWriter json, CocoVideo video)
    {
        json.WriteNumber("id", video.Id);
        json.WriteString("name", video.Name);
    }

    private static void WriteImage(Utf8JsonWriter json, CocoImage image)
    {
        json.WriteNumber("id", image.Id);
        json.WriteString("file_name", image.FileName);
        json.WriteNumber("width", image.Width);
        json.WriteNumber("height", image.Height);
        if (image.VideoId is int video)
            json.WriteNumber("video_id", video);
        if (image.FrameIndex is int frame)
            json.WriteNumber("frame_index", frame);
        if (image.TimestampNs is long time)
            json.WriteNumber("timestamp_ns", time);
    }

    private static void WriteAnnotation(Utf8JsonWriter json, CocoAnnotation annotation)
    {
        json.WriteNumber("id", annotation.Id);
        json.WriteNumber("image_id", annotation.ImageId);
        json.WriteNumber("category_id", annotation.CategoryId);
        WriteNumbers(json, "bbox", [annotation.X, annotation.Y, annotation.Width, annotation.Height]);
        json.WriteNumber("area", annotation.Area);
        json.WriteNumber("iscrowd", annotation.IsCrowd ? 1 : 0);
        if (annotation.Mask is RleMask mask)
        {
            json.WriteStartObject("segmentation");
            json.WriteStartArray("size");
            json.WriteNumberValue(mask.Height);
            json.WriteNumberValue(mask.Width);
            json.WriteEndArray();
            json.WriteString("counts", mask.ToCompressedString());
            json.WriteEndObject();
        }
        else if (annotation.Polygons is not null)
        {
            json.WriteStartArray("segmentation");
            foreach (IReadOnlyList<double> polygon in annotation.Polygons)
                WriteNumbers(json, null, polygon);
            json.WriteEndArray();
        }
        if (annotation.TrackId is int track)
            json.WriteNumber("track_id", track);
        if (annotation.AmodalBox is not null)
            WriteNumbers(json, "amodal_bbox", annotation.AmodalBox);
        if (annotation.Occlusion is double occlusion)
            json.WriteNumber("occlusion", occlusion);
        if (annotation.Truncation is double truncation)
            json.WriteNumber("truncation", truncation);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string? name, IReadOnlyList<double> numbers)
    {
        if (name is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        foreach (double number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
