using System.Text;

namespace Sightline.Diagnosis;

/// <summary>
/// Reads the scalars of events. To what <see cref="EventMessage"/> names come
/// <c>Value { TensorProto tensor = 8; SummaryMetadata metadata = 9 }</c>, <c>SummaryMetadata { PluginData plugin_data = 1 }</c>,
/// <c>PluginData { string plugin_name = 1 }</c>: TensorFlow 2 writes scalars, histograms and images alike as tensors. Fields that are not known
/// (images, histograms, audio) are passed over. Each tag is one string, however often it comes.
/// </summary>
internal sealed class EventParser
{
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> tags = new Dictionary<string, string>().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Reads an event's step, and adds its scalars to <paramref name="scalars"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are no event.</exception>
    internal long Parse(ReadOnlySpan<byte> bytes, List<ScalarEvent> scalars)
    {
        double wallTime = 0;
        long step = 0;
        int first = scalars.Count;
        var reader = new WireReader(bytes);
        while (reader.Next(out int field, out ulong number, out ReadOnlySpan<byte> content))
        {
            switch (field)
            {
                case 1:
                    wallTime = BitConverter.UInt64BitsToDouble(number);
                    break;
                case 2:
                    step = unchecked((long)number);
                    break;
                case 5:
                    Summary(content, scalars);
                    break;
            }
        }
        // The fields of a message may come in any order.
        for (int i = first; i < scalars.Count; i++)
            scalars[i] = scalars[i] with { Step = step, WallTime = wallTime };
        return step;
    }

    private void Summary(ReadOnlySpan<byte> bytes, List<ScalarEvent> scalars)
    {
        var summary = new WireReader(bytes);
        while (summary.Next(out int field, out _, out ReadOnlySpan<byte> content))
        {
            if (field == 1 && Value(content) is ScalarEvent scalar)
                scalars.Add(scalar);
        }
    }

    private ScalarEvent? Value(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> tag = default, tensor = default;
        float? simple = null;
        bool isTensor = false, isScalar = true;
        var reader = new WireReader(bytes);
        while (reader.Next(out int field, out ulong number, out ReadOnlySpan<byte> content))
        {
            switch (field)
            {
                case 1:
                    tag = content;
                    break;
                case 2:
                    simple = BitConverter.UInt32BitsToSingle((uint)number);
                    break;
                case 8:
                    tensor = content;
                    isTensor = true;
                    break;
                case 9:
                    isScalar = IsOfScalars(content);
                    break;
            }
        }
        if (simple is null && isTensor && isScalar)
            simple = (float?)TensorScalar.Read(tensor);
        return simple is float value ? new ScalarEvent(Name(tag), 0, value, 0) : null;
    }

    // A histogram of one bucket is a tensor of one number too; its plugin tells it from a scalar. Where no plugin is named, the number decides.
    private static bool IsOfScalars(ReadOnlySpan<byte> metadata)
    {
        var reader = new WireReader(metadata);
        while (reader.Next(out int field, out _, out ReadOnlySpan<byte> data))
        {
            var plugin = new WireReader(data);
            while (field == 1 && plugin.Next(out int inner, out _, out ReadOnlySpan<byte> name))
            {
                if (inner == 1)
                    return name.IsEmpty || name.SequenceEqual("scalars"u8);
            }
        }
        return true;
    }

    private string Name(ReadOnlySpan<byte> tag)
    {
        if (tag.Length > 1024)
            return Encoding.UTF8.GetString(tag);
        Span<char> text = stackalloc char[1024];
        ReadOnlySpan<char> name = text[..Encoding.UTF8.GetChars(tag, text)];
        if (!tags.TryGetValue(name, out string? known))
            tags[name] = known = name.ToString();
        return known;
    }
}
