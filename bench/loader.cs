#:project ../src/Sightline.Training/Sightline.Training.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
// How fast the data pipeline feeds a network: JPEG files of 640×480 → 224×224 random resized crop, flip, normalisation, tensors.
// The goal is 400 images/s per core. Per core means: images by seconds of processor time of the whole process (all its threads, the
// garbage collector and the making of the tensors included). Other load still slows it (shared caches, two threads to a core): measure on
// an idle machine; the result holds the load average.
//
//   dotnet run -c Release bench/loader.cs [FOLDER OF JPEGS]      writes bench/results/loader.json
//
// Without a folder it makes 200 pictures (texture, edges, sensor-like noise) and says how many bytes they have.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sightline;
using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Training.Augmentation;
using Sightline.Training.Pipeline;

const int Width = 640, Height = 480, Side = 224, Pictures = 200, Epochs = 3, Rounds = 5;
string work = Directory.CreateTempSubdirectory("sightline-loader-bench").FullName;
try
{
    long bytes = WritePictures(work, args.Length > 0 ? args[0] : null, out int count);
    ImageSet set = ImageSet.Open(work);
    var preprocessing = new Preprocessing(Side, Side, ResizeRule.ShorterSideCenterCrop, 256, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);
    var recipe = new AugmentationRecipe { RandomResizedCrop = new RandomResizedCropRecipe(), HorizontalFlip = 0.5 };
    var rows = new List<(int Workers, double PerCore, double Wall)>();
    foreach (int workers in new[] { 0, 1, Environment.ProcessorCount }.Distinct())
    {
        using var loader = new BatchLoader(set.Samples, preprocessing, recipe, new LoaderOptions { BatchSize = 50, Seed = 1, Shuffle = true, Workers = workers, CacheBytes = 0 });
        Pass(loader, 0); // compiled and warm
        var measured = new List<(double PerCore, double Wall)>();
        for (int round = 0; round < Rounds; round++)
        {
            TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
            var clock = Stopwatch.StartNew();
            int images = 0;
            for (int epoch = 1; epoch <= Epochs; epoch++)
                images += Pass(loader, round * Epochs + epoch);
            measured.Add((images / (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds, images / clock.Elapsed.TotalSeconds));
        }
        double perCore = measured.Select(m => m.PerCore).Order().ElementAt(Rounds / 2), wall = measured.Select(m => m.Wall).Order().ElementAt(Rounds / 2);
        rows.Add((workers, perCore, wall));
        Console.WriteLine(FormattableString.Invariant($"{workers} workers: {perCore:0} images/s per core of processor time, {wall:0} images/s by the clock"));
    }
    AtomicFile.Write(Path.Combine(Here(), "results", "loader.json"), stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("what", "JPEG 640x480 -> 224x224 random resized crop, flip, normalisation, tensors");
        json.WriteString("command", "dotnet run -c Release bench/loader.cs");
        json.WriteNumber("goalImagesPerSecondPerCore", 400);
        json.WriteString("pictures", args.Length > 0 ? "given" : "made: texture, edges, noise");
        json.WriteNumber("meanFileBytes", bytes / count);
        json.WriteNumber("cores", Environment.ProcessorCount);
        json.WriteString("processor", Processor());
        json.WriteString("dotnet", Environment.Version.ToString());
        json.WriteString("os", RuntimeInformation.OSDescription);
        json.WriteString("loadAverage", File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown");
        json.WriteStartArray("median");
        foreach ((int workers, double perCore, double wall) in rows)
        {
            json.WriteStartObject();
            json.WriteNumber("workers", workers);
            json.WriteNumber("imagesPerSecondPerCore", Math.Round(perCore, 1));
            json.WriteNumber("imagesPerSecond", Math.Round(wall, 1));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        stream.WriteByte((byte)'\n');
    });
}
finally
{
    Directory.Delete(work, recursive: true);
}

static int Pass(BatchLoader loader, int epoch)
{
    int images = 0;
    foreach (Batch batch in loader.Epoch(epoch))
    {
        using (batch)
            images += batch.Count;
    }
    return images;
}

static long WritePictures(string folder, string? from, out int count)
{
    string[] given = from is null ? [] : [.. Directory.EnumerateFiles(from, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(Pictures)];
    count = from is null ? Pictures : given.Length;
    long bytes = 0;
    for (int i = 0; i < count; i++)
    {
        RgbImage image = from is null ? Picture(i) : Resize.To(ImageCodec.Read(given[i]), Width, Height);
        byte[] jpeg = ImageCodec.EncodeJpeg(image, 90);
        bytes += jpeg.Length;
        AtomicFile.WriteBytes(Path.Combine(folder, "train", i % 2 == 0 ? "even" : "odd", $"{i:000}.jpg"), jpeg);
    }
    return bytes;
}

static RgbImage Picture(int seed)
{
    var stream = new SeedStream(1, "bench-picture", seed);
    var image = new RgbImage(Width, Height);
    double a = stream.Uniform(0.01, 0.15), b = stream.Uniform(0.01, 0.15), edge = stream.Uniform(100, 500);
    for (int y = 0; y < Height; y++)
    {
        for (int x = 0; x < Width; x++)
        {
            double value = 120 + 70 * Math.Sin(a * x + Math.Cos(b * y)) + (x + 0.4 * y > edge ? 40 : -20) + stream.Uniform(-8, 8);
            for (int c = 0; c < 3; c++)
                image.Pixels[3 * (y * Width + x) + c] = (byte)Math.Clamp(value + 15 * c, 0, 255);
        }
    }
    return image;
}

static string Processor() => File.Exists("/proc/cpuinfo")
    ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown"
    : RuntimeInformation.ProcessArchitecture.ToString();

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
