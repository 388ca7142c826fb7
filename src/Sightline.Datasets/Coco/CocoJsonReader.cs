using System.Text.Json;

namespace Sightline.Datasets.Coco;

/// <summary>Reads a COCO file record by record, so that its whole tree is never in memory.</summary>
internal static class CocoJsonReader
{
    /// <summary>Reads the file's bytes.</summary>
    /// <param name="bytes">UTF-8 JSON, with or without a byte-order mark.</param>
    /// <param name="path">What to call the file in an error.</param>
    /// <returns>The data set.</returns>
    public static CocoDataset Read(byte[] bytes, string path)
    {
        ReadOnlySpan<byte> utf8 = bytes;
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        var categories = new List<CocoCategory>();
        var images = new List<CocoImage>();
        var annotations = new List<CocoAnnotation>();
        var videos = new List<CocoVideo>();
        bool hasImages = false, hasAnnotations = false;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw NotDetection(path, reader.TokenType == JsonTokenType.StartArray ? "The file holds a list, as COCO result files do" : "The file holds no JSON object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                switch (name)
                {
                    case "categories":
                        ReadRecords(ref reader, utf8, path, name, categories, Category);
                        break;
                    case "images":
                        hasImages = true;
                        ReadRecords(ref reader, utf8, path, name, images, Image);
                        break;
                    case "annotations":
                        hasAnnotations = true;
                        ReadRecords(ref reader, utf8, path, name, annotations, Annotation);
                        break;
                    case "videos":
                        ReadRecords(ref reader, utf8, path, name, videos, Video);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
        }
        catch (JsonException exception)
        {
            if (NoNumber(utf8, exception) is string token)
            {
                throw new BadInputException(
                    "coco-number", $"Here stands {token}, which is not a number (and no JSON).", path, (int)(exception.LineNumber ?? 0) + 1, "Correct or remove this record, and find out why its program wrote it.", exception);
            }
            throw new BadInputException(
                "coco-syntax", "The JSON is damaged or cut off here.", path, (int)(exception.LineNumber ?? 0) + 1, "Copy or export the file again.", exception);
        }
        catch (InvalidOperationException exception)
        {
            // The reader finds out only when it makes a string.
            throw new BadInputException("coco-syntax", "A name here is not UTF-8 text.", path, Line(utf8, reader.TokenStartIndex), "Export the file again.", exception);
        }
        if (!hasImages || !hasAnnotations)
            throw NotDetection(path, $"The file has no list '{(hasImages ? "annotations" : "images")}'");
        return new CocoDataset(categories, images, annotations, videos);
    }

    // Python writes NaN and Infinity as they are, though JSON has no such words.
    private static string? NoNumber(ReadOnlySpan<byte> utf8, JsonException exception)
    {
        int start = 0;
        for (long line = 0; line < exception.LineNumber; line++)
        {
            int end = utf8[start..].IndexOf((byte)'\n');
            if (end < 0)
                return null;
            start += end + 1;
        }
        const int Longest = 9;
        long at = start + (exception.BytePositionInLine ?? 0);
        if (at > utf8.Length)
            return null;
        ReadOnlySpan<byte> around = utf8[(int)Math.Max(start, at - Longest)..(int)Math.Min(utf8.Length, at + Longest)];
        return around.IndexOf("NaN"u8) >= 0 ? "NaN" : around.IndexOf("Infinity"u8) >= 0 ? "Infinity" : null;
    }

    private delegate T RecordReader<T>(JsonElement element);

    private static BadInputException NotDetection(string path, string found) =>
        new("coco-not-detection", $"{found}; a COCO detection file is an object with the lists 'images', 'annotations' and 'categories'.", path, fix: "Give the ground-truth annotation file.");

    private static void ReadRecords<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string path, string list, List<T> records, RecordReader<T> read)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new BadInputException("coco-record", $"'{list}' is not a list.", path, Line(utf8, reader.TokenStartIndex), "Export the file again.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            long start = reader.TokenStartIndex;
            try
            {
                using JsonDocument record = JsonDocument.ParseValue(ref reader);
                if (record.RootElement.ValueKind != JsonValueKind.Object)
                    throw new FormatException($"it is a {record.RootElement.ValueKind}, not an object");
                records.Add(read(record.RootElement));
            }
            catch (Exception exception) when (exception is FormatException or InvalidOperationException)
            {
                string fault = exception is FormatException ? exception.Message : "a text in it is not UTF-8";
                throw new BadInputException(
                    "coco-record", $"Record {records.Count} of '{list}': {fault}.", path, Line(utf8, start), "Correct or remove this record.", exception);
            }
        }
    }

    private static int Line(ReadOnlySpan<byte> utf8, long position) => utf8[..(int)position].Count((byte)'\n') + 1;

    private static CocoCategory Category(JsonElement e) => new(Int(e, "id"), Text(e, "name"), OptionalText(e, "supercategory"));

    private static CocoVideo Video(JsonElement e) => new(Int(e, "id"), OptionalText(e, "name") ?? $"video-{Int(e, "id")}");

    private static CocoImage Image(JsonElement e) => new(
        Long(e, "id"), Text(e, "file_name"), OptionalInt(e, "width") ?? 0, OptionalInt(e, "height") ?? 0,
        OptionalInt(e, "video_id"), OptionalInt(e, "frame_index") ?? OptionalInt(e, "frame_id"), OptionalLong(e, "timestamp_ns"));

    private static CocoAnnotation Annotation(JsonElement e)
    {
        (RleMask? mask, IReadOnlyList<IReadOnlyList<double>>? polygons) = Segmentation(e);
        IReadOnlyList<double>? box = OptionalNumbers(e, "bbox", 4) ?? BoxOf(mask, polygons)
            ?? throw new FormatException("there is no 'bbox', and no segmentation to take it from");
        return new CocoAnnotation(
            Long(e, "id"), Long(e, "image_id"), Int(e, "category_id"), box[0], box[1], box[2], box[3],
            OptionalNumber(e, "area") ?? mask?.Area ?? box[2] * box[3],
            Flag(e, "iscrowd"), mask, polygons, OptionalInt(e, "track_id") ?? OptionalInt(e, "instance_id"),
            OptionalNumbers(e, "amodal_bbox", 4), OptionalNumber(e, "occlusion"), OptionalNumber(e, "truncation"));
    }

    private static IReadOnlyList<double>? BoxOf(RleMask? mask, IReadOnlyList<IReadOnlyList<double>>? polygons)
    {
        if (mask is not null)
        {
            (int x, int y, int width, int height) = mask.BoundingBox();
            return [x, y, width, height];
        }
        if (polygons is null || !polygons.Any(p => p.Count >= 2))
            return null;
        double[] xs = [.. polygons.SelectMany(p => p.Where((_, i) => i % 2 == 0))];
        double[] ys = [.. polygons.SelectMany(p => p.Where((_, i) => i % 2 == 1))];
        return [xs.Min(), ys.Min(), xs.Max() - xs.Min(), ys.Max() - ys.Min()];
    }

    private static (RleMask? Mask, IReadOnlyList<IReadOnlyList<double>>? Polygons) Segmentation(JsonElement e)
    {
        if (!Has(e, "segmentation", out JsonElement segmentation))
            return (null, null);
        if (segmentation.ValueKind == JsonValueKind.Array)
        {
            var polygons = new List<IReadOnlyList<double>>(segmentation.GetArrayLength());
            foreach (JsonElement polygon in segmentation.EnumerateArray())
            {
                double[] numbers = Numbers(polygon, "segmentation");
                if (numbers.Length % 2 != 0)
                    throw new FormatException($"a polygon in 'segmentation' has {numbers.Length} numbers, not pairs of x and y");
                polygons.Add(numbers);
            }
            return (null, polygons.Count == 0 ? null : polygons);
        }
        if (segmentation.ValueKind != JsonValueKind.Object || !Has(segmentation, "counts", out JsonElement counts))
            throw new FormatException("'segmentation' is neither a list of polygons nor run lengths with 'size' and 'counts'");
        double[] size = Has(segmentation, "size", out JsonElement sizes) ? Numbers(sizes, "size") : [];
        if (size.Length != 2 || size[0] is not (>= 1 and <= int.MaxValue) || size[1] is not (>= 1 and <= int.MaxValue))
            throw new FormatException("'size' of 'segmentation' is not [height, width]");
        int height = (int)size[0], width = (int)size[1];
        return counts.ValueKind switch
        {
            JsonValueKind.String => (RleMask.FromCompressedString(counts.GetString(), height, width), null),
            JsonValueKind.Array => (RleMask.FromCounts([.. counts.EnumerateArray().Select(c => AsInt(c, "counts"))], height, width), null),
            _ => throw new FormatException("'counts' of 'segmentation' is neither text nor a list of run lengths"),
        };
    }

    private static bool Has(JsonElement e, string name, out JsonElement value) =>
        e.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static JsonElement Required(JsonElement e, string name) =>
        Has(e, name, out JsonElement value) ? value : throw new FormatException($"'{name}' is missing");

    private static FormatException Mistyped(JsonElement value, string name, string expected)
    {
        string raw = value.GetRawText();
        return new FormatException($"'{name}' is {(raw.Length > 40 ? raw[..40] + "…" : raw)}, not {expected}");
    }

    private static string Text(JsonElement e, string name)
    {
        JsonElement value = Required(e, name);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Mistyped(value, name, "text");
    }

    private static string? OptionalText(JsonElement e, string name) => Has(e, name, out _) ? Text(e, name) : null;

    private static int Int(JsonElement e, string name) => AsInt(Required(e, name), name);

    private static int? OptionalInt(JsonElement e, string name) => Has(e, name, out JsonElement value) ? AsInt(value, name) : null;

    private static int AsInt(JsonElement value, string name) =>
        AsLong(value, name) is >= int.MinValue and <= int.MaxValue and long number ? (int)number : throw Mistyped(value, name, "a whole number of 32 bits");

    private static long Long(JsonElement e, string name) => AsLong(Required(e, name), name);

    private static long? OptionalLong(JsonElement e, string name) => Has(e, name, out JsonElement value) ? AsLong(value, name) : null;

    private static long AsLong(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt64(out long whole))
                return whole;
            // Some exporters write whole numbers as 12.0.
            if (value.TryGetDouble(out double number) && Math.Abs(number) < 1L << 53 && number == Math.Floor(number))
                return (long)number;
        }
        throw Mistyped(value, name, "a whole number");
    }

    private static double? OptionalNumber(JsonElement e, string name) => Has(e, name, out JsonElement value) ? AsNumber(value, name) : null;

    private static double AsNumber(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Mistyped(value, name, "a number");

    private static double[] Numbers(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => AsNumber(v, name))] : throw Mistyped(value, name, "a list of numbers");

    private static double[]? OptionalNumbers(JsonElement e, string name, int count)
    {
        if (!Has(e, name, out JsonElement value))
            return null;
        double[] numbers = Numbers(value, name);
        return numbers.Length == count ? numbers : throw Mistyped(value, name, $"a list of {count} numbers");
    }

    private static bool Flag(JsonElement e, string name)
    {
        if (!Has(e, name, out JsonElement value))
            return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => AsInt(value, name) != 0,
        };
    }
}
