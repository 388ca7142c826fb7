using System.Text.Json;

namespace Sightline.Cli.Terminal;

/// <summary>Prints one machine-readable document on standard output, written by hand: no reflection, so it costs no start-up time.</summary>
internal static class JsonOutput
{
    /// <summary>Writes one JSON object and a newline.</summary>
    /// <param name="write">Writes the members; start and end of the object are written around it.</param>
    public static void WriteObject(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        using Stream output = Console.OpenStandardOutput();
        buffer.WriteTo(output);
    }
}
