using System.Numerics;
using System.Text.Json;
using Sightline.Simulation.Worlds;

namespace Sightline.Simulation.Recording;

/// <summary>The small JSON files of a recording.</summary>
internal static class RecordingFiles
{
    /// <summary>The conventions, spelled out in each file that holds a pose.</summary>
    private const string Frames = "Metres, right-handed. World and body: x forward, y left, z up. Camera: x right, y down, z forward. Rotations are unit quaternions [x, y, z, w].";

    private const string Generator = "sightline record";

    /// <summary>Whether a file is the <c>recording.json</c> of a recording of this program.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Whether it is; not when it is missing or damaged.</returns>
    public static bool IsRecording(string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("generator", out JsonElement generator)
                && generator.ValueKind == JsonValueKind.String && generator.GetString() == Generator;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes the camera: intrinsics and mount.</summary>
    public static void WriteCalibration(string path, PinholeCamera camera) => Write(path, json =>
    {
        json.WriteString("conventions", Frames);
        json.WriteStartObject("camera");
        json.WriteString("model", "pinhole");
        json.WriteNumber("width", camera.Width);
        json.WriteNumber("height", camera.Height);
        json.WriteNumber("fx", camera.Fx);
        json.WriteNumber("fy", camera.Fy);
        json.WriteNumber("cx", camera.Cx);
        json.WriteNumber("cy", camera.Cy);
        json.WriteStartArray("distortion");
        json.WriteEndArray();
        json.WriteStartObject("bodyFromCamera");
        WritePose(json, CameraMount.Position, CameraMount.Rotation);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Writes the robot's way: world from body in the middle of each exposure.</summary>
    public static void WritePoses(string path, string drive, IReadOnlyList<(long TimestampNs, RobotPose Pose)> poses) => Write(path, json =>
    {
        json.WriteString("conventions", Frames);
        json.WriteString("drive", drive);
        json.WriteStartArray("worldFromBody");
        for (int i = 0; i < poses.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("frame", i);
            json.WriteNumber("timestampNs", poses[i].TimestampNs);
            WritePose(json, poses[i].Pose.Position, poses[i].Pose.Rotation);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    /// <summary>Writes what was asked for, and what the numbers in the semantic images mean.</summary>
    public static void WriteRecording(string path, RecordingOptions o, IReadOnlyList<(string Name, Weather Weather, int Objects)> drives) => Write(path, json =>
    {
        json.WriteString("generator", Generator);
        json.WriteString("version", typeof(RecordingFiles).Assembly.GetName().Version?.ToString(3));
        json.WriteNumber("seed", o.Seed);
        json.WriteNumber("drives", o.Drives);
        json.WriteNumber("framesPerDrive", o.FramesPerDrive);
        json.WriteNumber("framesPerSecond", o.FramesPerSecond);
        json.WriteNumber("width", o.Width);
        json.WriteNumber("height", o.Height);
        json.WriteNumber("horizontalView", o.HorizontalView);
        json.WriteBoolean("depth", o.Depth);
        json.WriteNumber("difficulty", o.Difficulty);
        json.WriteNumber("yardScale", o.YardScale);
        json.WriteNumber("leastPixels", o.LeastPixels);
        json.WriteNumber("jpegQuality", o.JpegQuality);
        json.WriteStartObject("semanticClasses");
        for (int i = 0; i < SemanticClasses.Count; i++)
            json.WriteNumber(SemanticClasses.Name((SemanticClass)i), i);
        json.WriteEndObject();
        json.WriteStartArray("recorded");
        foreach ((string name, Weather w, int objects) in drives)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("objects", objects);
            json.WriteNumber("sunElevation", MathF.Asin(w.SunDirection.Z));
            json.WriteNumber("sunAzimuth", MathF.Atan2(w.SunDirection.Y, w.SunDirection.X));
            json.WriteNumber("clouds", w.Clouds);
            json.WriteNumber("fogPerMetre", w.Fog);
            json.WriteNumber("shutterSeconds", w.ShutterSeconds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static void WritePose(Utf8JsonWriter json, Vector3 position, Quaternion rotation)
    {
        json.WriteStartArray("position");
        json.WriteNumberValue(position.X);
        json.WriteNumberValue(position.Y);
        json.WriteNumberValue(position.Z);
        json.WriteEndArray();
        json.WriteStartArray("rotation");
        json.WriteNumberValue(rotation.X);
        json.WriteNumberValue(rotation.Y);
        json.WriteNumberValue(rotation.Z);
        json.WriteNumberValue(rotation.W);
        json.WriteEndArray();
    }

    private static void Write(string path, Action<Utf8JsonWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        stream.WriteByte((byte)'\n');
    });
}
