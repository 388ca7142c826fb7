using System.Text;

namespace Sightline.Diagnosis;

/// <summary>Makes JSON of what Python writes for numbers that JSON lacks: <c>NaN</c>, <c>Infinity</c>, <c>-Infinity</c> become texts.</summary>
internal static class JsonTokens
{
    internal static byte[] Quoted(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.AsSpan().IndexOf("NaN"u8) < 0 && bytes.AsSpan().IndexOf("Infinity"u8) < 0)
            return bytes;
        var quoted = new List<byte>(bytes.Length + 64);
        bool inText = false;
        for (int i = 0; i < bytes.Length; i++)
        {
            int word = inText ? 0 : Word(bytes.AsSpan(i));
            if (word > 0)
            {
                quoted.Add((byte)'"');
                quoted.AddRange(bytes.AsSpan(i, word));
                quoted.Add((byte)'"');
                i += word - 1;
                continue;
            }
            quoted.Add(bytes[i]);
            if (inText && bytes[i] == '\\' && i + 1 < bytes.Length)
                quoted.Add(bytes[++i]);
            else if (bytes[i] == '"')
                inText = !inText;
        }
        return [.. quoted];
    }

    private static int Word(ReadOnlySpan<byte> rest) =>
        rest.StartsWith("NaN"u8) ? 3 : rest.StartsWith("Infinity"u8) ? 8 : rest.StartsWith("-Infinity"u8) ? 9 : 0;
}
