using System.Text.Encodings.Web;
using System.Text.Json;
using Sightline.Training.Loop;

namespace Sightline.Training.Runs;

/// <summary><c>diverged.json</c>: that a training ended without a finite loss, where and why; a diagnosis reads it. Gone once the run goes on.</summary>
internal static class DivergenceRecord
{
    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="epoch">The epoch in which it happened, from 1.</param>
    /// <param name="step">Optimiser steps taken before.</param>
    /// <param name="exception">What happened.</param>
    public static void Write(string path, int epoch, long step, TrainingDivergedException exception) => AtomicFile.Write(path, stream =>
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", epoch);
            json.WriteNumber("step", step);
            json.WriteString("reason", $"{char.ToUpperInvariant(exception.Reason[0])}{exception.Reason[1..]}.");
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    });
}
